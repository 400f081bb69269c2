/* Whether a member of a MySQL or a Postgres gets all data anew: foretold, consented to,
 * watched. A Galera's are in test_flow_transfer.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
world_new_group(void)
{
    world_new(3);
    world.copy.plugin = true;
}

static void
world_new_standbys(void)
{
    world_new_of("postgres", 3, "15.18", "petsets");
}

/* A group's member that clones when it lacks one transaction, and somebody writes. */
static void
test_threshold(void **state)
{
    (void)state;
    world_new_group();
    world.copy.threshold = 1;
    fix_expect(flow_run_to(FIX_TO), EXIT_REFUSED);
    fix_error("health.transfer: my-db-2: clone expected, about 10.0 GiB from my-db-0");
    fix_error("it copies when it lacks 1 transactions");
    fix_error("to allow it: --max-copy 11Gi (--yes does not cover it); to avoid it: SET "
              "PERSIST group_replication_clone_threshold = DEFAULT on it");
    fix_changes("");
    fix_end();
}

/* A standby whose primary keeps a second's WAL. */
static void
test_wal(void **state)
{
    (void)state;
    world_new_standbys();
    world.room = 10000;
    fix_expect(flow_run_to("15.20"), EXIT_REFUSED);
    fix_error("health.transfer: my-db-2: base backup expected, about 10.0 GiB from "
              "my-db-1 (rate not known): the other members keep 1s of WAL; it is away "
              "for about "
              "2m00s");
    fix_error("to avoid it: ALTER SYSTEM SET wal_keep_size");
    fix_changes("");
    fix_end();
}

static int
run_with(const char *to, long long max_copy)
{
    struct upgrade_request rq = fix_request(to);

    rq.limits.max_copy = max_copy;
    return flow_run(&rq);
}

/* With a consent the copy is told before, on the way, and after; the next ones are told
 * with the rate of the first. */
static void
test_consent(void **state)
{
    (void)state;
    world_new_group();
    world.copy.threshold = 1;
    world.wait = "clone from 10.0.0.9:3306: 3.0 GiB of 10.0 GiB (30%), about 2m20s left";
    fix_expect(run_with(FIX_TO, 11LL << 30), EXIT_OK);
    fix_told(
        "my-db-2 leaves: clone expected, about 10.0 GiB from my-db-0 or my-db-1 (rate "
        "not known): it copies when it lacks 1 transactions");
    fix_told("my-db-2 is being re-cloned (clone) from 10.0.0.9:3306");
    assert_true(world.waited > 0);
    fix_told("my-db-2 rejoined by clone from 10.0.0.9:3306, 10.0 GiB in 1m00s");
    fix_told(
        "my-db-0 leaves: clone expected, about 10.0 GiB from my-db-1 or my-db-2 (about "
        "1m00s at 170.7 MiB/s)");
    fix_not_told("was not foretold");
    fix_is_at(FIX_TO);
    fix_end();
}

/* Nobody writes as much as that. */
static void
test_high_threshold(void **state)
{
    (void)state;
    world_new_group();
    world.copy.threshold = 1000000;
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_told(
        "check health.transfer ok: recovery from binary logs expected: it copies when "
        "it lacks 1000000 transactions, and about ");
    fix_not_told("is being re-cloned");
    fix_is_at(FIX_TO);
    fix_end();
}

/* Without the plugin a threshold is none. */
static void
test_no_plugin(void **state)
{
    (void)state;
    world_new_group();
    world.copy.plugin = false;
    world.copy.threshold = 1;
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_told("check health.transfer ok: recovery from binary logs expected: the other "
             "members keep the binary logs that it needs");
    fix_told("my-db-2 leaves: recovery from binary logs expected: ");
    fix_is_at(FIX_TO);
    fix_end();
}

static void
purge(void)
{
    world.copy.purged = 1LL << 40;
}

/* What a member lacks is purged everywhere: with the plugin it is cloned, without it does
 * not come back, and no consent helps. */
static void
test_purged(void **state)
{
    (void)state;
    world_new_group();
    purge();
    fix_expect(flow_run_to(FIX_TO), EXIT_REFUSED);
    fix_error(
        "clone expected, about 10.0 GiB from my-db-0 or my-db-1 (rate not known): the "
        "other members have purged binary logs that it needs");
    fix_changes("");
    world.copy.plugin = false;
    fix_expect(run_with(FIX_TO, 1LL << 60), EXIT_REFUSED);
    fix_error("it cannot come back: the other members have purged binary logs that it "
              "needs; and the clone plugin is not active on my-db-2");
    fix_changes("");
    fix_end();
}

