/* MySQLs that follow a source elsewhere: it must answer, be no newer, and be caught up
 * with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

#define REMOTE \
    "{'mode': 'RemoteReplica', 'remoteReplica': {'sourceRef': {'name': 'src'}}}"
#define BEGIN "create leases\npause\nimages\n"
#define END   "version\nresume\ndelete leases\n"

static void
world_new_remote(size_t members)
{
    world_new_with("mysql", (struct fix_size){ .members = members, .topology = REMOTE },
                   "8.4.7", "petsets");
}

static void
test_upgrade(void **state)
{
    (void)state;
    world_new_remote(1);
    world.strict = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes(BEGIN "evict my-db-0\n" END);
    fix_told("check database.topology warning: remote replica: KubeDB's webhook rejects");
    fix_told("check source.reached ok: AppBinding src at source.other.svc:3306, MySQL "
             "8.4.7; my-db-0 lacks 0 transactions of it");
    fix_told("check source.version ok: 8.4.8 can follow a source of 8.4.7");
    fix_told("check health.members ok: 1/1 REPLICATING");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_several(void **state)
{
    (void)state;
    world_new_remote(3);
    world.strict = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes(BEGIN "evict my-db-2\nevict my-db-1\nevict my-db-0\n" END);
    fix_is_at("8.4.8");
    fix_end();
}

static void
purge(void)
{
    world.source.purged = world.source.executed + 100;
    world.source.executed += 200;
    world.source.slow = true;
}

/* What its source has purged nobody gives a replica: before anything is changed, and
 * before each one goes. */
static void
test_purged(void **state)
{
    (void)state;
    world_new_remote(2);
    purge();
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("source.reached: AppBinding src at source.other.svc:3306 has purged 100 "
              "transactions that my-db-");
    fix_changes("");
    fix_end();
    world_new_remote(2);
    world_deed("evict my-db-1", 3000, purge);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error(" transactions that it lacks: it cannot catch up");
    assert_false(fix_changed("evict my-db-0"));
    fix_end();
}

/* ... or will while it is away. */
static void
test_age(void **state)
{
    (void)state;
    world_new_remote(1);
    world.source.age_s = 60;
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("source.reached: AppBinding src at source.other.svc:3306 keeps binary logs "
              "for 1m00s only");
    fix_changes("");
    world.source.age_s = 3600;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_end();
}

static void
test_source_down(void **state)
{
    (void)state;
    world_new_remote(1);
    world.source.down = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error(
        "source.reached: my-db-0: its upstream (AppBinding src at source.other.svc:3306) "
        "does not answer: ERROR 2003 (HY000): Can't connect");
    fix_error("health.members: my-db-0 is CONNECTING: Error connecting to source");
    fix_changes("");
    fix_end();
}

/* It follows well, and the source lets nobody ask: told. What it had itself counts. */
static void
test_source_refuses(void **state)
{
    (void)state;
    world_new_remote(1);
    world.source.refuses = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check source.reached warning: my-db-0: its upstream (AppBinding src at "
             "source.other.svc:3306) cannot be queried: ERROR 1045");
    fix_told("my-db-0: its upstream server cannot be queried: ERROR 1045");
    fix_is_at("8.4.8");
    fix_end();
}

static void
check_version(const char *source, const char *why)
{
    struct upgrade_request rq = { 0 };

    world_new_remote(1);
    str_copy(world.source.version, sizeof world.source.version, source);
    if (why == NULL) {
        fix_expect(flow_run_to("8.4.8"), EXIT_OK);
        return;
    }
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error(why);
    fix_changes("");
    rq = fix_request("8.4.8");
    rq.checks.force = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_end();
}

static void
test_source_version(void **state)
{
    (void)state;
    check_version("8.0.44", NULL);
    check_version("8.4.9", NULL); /* within a series either way */
    check_version("9.7.4", "source.version: 8.4.8 cannot follow a source of 9.7.4: a "
                           "replica must not be older than its source");
    check_version(
        "5.7.44",
        "source.version: 8.4.8 cannot follow a source of 5.7.44: upgrade to 8.0 first");
}

static void
lose_source(void)
{
    world.source.down = true;
}

/* The source goes while the replica is away: it is waited for, and told. */
static void
test_source_lost(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_remote(1);
    rq = fix_request("8.4.8");
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-0", 0, lose_source);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("source.other.svc:3306: ERROR 2003");
    world.source.down = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* It goes before the next replica: that one stays. */
static void
test_source_lost_between(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_remote(2);
    rq = fix_request("8.4.8");
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-1", 0, lose_source);
    fix_expect(flow_run(&rq), EXIT_TIME);
    assert_false(fix_changed("evict my-db-0"));
    fix_end();
}

static void
fall_behind(void)
{
    world.source.slow = true;
    world.source.executed += 1000;
}

/* It replicates, and does not get what the source had: no gate is passed by its state
 * alone. */
static void
test_behind(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_remote(1);
    rq = fix_request("8.4.8");
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-0", 0, fall_behind);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("behind");
    world.source.slow = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
flow_again(void)
{
    world.source.slow = false;
}

/* How far it is behind is told. */
static void
test_lag(void **state)
{
    (void)state;
    world_new_remote(1);
    fall_behind();
    world_deed("evict my-db-0", 0, flow_again);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("my-db-0 lacks 10"); /* thousand and some */
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_torture(void **state)
{
    struct torture t = { .engine = "mysql",
                         .topology = REMOTE,
                         .members = 2,
                         .from = "8.4.7",
                         .to = "8.4.8" };

    (void)state;
    torture_row(&t, WAYS_HARD);
    t.stop = "evict my-db-0";
    torture_row(&t, WAYS_HARD);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_purged),
        cmocka_unit_test(test_age),
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_source_down),
        cmocka_unit_test(test_source_refuses),
        cmocka_unit_test(test_source_version),
        cmocka_unit_test(test_source_lost),
        cmocka_unit_test(test_source_lost_between),
        cmocka_unit_test(test_behind),
        cmocka_unit_test(test_lag),
        cmocka_unit_test(test_torture),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("flow_remote", tests, NULL, NULL);
}
