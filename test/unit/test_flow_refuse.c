/* Upgrades that must not begin: exit status 3, or what else is wrong, and no change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* Runs on what the test made of the world. */
static void
refused(const char *to, int status, const char *why)
{
    fix_expect(flow_run_to(to), status);
    fix_error(why);
    fix_changes("");
    assert_false(told.changed);
    assert_string_equal(told.state, "");
    assert_null(world_lease());
    fix_end();
}

static void
spoiled(const char *path, json_t *value, const char *why)
{
    world_new(3);
    world.operator_asleep = true;
    world_change("mysqls", WORLD_DB, path, value);
    refused("8.4.8", EXIT_REFUSED, why);
}

static void
test_versions(void **state)
{
    (void)state;
    world_new(3);
    refused("8.4.9", EXIT_REFUSED, "the catalog has no MySQLVersion 8.4.9");
    world_new(3);
    refused("8.0.43", EXIT_REFUSED, "8.0.43 is older than 8.4.7");
    world_new(3);
    world_change("mysqlversions", "8.4.8", "spec.deprecated", json_true());
    refused("8.4.8", EXIT_REFUSED, "version.deprecated");
    world_new(3);
    fix_version("8.4.7", "8.4.7", "0.1", ">= 8.4.7, < 8.4.8");
    refused("8.4.8", EXIT_REFUSED, "version.allowed");
    world_new(3);
    world_remove("mysqlversions", "8.4.7");
    refused("8.4.8", EXIT_REFUSED, "the current version");
    world_new(3);
    world_change("mysqlversions", "8.4.8", "spec.db.image", json_null());
    refused("8.4.8", EXIT_REFUSED, "defines no image for container mysql");
}

static void
remove_set(void)
{
    world_remove("petsets", WORLD_DB);
}

/* By its operator, which halts it, while it is looked at. */
static void
test_set_goes(void **state)
{
    (void)state;
    world_new(3);
    world.strict = true;
    (void)world_rule(
        (struct rule){ .what = "open my-db-0", .times = 1, .act = remove_set });
    refused("8.4.8", EXIT_REFUSED, "workload.found: workload my-db was deleted");
}

static void
test_database(void **state)
{
    (void)state;
    spoiled("spec.halted", json_true(), "database.halted");
    spoiled("metadata.deletionTimestamp", json_string("2026-11-18T00:00:00Z"),
            "database.deleting");
    spoiled("spec.distributed", json_true(), "database.distributed");
    spoiled("spec.topology.mode", json_string("Circle"), "database.topology");
    spoiled("spec.topology.group.mode", json_string("Multi-Primary"), "health.members");
    spoiled("status.phase", json_string("Critical"), "the phase is Critical");
    spoiled("status.observedGeneration", json_integer(0), "health.phase");
    spoiled("spec.replicas", json_integer(5), "workload.found");
}

static void
pause_as(const char *message)
{
    json_t *db = world_edit("mysqls", WORLD_DB);

    (void)json_array_append_new(json_path(db, "status.conditions"),
                                json_pack("{s:s, s:s, s:s}", "type", "Paused", "status",
                                          "True", "message", message));
    world_put("mysqls", db);
}

static void
paused(const char *message, const char *why)
{
    struct upgrade_request rq = fix_request("8.4.8");

    world_new(3);
    pause_as(message);
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error(why);
    fix_changes("");
    world_free(); /* of the pause without a journal others know */
}

/* Commands of others in hints go to the same cluster, too. */
static void
test_hint_flags(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    rq.command_flags = " -n demo --context prod";
    world_new(3);
    pause_as("Paused by KubeDB CLI tool");
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("kubectl dba resume mysql my-db -n demo --context prod");
    world_free();
    world_new(3);
    world_put(
        "mysqlopsrequests",
        world_json("{'metadata': {'name': 'up;x'}, 'spec': {'type': 'UpdateVersion', "
                   "'databaseRef': {'name': 'my-db'}}}"));
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("kubectl delete mysqlopsrequests 'up;x' -n demo --context prod");
    fix_end();
}

static void
test_paused(void **state)
{
    (void)state;
    paused("Paused by KubeDB CLI tool", "by another client: Paused by KubeDB CLI tool");
}

static void
test_ops_request(void **state)
{
    (void)state;
    world_new(3);
    world_put("mysqlopsrequests",
              world_json("{'metadata': {'name': 'up'}, 'spec': {'type': 'UpdateVersion', "
                         "'databaseRef': {'name': 'my-db'}}}"));
    refused("8.4.8", EXIT_REFUSED, "ops.pending");
    world_new(3);
    world.no_kind = "mysqlopsrequests"; /* not served: nobody can want anything */
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_end();
}

static void
test_set(void **state)
{
    (void)state;
    world_new(3);
    world_remove("petsets", WORLD_DB);
    refused("8.4.8", EXIT_REFUSED, "no PetSet or StatefulSet found for MySQL my-db");
    world_new(3);
    world_change("petsets", WORLD_DB, "metadata.ownerReferences", json_array());
    refused("8.4.8", EXIT_REFUSED, "no PetSet or StatefulSet found for MySQL my-db");
    world_new(3);
    world_change("petsets", WORLD_DB, "spec.template.spec.containers", json_array());
    refused("8.4.8", EXIT_REFUSED, "have no container mysql");
    world_new(3);
    world_change("petsets", WORLD_DB, "spec.replicas", json_integer(65));
    refused("8.4.8", EXIT_REFUSED, "65 members exceed the limit of 64");
}

