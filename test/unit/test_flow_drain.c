/* Nodes that are drained, and sidecars that are injected, while members restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"
#include "double_storage.h"

static void
put_status(const char *pod, const char *status)
{
    json_t *o = world_edit("pods", pod);

    world_set_path(o, "status", world_json("%s", status));
    world_put("pods", o);
}

/* -- drains -- */

/* The node runs out of something and fails the new pod; the set's controller makes
 * another one. */
static void
replace_failed(void)
{
    pods_delete(2);
}

static void
fail_pod(void)
{
    world.servers[2].start_at = 0;
    put_status("my-db-2", "{'phase': 'Failed', 'reason': 'Evicted', 'message': 'The node "
                          "was low on resource: memory.'}");
}

static void
fail_pod_for_now(void)
{
    fail_pod();
    world.deed = replace_failed;
    world.deed_at = double_now + 8000;
}

static void
test_failed_pod_is_replaced(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 2500, fail_pod_for_now);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_not_told("restoring");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_failed_pod_stays(void **state)
{
    long long began = 0;

    (void)state;
    world_new(3);
    began = double_now;
    world_deed("evict my-db-2", 2500, fail_pod);
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    fix_error("POD_FAILED");
    fix_error("Evicted The node was low on resource");
    assert_true(double_now - began < 150000);
    fix_end();
}

/* Somebody drains the nodes of the others meanwhile, that of the primary too. */
static void
drain_0(void)
{
    pods_delete(0);
}

static void
drain_1(void)
{
    pods_delete(1);
}

static void
test_others_drained(void **state)
{
    static void (*const drains[])(void) = { drain_0, drain_1 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (long long ms = 500; ms < 20000; ms += 1500) {
            world_new(3);
            world_deed("evict my-db-2", ms, drains[i]);
            fix_expect(flow_run_to("8.4.8"), EXIT_OK);
            fix_is_at("8.4.8");
            fix_end();
        }
    }
}

/* No node is left for the new pod; an autoscaler makes one in three minutes. */
static const char *scaler_says;
static char scaler_event[256];

static void
put_node(const char *pod, json_t *node)
{
    json_t *o = world_edit("pods", pod);

    if (node != NULL) {
        world_set_path(o, "spec.nodeName", node);
    } else {
        (void)json_object_del(json_object_get(o, "spec"), "nodeName");
    }
    world_put("pods", o);
}

static void
schedule(void)
{
    put_node("my-db-2", json_string(WORLD_NODE));
    put_status("my-db-2",
               "{'phase': 'Pending', 'conditions': [{'type': 'PodScheduled', 'status': "
               "'True'}]}");
    world.servers[2].start_at = double_now + 1000;
}

static void
hold_pod(void)
{
    char now[40];

    world.servers[2].start_at = 0;
    put_node("my-db-2", NULL);
    (void)clock_rfc3339(clock_wall_ms(), now, sizeof now);
    (void)snprintf(scaler_event, sizeof scaler_event,
                   "{'reason': '%s', 'lastTimestamp': '%s', 'message': 'pod triggered "
                   "scale-up'}",
                   scaler_says, now);
    world.events = scaler_event;
    {
        auto_free char *status = mem_printf(
            "{'phase': 'Pending', 'conditions': [{'type': 'PodScheduled', 'status': "
            "'False', 'reason': 'Unschedulable', 'lastTransitionTime': '%s', 'message': "
            "'0/3 nodes are available: 3 node(s) were unschedulable'}]}",
            now);

        put_status("my-db-2", status);
    }
    world.deed = schedule;
    world.deed_at = double_now + 200000;
}

static void
run_without_node(const char *event, int status)
{
    scaler_says = event;
    world_new(3);
    world_deed("evict my-db-2", 2500, hold_pod);
    fix_expect(flow_run_to("8.4.8"), status);
}

static void
test_scaled_up(void **state)
{
    (void)state;
    run_without_node("TriggeredScaleUp", EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
    run_without_node("Nominated", EXIT_OK);
    fix_end();
    run_without_node("NotTriggerScaleUp", EXIT_INCOMPLETE);
    fix_error("POD_UNSCHEDULABLE");
    fix_error("3 node(s) were unschedulable");
    fix_end();
}

/* -- sidecars -- */

static void
crash_sidecar(void)
{
    world.servers[2].start_at = 0;
    put_status("my-db-2",
               "{'phase': 'Running', 'conditions': [{'type': 'Ready', 'status': "
               "'False'}], 'containerStatuses': [{'name': 'mysql', 'ready': false, "
               "'restartCount': 0, 'state': {'waiting': {'reason': 'PodInitializing'}}}, "
               "{'name': 'istio-proxy', 'ready': false, 'restartCount': 3, 'state': "
               "{'waiting': {'reason': 'CrashLoopBackOff'}}}]}");
}

static void
start_server(void)
{
    put_status("my-db-2", "{'phase': 'Running'}");
    world.servers[2].start_at = double_now + 1000;
}

static void
crash_sidecar_for_now(void)
{
    crash_sidecar();
    world.deed = start_server;
    world.deed_at = double_now + 40000;
}

/* Old images do not mend what was injected. */
static void
test_sidecar_crashes(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 2500, crash_sidecar);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("POD_SIDECAR");
    fix_error("istio-proxy");
    fix_changes("create leases\npause\nimages\nevict my-db-2\nrelease\n");
    start_server();
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
    world_new(3);
    world_deed("evict my-db-2", 2500, crash_sidecar_for_now);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failed_pod_is_replaced),
        cmocka_unit_test(test_failed_pod_stays),
        cmocka_unit_test(test_others_drained),
        cmocka_unit_test(test_scaled_up),
        cmocka_unit_test(test_sidecar_crashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
