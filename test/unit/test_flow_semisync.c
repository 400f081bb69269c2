/* A MySQL source with replicas that acknowledge: replicas, hand-over, the old source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

#define SEMI "{'mode': 'SemiSync', 'semiSync': {'sourceWaitForReplicaCount': 1}}"
#define ROLL "create leases\npause\nimages\nevict my-db-2\nevict my-db-0\n"
#define END  "evict my-db-1\nversion\nresume\ndelete leases\n"

static void
world_new_semi(size_t members)
{
    world_new_with("mysql", (struct fix_size){ .members = members, .topology = SEMI },
                   "8.4.7", "petsets");
}

static void
test_upgrade(void **state)
{
    (void)state;
    world_new_semi(3);
    world.strict = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes(ROLL "transfer my-db-0\n" END);
    fix_told("check health.members ok: a source, 2 replicas that acknowledge");
    fix_told("check health.acks ok: a commit waits for 1 of the 2 replicas; during a "
             "restart there is 1");
    fix_is_at("8.4.8");
    fix_end();
}

/* Nobody hands over: a replica takes over when the source's pod goes. */
static void
check_mood(enum coordinator_mood mood)
{
    world_new_semi(3);
    world.coordinator = mood;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes(ROLL END);
    fix_told("switch to an upgraded replica first was refused");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_no_handover(void **state)
{
    (void)state;
    check_mood(COORDINATOR_SILENT);
    check_mood(COORDINATOR_REFUSES);
}

static void
test_commits_would_wait(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_semi(2);
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("health.acks: a commit waits for 1 of the 1 replicas; during a restart "
              "there are 0");
    fix_changes("");
    rq = fix_request("8.4.8");
    rq.checks.force = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_no_acknowledgement(void **state)
{
    (void)state;
    world_new_semi(3);
    world.servers[0].mute = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error(
        "health.members: 1 of the replicas acknowledge commits of my-db-1; there are 2");
    fix_changes("");
    fix_end();
}

static void
fall_silent(void)
{
    world.servers[2].mute = true;
}

/* A replica that came back and does not acknowledge: the next one does not go. */
static void
test_acknowledges_no_more(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_semi(3);
    rq = fix_request("8.4.8");
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-2", 0, fall_silent);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("1 of 2 replicas acknowledge");
    assert_false(fix_changed("evict my-db-0"));
    world.servers[2].mute = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* A replica that does not replicate again fails its gate. */
static void
stick(void)
{
    world.servers[2].stuck = true;
}

static void
test_stuck(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_semi(3);
    rq = fix_request("8.4.8");
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-2", 0, stick);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("CONNECTING");
    fix_error("REPLICATING");
    assert_false(fix_changed("evict my-db-0"));
    fix_end();
}

static void
test_torture(void **state)
{
    struct torture t = {
        .engine = "mysql", .topology = SEMI, .members = 3, .from = "8.4.7", .to = "8.4.8"
    };

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
        cmocka_unit_test(test_no_handover),
        cmocka_unit_test(test_commits_would_wait),
        cmocka_unit_test(test_no_acknowledgement),
        cmocka_unit_test(test_acknowledges_no_more),
        cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_torture),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("flow_semisync", tests, NULL, NULL);
}