static void
test_pods(void **state)
{
    (void)state;
    world_new(3);
    world_remove("pods", "my-db-1");
    refused("8.4.8", EXIT_REFUSED, "my-db-1");
    world_new(3);
    pods_status(1, false, json_pack("{s:{}}", "running"), NULL, 0);
    refused("8.4.8", EXIT_REFUSED, "health.pods");
}

static void
test_members(void **state)
{
    (void)state;
    world_new(3);
    world.servers[2].state = SERVER_RECOVERING;
    world.servers[2].stuck = true;
    refused("8.4.8", EXIT_REFUSED, "my-db-2 is RECOVERING");
    world_new(3);
    world.servers[2].garbage = "what?\n";
    refused("8.4.8", EXIT_REFUSED, "my-db-2 does not answer: my-db-2: no version: what?");
    world_new(3);
    world.client_ends = true;
    refused("8.4.8", EXIT_REFUSED, "the server's client ended (exit 1): ERROR 2003");
    world_new(3);
    (void)world_rule((struct rule){ .what = "sql my-db-0 measures" });
    refused("8.4.8", EXIT_REFUSED, "health.members");
    world_new(3);
    world.primary = -1;
    refused("8.4.8", EXIT_REFUSED, "the group has 0 primaries");
}

static void
test_not_found(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world_remove("mysqls", WORLD_DB);
    fix_expect(flow_run(&rq), EXIT_ERROR);
    fix_error("MySQL \"my-db\" not found in namespace demo");
    fix_error("list them: kubectl get mysqls -A");
    world_new(3);
    world.no_kind = "kubedb.com";
    refused("8.4.8", EXIT_REFUSED, "does not serve kubedb.com");
    world_new(3);
    world.no_kind = "mysqls";
    refused("8.4.8", EXIT_REFUSED, "has no mysqls");
}

/* -- rights -- */

static void
denied(const char *right)
{
    world_new(3);
    world.denied = right;
    refused("8.4.8", EXIT_REFUSED, "rbac");
}

static void
test_rights(void **state)
{
    (void)state;
    denied("patch petsets");
    denied("patch mysqls/status");
    denied("create pods/exec");
    denied("create pods/eviction");
    denied("delete leases");
    world_new(3);
    world.denied = "patch petsets";
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("patch petsets.apps.k8s.appscode.com");
    fix_not_told("(null)");
    fix_end();
}

/* Logs are nice to have. */
static void
test_optional_right(void **state)
{
    (void)state;
    world_new(3);
    world.denied = "get pods/log";
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check rbac warning: not allowed: get pods/log");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_rights_unknown(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "review selfsubjectrules", .status = 500 });
    refused("8.4.8", EXIT_ERROR, "the rights of this user");
    world_new(3);
    world.denied = "patch petsets";
    (void)world_rule(
        (struct rule){ .what = "review selfsubjectaccess", .after = 2, .status = 500 });
    refused("8.4.8", EXIT_ERROR, "the rights of this user");
}

/* -- the user's words -- */

static bool
say_no(void *ctx, const char *text)
{
    assert_string_equal(ctx, "ctx");
    assert_string_equal(text,
                        "mysql/my-db in namespace demo will go from 8.4.7 to 8.4.8");
    return false;
}

static bool
say_yes(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
    return true;
}

static void
test_confirm(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");
    char ctx[] = "ctx";

    (void)state;
    world_new(3);
    rq.consent.ask = say_no;
    rq.consent.ctx = ctx;
    fix_expect(flow_run(&rq), EXIT_USAGE);
    fix_error("not confirmed");
    fix_changes("");
    assert_null(world_lease());
    rq.consent.ask = say_yes;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_force(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world.operator_asleep = true;
    world_change("mysqls", WORLD_DB, "status.phase", json_string("Critical"));
    rq.checks.force = true;
    rq.dry_run = DRY_RUN_CLIENT;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("check health.phase warning: the phase is Critical");
    fix_end();
}

static void
test_skip_check(void **state)
{
    static const char *const skip[] = { "health.phase", "workload.strategy", NULL };
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world_change("petsets", WORLD_DB, "spec.updateStrategy.type",
                 json_string("RollingUpdate"));
    world_wait(1000);
    world.operator_asleep = true;
    world_change("mysqls", WORLD_DB, "status.phase", json_string("Critical"));
    rq.dry_run = DRY_RUN_CLIENT;
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_told("check workload.strategy warning");
    rq.checks.skipped = skip;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("check workload.strategy ok");
    fix_told("check health.phase warning");
    fix_end();
}

/* Two things are wrong: the first is the error, the other its detail. */
static void
test_several(void **state)
{
    (void)state;
    world_new(3);
    world.operator_asleep = true;
    world_change("mysqls", WORLD_DB, "status.phase", json_string("Critical"));
    world_change("mysqls", WORLD_DB, "spec.replicas", json_integer(4));
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    assert_string_equal(told.err.reason, "workload.found");
    assert_non_null(strstr(told.err.detail, "health.phase: the phase is Critical"));
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_set_goes),
        cmocka_unit_test(test_database),
        cmocka_unit_test(test_paused),
        cmocka_unit_test(test_hint_flags),
        cmocka_unit_test(test_ops_request),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_pods),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_optional_right),
        cmocka_unit_test(test_rights_unknown),
        cmocka_unit_test(test_confirm),
        cmocka_unit_test(test_force),
        cmocka_unit_test(test_skip_check),
        cmocka_unit_test(test_several),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
