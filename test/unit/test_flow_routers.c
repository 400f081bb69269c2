/* What others do to an InnoDB cluster's routers, and routers that are not well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_innodb.h"

static void
scale_up(void)
{
    world_change(world_sets(), WORLD_ROUTER, "spec.replicas", json_integer(3));
    world.routers.n = 3;
    routers_create(2);
}

static void
scale_down(void)
{
    char name[64];

    world_change(world_sets(), WORLD_ROUTER, "spec.replicas", json_integer(1));
    world_remove("pods", routers_name(1, name, sizeof name));
    world.routers.n = 1;
}

/* They hold nothing: there may be as many of them as one likes. */
static void
test_scaled_meanwhile(void **state)
{
    (void)state;
    world_new_innodb();
    world_deed("evict my-db-router-0", 500, scale_down);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes("create leases\npause\nimages\nimages\nevict my-db-router-0\n"
                "evict my-db-2\nevict my-db-0\nleave-group my-db-1\nevict "
                "my-db-1\nversion\nresume\ndelete leases\n");
    assert_routers_at("8.4.8");
    fix_end();
    world_new_innodb();
    world_deed("evict my-db-2", 500, scale_up);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_routers_at("8.4.8");
    fix_end();
}

/* As many as none. */
static void
test_scaled_to_none(void **state)
{
    char name[64];

    (void)state;
    world_new_innodb();
    for (size_t i = 0; i < 2; i++) {
        world_remove("pods", routers_name(i, name, sizeof name));
    }
    world_change(world_sets(), WORLD_ROUTER, "spec.replicas", json_integer(0));
    world.routers.n = 0;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check front.leads warning: my-db-router is scaled to no pods");
    fix_is_at("8.4.8");
    fix_end();
}

static void
lose_routers(void)
{
    char name[64];

    for (size_t i = 0; i < world.routers.n; i++) {
        world_remove("pods", routers_name(i, name, sizeof name));
    }
    world_remove(world_sets(), WORLD_ROUTER);
    world.routers.n = 0;
}

/* Nobody makes their set anew while the operator is paused. */
static void
test_set_that_is_deleted(void **state)
{
    (void)state;
    world_new_innodb();
    world_deed("evict my-db-router-0", 500, lose_routers);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("workload my-db-router was deleted during the run");
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    fix_end();
    world_new_innodb();
    world_deed("evict my-db-2", 500, lose_routers);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("workload my-db-router was deleted during the run");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check front.leads warning: no workload of routers found");
    fix_is_at("8.4.8");
    fix_end();
}

static void
take_images_back(void)
{
    json_t *set = world_edit(world_sets(), WORLD_ROUTER);

    world_set_path(json_array_get(json_path(set, "spec.template.spec.containers"), 0),
                   "image",
                   json_string(json_path_str(world_find("mysqlversions", "8.4.7"),
                                             "spec.router.image")));
    world_put(world_sets(), set);
}

static void
take_router_back(void)
{
    char name[64];

    take_images_back();
    world_remove("pods", routers_name(1, name, sizeof name));
    routers_create(1);
}

/* What the set's pods would be made after is looked at as long as the run lasts. */
static void
test_images_taken_back(void **state)
{
    (void)state;
    world_new_innodb();
    world_deed("evict my-db-router-0", 500, take_images_back);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_routers_at("8.4.8");
    fix_end();
    world_new_innodb();
    world_deed("evict my-db-2", 500, take_images_back);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("reverted by another client (mysql-router has ");
    fix_is_at("8.4.8");
    fix_end();
    world_new_innodb();
    world_deed("evict my-db-2", 500, take_router_back);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("my-db-router-1 was recreated with other images");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_routers_at("8.4.8");
    fix_end();
}

/* One that serves nobody is made anew first, so that the other takes the clients. */
static void
test_broken_before(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_innodb();
    world.strict = true;
    rq = fix_request("8.4.8");
    routers_status(1, false);
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("front.leads: my-db-router-1 does not route to a primary that accepts "
              "writes, but to no server: ERROR 2003");
    rq.checks.force = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_changes("create leases\npause\nimages\nimages\nevict my-db-router-1\n"
                "evict my-db-router-0\nevict my-db-2\nevict my-db-0\nleave-group "
                "my-db-1\nevict my-db-1\nversion\nresume\ndelete leases\n");
    assert_routers_at("8.4.8");
    fix_end();
}

/* The pod in which a client is run may go just then. */
static void
test_asked_from_another(void **state)
{
    (void)state;
    world_new_innodb();
    (void)world_rule((struct rule){
        .what = "router 10.0.1.0", .how = RULE_FAIL, .status = 404, .times = 1 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check front.leads ok: 2 of 2 routers route to the primary, my-db-1");
    fix_end();
}

/* What the members' version is says nothing of the routers'. */
static void
test_routers_alone(void **state)
{
    (void)state;
    world_new_innodb();
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    take_router_back();
    routers_status(1, true);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_routers_at("8.4.8");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("my-db is already at 8.4.8");
    fix_end();
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scaled_meanwhile),
        cmocka_unit_test(test_scaled_to_none),
        cmocka_unit_test(test_set_that_is_deleted),
        cmocka_unit_test(test_images_taken_back),
        cmocka_unit_test(test_broken_before),
        cmocka_unit_test(test_asked_from_another),
        cmocka_unit_test(test_routers_alone),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("flow_routers", tests, NULL, NULL);
}