/* Nor where the new server cannot clone from the old ones. */
static void
test_series(void **state)
{
    (void)state;
    world_new_group();
    purge();
    fix_expect(run_with("9.7.4", 1LL << 60), EXIT_REFUSED);
    fix_error("it cannot come back: the other members have purged binary logs that it "
              "needs; and a server of 9.7.4 cannot clone from one of 8.4.7");
    fix_changes("");
    fix_end();
}

/* It turns out on the way: the member is not restarted, and nothing is waited for, since
 * what is purged does not come back. */
static void
test_purged_later(void **state)
{
    (void)state;
    world_new_group();
    world.copy.plugin = false;
    world_deed("evict my-db-2", 0, purge);
    fix_expect(run_with(FIX_TO, 1LL << 60), EXIT_INCOMPLETE);
    fix_error("my-db-0: it cannot come back: the other members have purged");
    fix_error("the member is not restarted");
    assert_false(fix_changed("evict my-db-0"));
    fix_end();
}

/* Logs are removed by age while it is away. */
static void
test_age(void **state)
{
    (void)state;
    world_new_group();
    world.copy.age_s = 60;
    fix_expect(flow_run_to(FIX_TO), EXIT_REFUSED);
    fix_error("the other members keep binary logs for 1m00s; it is away for about 2m00s");
    fix_error("to avoid it: SET PERSIST binlog_expire_logs_seconds");
    fix_changes("");
    world.copy.age_s = 7L * 24 * 3600;
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_end();
}

static void
low_threshold(void)
{
    world.copy.threshold = 1;
}

/* A copy that nobody could foretell is named, and waited for. */
static void
test_unforetold(void **state)
{
    (void)state;
    world_new_group();
    world_deed("evict my-db-2", 0, low_threshold);
    fix_expect(run_with(FIX_TO, 11LL << 30), EXIT_OK);
    fix_told("my-db-2 is being re-cloned (clone) from 10.0.0.9:3306, which was not "
             "foretold");
    fix_told("my-db-2 rejoined by clone");
    fix_is_at(FIX_TO);
    fix_end();
}

/* A replica that acknowledges gets what it lacks of who leads. */
static void
test_semisync(void **state)
{
    (void)state;
    world_new_with("mysql",
                   (struct fix_size){ .members = 3, .topology = "{'mode': 'SemiSync'}" },
                   FIX_FROM, "petsets");
    purge();
    fix_expect(flow_run_to(FIX_TO), EXIT_REFUSED);
    fix_error("it cannot come back: the other members have purged binary logs");
    fix_changes("");
    world.copy.purged = 0;
    fix_expect(flow_run_to(FIX_TO), EXIT_OK);
    fix_told("check health.transfer ok: recovery from binary logs expected");
    fix_told("my-db-2 leaves: recovery from binary logs expected");
    fix_end();
}

/* Enough WAL, and what is told of it. */
static void
test_streaming(void **state)
{
    (void)state;
    world_new_standbys();
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_told("check health.transfer ok: streaming expected: the other members keep ");
    fix_told("my-db-2 leaves: streaming expected: ");
    fix_is_at("15.20");
    fix_end();
}

/* A major upgrade copies the data to all standbys: it is told, and is no question. */
static void
test_planned(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.20", "petsets");
    world.servers[1].whole = world.servers[2].whole = true;
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    fix_told("my-db-2 is being re-cloned (base backup) from my-db-0");
    fix_not_told("was not foretold");
    fix_told("check health.transfer ok: 2 members are re-cloned (base backup), about "
             "10.0 GiB each, as a part of this upgrade");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_consent),
        cmocka_unit_test(test_high_threshold),
        cmocka_unit_test(test_no_plugin),
        cmocka_unit_test(test_purged),
        cmocka_unit_test(test_series),
        cmocka_unit_test(test_purged_later),
        cmocka_unit_test(test_age),
        cmocka_unit_test(test_unforetold),
        cmocka_unit_test(test_semisync),
        cmocka_unit_test(test_wal),
        cmocka_unit_test(test_streaming),
        cmocka_unit_test(test_planned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
