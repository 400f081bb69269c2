/* Members that do not go, do not come, or do not come as they should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* -- evictions -- */

/* A disruption budget says no for a while. */
static void
test_budget(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "evict", .times = 7, .status = 429 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_budget_for_ever(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.limits.pod_timeout_ms = 60000;
    (void)world_rule((struct rule){ .what = "evict", .status = 429 });
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("my-db-2: timed out after 1m00s waiting for the old pod to be deleted");
    fix_error("HTTP 429");
    fix_changes("create leases\npause\nimages\nrelease\n");
    fix_end();
}

/* Somebody else restarts the pod that is next. */
static void
restart_first(void)
{
    pods_delete(2);
}

static void
restart_and_forget(void)
{
    if (world.servers[2].gone_at == 0) {
        pods_delete(2);
    }
    double_now += 2500;
    pods_pass();
}

static void
test_restarted_by_another(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "evict my-db-2", .times = 1, .act = restart_first });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_false(fix_changed("evict my-db-2"));
    fix_is_at("8.4.8");
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "evict my-db-2", .times = 1, .act = restart_and_forget });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_false(fix_changed("evict my-db-2"));
    fix_is_at("8.4.8");
    fix_end();
}

/* ... or one that is done. */
static void
test_verified_member_restarts(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-0", 9000, restart_first);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* ... or one whose turn has not come: it is down, so that no other goes meanwhile. */
static void
restart_primary(void)
{
    pods_delete(1);
}

static void
test_primary_fails(void **state)
{
    (void)state;
    for (long long ms = 500; ms < 12000; ms += 500) {
        world_new(3);
        world_deed("evict my-db-2", ms, restart_primary);
        fix_expect(flow_run_to("8.4.8"), EXIT_OK);
        fix_is_at("8.4.8");
        fix_end();
    }
}

/* -- new pods -- */

/* A member that cannot start is left as it is. */
static int
run_unrescued(const char *to)
{
    struct upgrade_request rq = fix_request(to);

    rq.no_rescue = true;
    return flow_run(&rq);
}

static void
test_image_pull(void **state)
{
    (void)state;
    world_new(3);
    world.bad_image = "r.example/mysql:8.4.8";
    fix_expect(run_unrescued("8.4.8"), EXIT_INCOMPLETE);
    fix_error("POD_IMAGE_PULL");
    fix_error("my-db-2: container mysql: ImagePullBackOff");
    fix_error("members: my-db-0 ONLINE SECONDARY 8.4.7, my-db-1 ONLINE PRIMARY 8.4.7");
    assert_false(fix_changed("evict my-db-0"));
    /* Somebody pushes the image. */
    world.bad_image = NULL;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_told("note recreating failing pod my-db-2 (container mysql: ImagePullBackOff");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_crash_loop(void **state)
{
    (void)state;
    world_new(3);
    world.strict = true;
    world.servers[2].crashes = true;
    fix_expect(run_unrescued("8.4.8"), EXIT_INCOMPLETE);
    fix_error("POD_CRASHLOOP");
    fix_error("CrashLoopBackOff (exit 1, 3 restarts)");
    fix_error("last log: [ERROR] unknown variable 'x'");
    fix_error("members: my-db-0 ONLINE");
    /* It is as bad as before: started afresh once, and then it is said. */
    fix_expect(run_unrescued(NULL), EXIT_INCOMPLETE);
    fix_told("recreating failing pod");
    fix_error("POD_CRASHLOOP");
    world.servers[2].crashes = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* The others are asked for the error's detail; one of them does not answer. */
static void
test_crash_loop_and_silence(void **state)
{
    (void)state;
    world_new(3);
    world.servers[2].crashes = true;
    (void)world_rule((struct rule){ .what = "raw log", .status = 403 });
    (void)world_rule((struct rule){ .what = "sql my-db-0 member", .after = 4 });
    fix_expect(run_unrescued("8.4.8"), EXIT_INCOMPLETE);
    fix_error("my-db-0 does not answer");
    assert_null(strstr(told.err.detail, "last log"));
    fix_end();
}

static void
test_pod_timeout(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world.start_ms = 1000000;
    rq.limits.pod_timeout_ms = 30000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("my-db-2: timed out after 30s waiting for the new pod to be ready");
    fix_error("TIMEOUT");
    fix_end();
}

/* A server that runs and waits for something says so in its log only. */
static void
run_unready(void)
{
    pods_status(2, false, json_pack("{s:{}}", "running"), NULL, 0);
}

static void
test_silent_server(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world.start_ms = 1000000;
    world.log_text = "[Note] hello\n[ERROR] Disk is full\n[Note] retry in 60 s\n";
    rq.limits.pod_timeout_ms = 90000;
    world_deed("evict my-db-2", 5000, run_unready);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("not ready 0/3; its log: [ERROR] Disk is full; expected");
    fix_error("last log: [ERROR] Disk is full");
    assert_null(strstr(told.err.detail, "retry in 60 s"));
    fix_error("members: my-db-0 ONLINE");
    fix_end();
}

/* While a member is away one before it breaks, with images that nobody wants: the set's
 * controller makes the first only when the other is well. */
static void
break_first(void)
{
    json_t *pod = world_edit("pods", "my-db-0");

    (void)json_object_set_new(
        json_array_find(json_path(pod, "spec.containers"), "name", "mysql", NULL),
        "image", json_string("r.example/none:1"));
    world_put("pods", pod);
    servers_stop(0);
    pods_status(0, false, json_pack("{s:{s:s}}", "waiting", "reason", "ImagePullBackOff"),
                NULL, 0);
}

static void
test_broken_before_absent(void **state)
{
    (void)state;
    world_new(3);
    world.ordered = true;
    world_deed("evict my-db-2", 100, break_first);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("my-db-2 is not created until my-db-0 is healthy");
    fix_is_at("8.4.8");
    buf_reset(&world.violations); /* two were down, by somebody else's doing */
    fix_end();
}

static void
test_timeout(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.limits.timeout_ms = 15000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("the run exceeded --timeout 15s");
    rq.limits.timeout_ms = 1;
    world_new(3);
    fix_expect(flow_run(&rq), EXIT_ERROR); /* nothing was changed yet */
    fix_changes("create leases\ndelete leases\n");
    fix_end();
}

/* -- gates -- */

static void
test_gate_version(void **state)
{
    (void)state;
    world_new(3);
    world.lie = "8.4.6";
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("my-db-2 did not pass gate server version: 8.4.6; expected: 8.4.8");
    fix_error("GATE_VERSION");
    fix_error("members: ");
    fix_told("gate my-db-2 version failed\n");
    assert_false(fix_changed("evict my-db-0"));
    world_new(3);
    world.lie = "5.5.5";
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("my-db-2: server version 5.5.5 is too old to be queried");
    fix_end();
}

static void
test_gate_member_is_waited_for(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world.servers[2].stuck = true;
    rq.limits.pod_timeout_ms = 120000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("RECOVERING");
    assert_true(told.waits > 100);
    assert_false(fix_changed("evict my-db-0"));
    world.servers[2].stuck = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
grow(void)
{
    world.servers[2].bytes = 0;
}

static void
shrink(void)
{
    world.servers[2].bytes = 1LL << 30;
}

static void
test_gate_size(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.limits.pod_timeout_ms = 60000;
    world_deed("evict my-db-2", 100, shrink);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("1.0 GiB (-90.0%)");
    assert_false(fix_changed("evict my-db-0"));
    /* The journal remembers how much there was. */
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("1.0 GiB (-90.0%)");
    /* It is as large as wanted, if one says so. */
    rq.limits.size_tolerance = 95;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    world_new(3);
    rq.limits.size_tolerance = -1;
    world_deed("evict my-db-2", 100, shrink);
    (void)world_rule(
        (struct rule){ .what = "sql my-db-2 measures", .after = 20, .act = grow });
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* A secondary that cannot apply what the primary sends. */
static void
test_primary_waits_for_lag(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.limits.pod_timeout_ms = 60000;
    world.lag = 100000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    assert_false(fix_changed("evict my-db-1"));
    world.lag = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_budget_for_ever),
        cmocka_unit_test(test_restarted_by_another),
        cmocka_unit_test(test_verified_member_restarts),
        cmocka_unit_test(test_primary_fails),
        cmocka_unit_test(test_image_pull),
        cmocka_unit_test(test_crash_loop),
        cmocka_unit_test(test_crash_loop_and_silence),
        cmocka_unit_test(test_pod_timeout),
        cmocka_unit_test(test_silent_server),
        cmocka_unit_test(test_broken_before_absent),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_gate_version),
        cmocka_unit_test(test_gate_member_is_waited_for),
        cmocka_unit_test(test_gate_size),
        cmocka_unit_test(test_primary_waits_for_lag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
