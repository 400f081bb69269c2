/* Upgrades of an InnoDB cluster: its routers, and then its members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_innodb.h"
#include "double_torture.h"
#include "upgrade/status.h"

/* The routers come first: a newer one knows older servers. */
static void
test_upgrade(void **state)
{
    (void)state;
    world_new_innodb();
    world.strict = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes("create leases\npause\nimages\nimages\n" ROUTERS
                "evict my-db-2\nevict my-db-0\nleave-group my-db-1\nevict "
                "my-db-1\nversion\nresume\ndelete leases\n");
    fix_told(
        "check workload.found ok: PetSet my-db, 3 replicas; routers: my-db-router, 2");
    fix_told("check front.leads ok: 2 of 2 routers route to the primary, my-db-1");
    fix_told("is 8.4.8, verified: 3 members, 2 routers in ");
    fix_is_at("8.4.8");
    assert_routers_at("8.4.8");
    fix_end();
}

static void
test_walk_back(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_innodb();
    rq = fix_request("8.4.8");
    (void)world_rule(
        (struct rule){ .what = "evict my-db-0", .how = RULE_FAIL, .status = 403 });
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    assert_routers_at("8.4.8");
    world.n_rules = 0;
    rq = fix_request(NULL);
    rq.abort = true;
    fix_expect(flow_run(&rq), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    assert_routers_at("8.4.7");
    fix_end();
}

/* Clients would be led astray before as after. */
static void
test_leads_astray(void **state)
{
    (void)state;
    world_new_innodb();
    world.routers.leads = 1;
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("front.leads: my-db-router-0 does not route to a primary that accepts "
              "writes, but to my-db-0, which accepts no writes");
    fix_changes("");
    fix_end();
}

static void
lead_astray(void)
{
    world.routers.leads = 1;
}

/* One that comes back and does not lead to the primary: the next one does not go. */
static void
test_does_not_come_back(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_innodb();
    world_deed("evict my-db-router-0", 500, lead_astray);
    rq = fix_request("8.4.8");
    rq.limits.pod_timeout_ms = 60 * 1000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_changes("create leases\npause\nimages\nimages\nevict my-db-router-0\nrelease\n");
    world.routers.leads = 0;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    assert_routers_at("8.4.8");
    fix_end();
}

/* Clients that lose their way after the first member: the next one does not go. */
static void
test_astray_meanwhile(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_innodb();
    world_deed("evict my-db-2", 500, lead_astray);
    rq = fix_request("8.4.8");
    rq.limits.pod_timeout_ms = 60 * 1000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("my-db-router-0 routes to my-db-0");
    fix_changes("create leases\npause\nimages\nimages\n" ROUTERS "evict my-db-2\n"
                "release\n");
    world.routers.leads = 0;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
lead_to_the_last(void)
{
    world.routers.leads = 3;
}

/* Nor is it ended before they find it again. */
static void
test_astray_at_the_end(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_innodb();
    world_deed("evict my-db-1", 500, lead_to_the_last);
    rq = fix_request("8.4.8");
    rq.limits.pod_timeout_ms = 60 * 1000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("my-db-router-0 routes to my-db-2");
    world.routers.leads = 0;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* No member has gone yet, so that all goes back at once. */
static void
test_image_that_is_missing(void **state)
{
    (void)state;
    world_new_innodb();
    world.routers.bad_tag = "8.4.8";
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    fix_told("my-db-router-0: container mysql-router: ImagePullBackOff; rolling back to "
             "the previous images");
    fix_is_at("8.4.7");
    assert_routers_at("8.4.7");
    fix_end();
}

/* One that is left is started afresh when somebody goes on. */
static void
test_left_and_resumed(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_innodb();
    world.routers.bad_tag = "8.4.8";
    rq = fix_request("8.4.8");
    rq.no_rescue = true;
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    fix_changes("create leases\npause\nimages\nimages\nevict my-db-router-0\nrelease\n");
    world.routers.bad_tag = NULL;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("recreating failing pod");
    fix_is_at("8.4.8");
    assert_routers_at("8.4.8");
    fix_end();
}

/* All that keeps one from going is said before the first goes. */
static void
test_set_in_the_way(void **state)
{
    (void)state;
    world_new_innodb();
    world_change(world_sets(), WORLD_ROUTER, "spec.updateStrategy.type",
                 json_string("RollingUpdate"));
    world_put(
        "poddisruptionbudgets",
        world_json("{'metadata': {'name': 'routers'}, 'spec': {'maxUnavailable': 0, "
                   "'selector': {'matchLabels': {'mysql.kubedb.com/component': "
                   "'router'}}}}"));
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_told("the update strategy of PetSet my-db-router is RollingUpdate: it will be");
    fix_error("pdb: my-db-router-0 cannot be evicted: PodDisruptionBudget routers");
    fix_changes("");
    fix_end();
}

static void
test_image_that_is_not_named(void **state)
{
    (void)state;
    world_new_innodb();
    world_change("mysqlversions", "8.4.8", "spec.router.image", json_string(""));
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("version 8.4.8 defines no image for container mysql-router (router.image)");
    fix_changes("");
    fix_end();
}

/* While a member gets its old images back the routers keep their new ones. */
static void
test_member_that_cannot_start(void **state)
{
    (void)state;
    world_new_innodb();
    world.bad_image = "r.example/mysql:8.4.8";
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    fix_changes("create leases\npause\nimages\nimages\n" ROUTERS
                "evict my-db-2\nimages\nevict my-db-2\nimages\n" ROUTERS
                "resume\ndelete leases\n");
    assert_routers_at("8.4.7");
    fix_end();
}

/* Who asks how it stands sees them too. */
static void
test_status(void **state)
{
    struct err e = { 0 };
    auto_kube struct kube *k = NULL;
    auto_status struct status_list list = { 0 };

    (void)state;
    world_new_innodb();
    (void)world_rule((struct rule){ .what = "evict my-db-router-1", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_told("pod my-db-router-1 waiting");
    k = kube_new(NULL, &e);
    assert_int_equal(status_read(&(struct status_query){ .engine = world_engine(),
                                                         .name_space = WORLD_NS,
                                                         .name = WORLD_DB },
                                 k, &list, &e),
                     0);
    assert_int_equal(list.at[0].n_members, 5);
    assert_string_equal(list.at[0].members[3].name, "my-db-router-0");
    assert_string_equal(list.at[0].members[3].role, "router");
    assert_int_equal(list.at[0].members[3].images, STATUS_NEW);
    assert_int_equal(list.at[0].members[4].images, STATUS_OLD);
    fix_end();
}

static void
test_no_routers(void **state)
{
    (void)state;
    world_new_with("mysql", (struct fix_size){ .members = 3, .topology = CLUSTER },
                   "8.4.7", "petsets");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check front.leads warning: no workload of routers found");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_torture(void **state)
{
    struct torture t = { .engine = "mysql",
                         .topology = CLUSTER,
                         .members = 3,
                         .from = "8.4.7",
                         .to = "8.4.8",
                         .routers = 2 };

    (void)state;
    torture_row(&t, WAYS_HARD);
    t.stop = "evict my-db-0";
    torture_row(&t, WAYS_HARD);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_walk_back),
        cmocka_unit_test(test_leads_astray),
        cmocka_unit_test(test_does_not_come_back),
        cmocka_unit_test(test_astray_meanwhile),
        cmocka_unit_test(test_astray_at_the_end),
        cmocka_unit_test(test_image_that_is_missing),
        cmocka_unit_test(test_left_and_resumed),
        cmocka_unit_test(test_set_in_the_way),
        cmocka_unit_test(test_image_that_is_not_named),
        cmocka_unit_test(test_member_that_cannot_start),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_no_routers),
        cmocka_unit_test(test_torture),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("flow_innodb", tests, NULL, NULL);
}
