/* Postgres: the order of things, and coordinators that do not do what they are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
test_upgrade(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.strict = true;
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_changes("create leases\npause\nimages\nevict my-db-2\nevict my-db-0\n"
                "checkpoint my-db-1\ntransfer my-db-0\nevict my-db-1\nversion\n"
                "resume\ndelete leases\n");
    fix_is_at("15.20");
    assert_int_equal(world.lead, 0);
    fix_end();
}

static void
check_not_handed_over(const char *why)
{
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_told(why);
    assert_int_equal(world.lead, 1);
    fix_is_at("15.20");
    fix_end();
}

/* The primary's pod goes all the same, and leads on when it is back. */
static void
test_refused(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.coordinator = COORDINATOR_REFUSES;
    check_not_handed_over("the coordinator of my-db-1 answers POST /transfer with 500: "
                          "not a leader");
    world_new_of("postgres", 3, "15.18", "petsets");
    world.coordinator = COORDINATOR_SILENT;
    check_not_handed_over("the coordinator of my-db-1: no answer on port 2379");
    world_new_of("postgres", 3, "15.18", "petsets");
    world.refuse_handover = true;
    check_not_handed_over("must be superuser to do CHECKPOINT");
}

/* They say yes, and nothing follows: the primary stays what it is. */
static void
test_deaf(void **state)
{
    long long since = double_now;

    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.coordinator = COORDINATOR_DEAF;
    fix_expect(flow_run_to("15.20"), EXIT_TIME);
    fix_error("timed out after 1m00s waiting for another member to become primary");
    assert_false(fix_changed("evict my-db-1"));
    assert_true(double_now - since < 5 * 60 * 1000);
    world.coordinator = COORDINATOR_WELL;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("15.20");
    fix_end();
}

/* A container that runs on while its server ends again and again. */
static void
run_unready(void)
{
    pods_status(2, false, json_pack("{s:{}}", "running"), NULL, 0);
}

#define FIVE(line) line line line line line

static void
test_server_loops(void **state)
{
    struct upgrade_request rq;

    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.start_ms = 60000;
    rq = fix_request("15.20");
    rq.limits.pod_timeout_ms = 120000;
    world.log_text =
        FIVE("10:00 FATAL:  could not access file \"timescaledb\"\nLOG:  off\n");
    world_deed("evict my-db-2", 5000, run_unready);
    fix_expect(flow_run(&rq), EXIT_WALKED_BACK);
    fix_error(
        "my-db-2: its server repeatedly failed to start: FATAL:  could not access file");
    fix_error("last log: 10:00 FATAL:  could not access file \"timescaledb\"");
    assert_null(strstr(strstr(told.err.detail, "timescaledb") + 1, "timescaledb"));
    fix_is_at("15.18");
    fix_end();

    /* Not so if it may be on its way. */
    world_new_of("postgres", 3, "15.18", "petsets");
    world.start_ms = 1000000;
    world.log_text = FIVE("10:00 FATAL:  the database system is starting up\n");
    world_deed("evict my-db-2", 5000, run_unready);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("its log: FATAL:  the database system is starting up");
    fix_end();
}

/* The old primary's server does not come back as a standby: its pod's restart mends it.
 */
static void
test_old_stays_down(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.old_stays_down = true;
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    assert_int_equal(world.lead, 0);
    fix_is_at("15.20");
    fix_end();
}

/* A standby that does not find the new primary holds the last restart back. */
static void
lose_standby(void)
{
    world.servers[2].stuck = true;
}

static void
test_standby_lost(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    rq = fix_request("15.20");
    world_deed("transfer my-db-0", 0, lose_standby);
    rq.limits.pod_timeout_ms = 60 * 1000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("my-db-2 is RECOVERING; expected: all other members ready and online");
    assert_false(fix_changed("evict my-db-1"));
    world.servers[2].stuck = false;
    world_wait(5000);
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("15.20");
    fix_end();
}

static void
test_standalone(void **state)
{
    (void)state;
    world_new_of("postgres", 1, "15.18", "petsets");
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_changes("create leases\npause\nimages\nevict my-db-0\nversion\nresume\n"
                "delete leases\n");
    fix_is_at("15.20");
    fix_end();
}

/* All members are upgraded and another one leads: it hands the lead over once more. */
static void
test_abort(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    (void)world_rule((struct rule){ .what = "version", .status = 403 });
    fix_expect(flow_run_to("15.20"), EXIT_INCOMPLETE);
    world.n_rules = 0;
    buf_reset(&world.log);
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_changes("replace leases\nimages\nevict my-db-2\nevict my-db-1\n"
                "checkpoint my-db-0\ntransfer my-db-1\nevict my-db-0\nresume\n"
                "delete leases\n");
    fix_is_at("15.18");
    fix_end();
}

static void
test_rescue(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.bad_image = "r.example/postgres:15.20";
    fix_expect(flow_run_to("15.20"), EXIT_WALKED_BACK);
    fix_error("POD_IMAGE_PULL");
    assert_int_equal(world.lead, 1);
    fix_is_at("15.18");
    fix_end();
}

/* -- members that are not in the set -- */

/* Fields that stay when there are none any more. */
static void
test_others(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world_change("postgreses", WORLD_DB, "spec.readReplicas", json_array());
    world_change("postgreses", WORLD_DB, "spec.arbiter", json_object());
    world_wait(2000);
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_is_at("15.20");
    fix_end();
}

/* A server whose settings are not the session's is not even asked. */
static void
test_unpinned(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.unpinned = "726f6c653d626f62";
    (void)flow_run_to("15.20");
    fix_error("could not set the session's settings: role=bob");
    assert_false(fix_changed("images"));
    world.unpinned = "no hex";
    (void)flow_run_to("15.20");
    fix_error("could not set the session's settings: the server did not list them");
    world.unpinned = NULL;
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_end();
}

/* A database that is not safe to ask keeps nobody from an upgrade: it is not asked. */
static void
test_unpinned_database(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.unpinned_in = "726f6c653d626f62";
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_is_at("15.20");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade),        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_deaf),           cmocka_unit_test(test_server_loops),
        cmocka_unit_test(test_old_stays_down), cmocka_unit_test(test_standby_lost),
        cmocka_unit_test(test_standalone),     cmocka_unit_test(test_abort),
        cmocka_unit_test(test_rescue),         cmocka_unit_test(test_others),
        cmocka_unit_test(test_unpinned),       cmocka_unit_test(test_unpinned_database),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
