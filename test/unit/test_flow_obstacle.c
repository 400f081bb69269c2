/* What keeps a member from going or coming that its status does not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* -- disruption budgets -- */

static void
put_budget(const char *name, const char *rule, int healthy, int desired)
{
    world_put("poddisruptionbudgets",
              world_json("{'metadata': {'name': '%s'}, 'spec': {'selector': {}, %s}, "
                         "'status': {'observedGeneration': 1, 'expectedPods': 3, "
                         "'currentHealthy': %d, 'desiredHealthy': %d, "
                         "'disruptionsAllowed': %d}}",
                         name, rule, healthy, desired, healthy - desired));
}

static void
put_strict_budget(void)
{
    put_budget("strict", "'maxUnavailable': 0", 3, 3);
    (void)world_rule((struct rule){ .what = "evict", .status = 429 });
}

static void
test_budget_before(void **state)
{
    (void)state;
    world_new(3);
    put_budget("strict", "'maxUnavailable': 0", 3, 3);
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("PodDisruptionBudget strict (maxUnavailable 0) never allows an eviction");
    fix_changes("");
    fix_end();
}

/* One that comes up after the checks is told at the first eviction that it refuses. */
static void
test_budget_meanwhile(void **state)
{
    long long began = 0;

    (void)state;
    world_new(3);
    world_deed("images", 1, put_strict_budget);
    began = double_now;
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("my-db-2 cannot be evicted: PodDisruptionBudget strict");
    fix_error("PDB_NEVER");
    assert_true(double_now - began < 30000);
    fix_end();
}

