/* A Galera cluster: nodes that are equal, one after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
world_new_galera(size_t members)
{
    world_new_of("perconaxtradb", members, "8.4.3", "petsets");
}

static void
test_upgrade(void **state)
{
    (void)state;
    world_new_galera(3);
    world.strict = true;
    fix_expect(flow_run_to("8.4.5"), EXIT_OK);
    fix_changes("create leases\npause\nimages\nevict my-db-0\nevict my-db-1\n"
                "evict my-db-2\nversion\nresume\ndelete leases\n");
    fix_told("gate my-db-0 queue");
    fix_is_at("8.4.5");
    fix_end();
}

static void
test_major(void **state)
{
    (void)state;
    world_new_of("perconaxtradb", 3, "8.0.40", "petsets");
    fix_expect(flow_run_to("8.4.5"), EXIT_REFUSED);
    fix_error("version.allowed");
    fix_changes("");
    fix_expect(flow_run_to("8.4.3"), EXIT_OK);
    fix_is_at("8.4.3");
    fix_end();
}

static void
test_standalone(void **state)
{
    (void)state;
    world_new_galera(1);
    fix_expect(flow_run_to("8.4.5"), EXIT_OK);
    fix_told("clients are disconnected while it restarts");
    fix_changes("create leases\npause\nimages\nevict my-db-0\nversion\nresume\n"
                "delete leases\n");
    fix_is_at("8.4.5");
    fix_end();
}

/* -- what is wrong before -- */

static void
check_refused(size_t members, void (*spoil)(void), const char *why)
{
    world_new_galera(members);
    spoil();
    fix_expect(flow_run_to("8.4.5"), EXIT_REFUSED);
    fix_error(why);
    fix_changes("");
    fix_end();
}

static void
spoil_donor(void)
{
    world.servers[1].says = "DONOR/DESYNCED";
}

static void
spoil_cut_off(void)
{
    world.servers[2].says = "NON-PRIMARY";
}

static void
spoil_view(void)
{
    world.servers[2].view = 4711;
}

static void
spoil_nothing(void)
{
}

/* A cluster whose object does not say that it is one. */
static void
spoil_replicas(void)
{
    world_change("perconaxtradbs", WORLD_DB, "spec.replicas", json_null());
}

static void
test_refused(void **state)
{
    (void)state;
    check_refused(3, spoil_donor, "health.members: my-db-1 is DONOR/DESYNCED");
    check_refused(3, spoil_cut_off, "health.members: my-db-2 is NON-PRIMARY");
    check_refused(3, spoil_view, "my-db-2 is in another group (" GALERA_HISTORY "/4711)");
    check_refused(3, spoil_replicas, "health.members: 3 pods, but the spec says");
    check_refused(2, spoil_nothing, "health.quorum: 2 nodes, quorum 2");
}

static void
test_two_forced(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_galera(2);
    rq = fix_request("8.4.5");
    rq.checks.force = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.5");
    fix_end();
}

/* -- on the way -- */

static void
fill_queue(void)
{
    world.servers[0].queue = 3;
}

/* The next one does not go before this one has applied all that it received. */
static void
test_queue(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_galera(3);
    rq = fix_request("8.4.5");
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-0", 0, fill_queue);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("queue 3; expected: queue 0");
    assert_false(fix_changed("evict my-db-1"));
    world.servers[0].queue = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.5");
    fix_end();
}

static void
part_views(void)
{
    world.servers[2].view = 4711;
}

/* The others must see one another before the next one goes. */
static void
test_apart(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_galera(3);
    rq = fix_request("8.4.5");
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-0", 0, part_views);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("my-db-2 and my-db-0 see different groups");
    assert_false(fix_changed("evict my-db-1"));
    world.servers[2].view = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.5");
    fix_end();
}

static void
stick(void)
{
    world.servers[0].stuck = true;
}

/* A node that does not come back: the others stay, and serve. */
static void
test_stuck(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_galera(3);
    rq = fix_request("8.4.5");
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-0", 0, stick);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("JOINING: RECEIVING STATE TRANSFER");
    fix_error("members: my-db-1 SYNCED");
    assert_false(fix_changed("evict my-db-1"));
    world.servers[0].stuck = false;
    world_wait(5000);
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.5");
    fix_end();
}

static void
test_rescue(void **state)
{
    (void)state;
    world_new_galera(3);
    world.bad_image = "r.example/perconaxtradb:8.4.5";
    fix_expect(flow_run_to("8.4.5"), EXIT_WALKED_BACK);
    fix_error("POD_IMAGE_PULL");
    fix_is_at("8.4.3");
    fix_end();
}

static void
test_abort(void **state)
{
    (void)state;
    world_new_galera(3);
    (void)world_rule((struct rule){ .what = "evict my-db-2", .status = 403 });
    fix_expect(flow_run_to("8.4.5"), EXIT_INCOMPLETE);
    world.n_rules = 0;
    buf_reset(&world.log);
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_changes("replace leases\nimages\nevict my-db-0\nevict my-db-1\nresume\n"
                "delete leases\n");
    fix_is_at("8.4.3");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade),    cmocka_unit_test(test_major),
        cmocka_unit_test(test_standalone), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_two_forced), cmocka_unit_test(test_queue),
        cmocka_unit_test(test_apart),      cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_rescue),     cmocka_unit_test(test_abort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