static void
test_budget_for_now(void **state)
{
    (void)state;
    world_new(3);
    put_budget("mine", "'maxUnavailable': 1", 2, 2);
    world.wait = "PodDisruptionBudget mine (maxUnavailable 1) allows 0 disruptions now";
    (void)world_rule((struct rule){ .what = "evict", .times = 7, .status = 429 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_true(world.waited > 0);
    fix_is_at("8.4.8");
    fix_end();
}

/* They are all the namespace's: asked each five seconds, not at each try. */
static void
test_budget_asked_seldom(void **state)
{
    const struct rule *asked = NULL;
    const struct rule *tried = NULL;
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.limits.pod_timeout_ms = 60000;
    put_budget("mine", "'maxUnavailable': 1", 2, 2);
    tried = world_rule((struct rule){ .what = "evict", .status = 429 });
    asked = world_rule(
        (struct rule){ .what = "list poddisruptionbudgets", .after = 1000000 });
    fix_expect(flow_run(&rq), EXIT_TIME);
    assert_in_range(asked->seen, 10, 16);
    assert_true(tried->seen > 2 * asked->seen);
    fix_end();
}

/* Who may not read them waits as before. */
static void
test_budget_unseen(void **state)
{
    (void)state;
    world_new(3);
    put_budget("mine", "'maxUnavailable': 1", 2, 2);
    (void)world_rule((struct rule){ .what = "list poddisruptionbudgets", .status = 403 });
    (void)world_rule((struct rule){ .what = "evict", .times = 7, .status = 429 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_end();
}

/* A budget counts the broken pod itself, and then allows nothing any more. Nobody loses
 * anything when it is deleted; who may not do that waits. */
static void
test_broken_behind_budget(void **state)
{
    (void)state;
    for (int may = 0; may < 2; may++) {
        struct upgrade_request rq = fix_request("8.4.8");

        world_new(3);
        world.bad_image = "r.example/mysql:8.4.8";
        rq.no_rescue = true;
        fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
        world.bad_image = NULL;
        (void)world_rule((struct rule){
            .what = "evict my-db-2", .times = may ? 0 : 3, .status = 429 });
        if (!may) {
            (void)world_rule((struct rule){ .what = "delete pods", .status = 403 });
        }
        fix_expect(flow_run_to(NULL), EXIT_OK);
        assert_int_equal(fix_changed("delete pods\n"), may);
        if (may) {
            fix_told("pod my-db-2 deleting: deleted (uid uid-");
        }
        fix_is_at("8.4.8");
        fix_end();
    }
}

/* -- pods that are not created -- */

static void
refuse_pods(void)
{
    world.no_pods = true;
}

#define FAILED_CREATE                                                                 \
    "{'reason': 'FailedCreate', 'lastTimestamp': '2026-11-21T10:00:00Z', 'message': " \
    "'create Pod my-db-2 in PetSet my-db failed error: pods is forbidden: exceeded "  \
    "quota: small, requested: pods=1, used: pods=2, limited: pods=2'}"

static void
test_quota(void **state)
{
    long long began = 0;

    (void)state;
    world_new(3);
    began = double_now;
    world.events = FAILED_CREATE;
    world_deed("evict my-db-2", 1, refuse_pods);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("my-db-2: the pod cannot be created: pods is forbidden: exceeded quota: "
              "small, requested: pods=1, used: pods=2, limited: pods=2");
    fix_error("POD_QUOTA");
    fix_error("raise that ResourceQuota");
    assert_true(double_now - began < 90000);
    fix_changes("create leases\npause\nimages\nevict my-db-2\nrelease\n");
    world.events = NULL;
    world.no_pods = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* A quota that is free again soon is no matter. */
static void
allow_pods(void)
{
    world.no_pods = false;
    world.events = "";
}

static void
refuse_pods_for_a_while(void)
{
    world.no_pods = true;
    world.deed = allow_pods;
    world.deed_at = double_now + 18000;
}

static void
test_quota_for_now(void **state)
{
    (void)state;
    world_new(3);
    world.events = FAILED_CREATE;
    world.wait = "the pod cannot be created: pods is forbidden: exceeded quota: small";
    world_deed("evict my-db-2", 1, refuse_pods_for_a_while);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_true(world.waited > 0);
    fix_is_at("8.4.8");
    fix_end();
}

/* Events are asked for when no pod comes for long, and then each ten seconds. */
static void
test_events_asked_seldom(void **state)
{
    const struct rule *asked = NULL;

    (void)state;
    world_new(1);
    world.events = "";
    asked = world_rule((struct rule){ .what = "raw events", .after = 1000000 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_int_equal(asked->seen, 0);
    fix_end();
    world_new(1);
    world.events = "";
    world_deed("evict my-db-0", 1, refuse_pods_for_a_while);
    asked = world_rule((struct rule){ .what = "raw events", .after = 1000000 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_in_range(asked->seen, 2, 3);
    fix_end();
}

/* A policy that refuses the new images only: with the old ones the pod comes. */
static void
let_old_pods(void)
{
    world.no_pods = str_eq(
        world_image(json_path(world_set(), "spec.template.spec"), "containers", "mysql"),
        "r.example/mysql:8.4.8");
    world.deed_at = double_now + 100;
}

static void
refuse_new_pods(void)
{
    world.no_pods = true;
    world.deed = let_old_pods;
    world.deed_at = double_now + 100;
}

static void
test_policy_of_images(void **state)
{
    (void)state;
    world_new(3);
    world.events =
        "{'reason': 'FailedCreate', 'lastTimestamp': '2026-11-18T00:00:09Z', 'message': "
        "'create Pod my-db-2 in PetSet my-db failed error: admission webhook denied'}";
    world_deed("evict my-db-2", 1, refuse_new_pods);
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    fix_error("the pod cannot be created: admission webhook denied");
    fix_is_at("8.4.7");
    fix_end();
}

/* -- volumes -- */

/* The kubelet waits for a volume; another pod, perhaps on another node, gets it. */
static void
hold_volume(void)
{
    json_t *pod = world_edit("pods", "my-db-2");

    world.servers[2].start_at = 0;
    world_set_path(pod, "status.phase", json_string("Pending"));
    world_set_path(pod, "spec.nodeName", json_string("node-1"));
    world_put("pods", pod);
}

static void
check_volume(const char *reason, const char *message)
{
    long long began = 0;
    auto_free char *events =
        mem_printf("{'reason': '%s', 'lastTimestamp': '2026-11-18T00:00:09Z', "
                   "'message': '%s'}",
                   reason, message);

    world_new(3);
    began = double_now;
    world.events = events;
    world_deed("evict my-db-2", 2500, hold_volume);
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    fix_error("POD_VOLUME");
    fix_error(message);
    fix_told("restoring its previous images");
    assert_true(double_now - began < 140000);
    fix_is_at("8.4.7");
    fix_end();
}

static void
test_volume(void **state)
{
    (void)state;
    check_volume("FailedMount", "MountVolume.SetUp failed for volume auth: secret gone");
    check_volume("FailedAttachVolume", "Multi-Attach error for volume pvc-1");
    check_volume("FailedMount", "driver name x.csi not found in the list of registered "
                                "CSI drivers");
}

/* -- what is set again -- */

static void
others_set_image(void)
{
    json_t *set = world_edit(world_sets(), WORLD_DB);

    assert_true(operator_image(json_path(set, "spec.template.spec"), "containers",
                               "mysql", "r.example/generation:1"));
    world_put(world_sets(), set);
}

/* What an image is called does not decide what is done about it. */
static void
test_images_reverted_at_once(void **state)
{
    (void)state;
    world_new(3);
    world_deed("images", 100, others_set_image);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("mysql has r.example/generation:1");
    fix_is_at("8.4.8");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_images_reverted_at_once),
        cmocka_unit_test(test_budget_before),
        cmocka_unit_test(test_budget_meanwhile),
        cmocka_unit_test(test_budget_for_now),
        cmocka_unit_test(test_budget_unseen),
        cmocka_unit_test(test_budget_asked_seldom),
        cmocka_unit_test(test_broken_behind_budget),
        cmocka_unit_test(test_events_asked_seldom),
        cmocka_unit_test(test_quota),
        cmocka_unit_test(test_quota_for_now),
        cmocka_unit_test(test_policy_of_images),
        cmocka_unit_test(test_volume),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
