/* Upgrades that go well, and runs that have nothing to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

#define LOG_GROUP_ROLL "create leases\npause\nimages\nevict my-db-2\nevict my-db-0\n"
#define LOG_END        "evict my-db-1\nversion\nresume\ndelete leases\n"

/* Mirrors are made anew at every call: nothing that is borrowed may be kept over one. */
static void
test_group(void **state)
{
    (void)state;
    world_new(3);
    world.strict = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes(LOG_GROUP_ROLL "leave-group my-db-1\n" LOG_END);
    fix_told("start 8.4.7 -> 8.4.8 of 9\n");
    fix_told("step 1/9 pause started\nstep 1/9 pause done\n");
    fix_told("step 3/9 roll started my-db-2\n");
    fix_told("step 5/9 roll done my-db-1\n");
    fix_told("step 9/9 settle done\n");
    fix_told("gate my-db-0 version passed\ngate my-db-0 member passed\n"
             "gate my-db-0 position passed\ngate my-db-0 size passed\n");
    fix_told("pod my-db-1 done: verified\n");
    fix_told("summary mysql/my-db is 8.4.8, verified: 3 members in ");
    fix_not_told("warning ");
    fix_is_at("8.4.8");
    assert_true(told.ok && told.changed && !told.paused);
    assert_true(told.ticks > 10);
    fix_end();
}

static void
test_standalone(void **state)
{
    (void)state;
    world_new(1);
    world.strict = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes("create leases\npause\nimages\nevict my-db-0\nversion\nresume\n"
                "delete leases\n");
    fix_told("step 7/7 settle done\n");
    fix_is_at("8.4.8");
    fix_end();
}

/* A cluster of before 2024: StatefulSets and kubedb.com/v1alpha2. */
static void
test_statefulset(void **state)
{
    (void)state;
    world_new_at(3, "5.7.44", "statefulsets");
    world.old_api = true;
    world.no_kind = "petsets";
    fix_expect(flow_run_to("8.0.43"), EXIT_OK);
    fix_told("StatefulSet my-db (OnDelete)");
    fix_told("plan major upgrade");
    fix_is_at("8.0.43");
    fix_end();
}

/* PetSets are served, but this database has a StatefulSet. */
static void
test_statefulset_beside_petsets(void **state)
{
    (void)state;
    world_new_at(1, "8.4.7", "statefulsets");
    fix_expect(flow_run_to("9.7.4"), EXIT_OK);
    fix_told("plan major upgrade | standalone, StatefulSet my-db");
    fix_is_at("9.7.4");
    fix_end();
}

/* A set that rolls by itself is told to wait for us. */
static void
test_strategy(void **state)
{
    (void)state;
    world_new(3);
    world_change("petsets", WORLD_DB, "spec.updateStrategy",
                 world_json("{'type': 'RollingUpdate', 'rollingUpdate': {}}"));
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check workload.strategy warning");
    assert_string_equal(json_path_str(world_set(), "spec.updateStrategy.type"),
                        "OnDelete");
    fix_end();
}

static void
check_journal(void)
{
    auto_json json_t *j = world_journal();
    const json_t *meta = json_path(world_lease(), "metadata");

    assert_int_equal(json_path_int(j, "version", 0), 4);
    assert_string_equal(json_path_str(j, "direction"), "forward");
    assert_string_equal(json_path_str(j, "kind"), "MySQL");
    assert_string_equal(json_path_str(j, "name"), WORLD_DB);
    assert_string_equal(json_path_str(j, "uid"),
                        json_path_str(world_db(), "metadata.uid"));
    assert_string_equal(json_path_str(j, "from"), "8.4.7");
    assert_string_equal(json_path_str(j, "to"), "8.4.8");
    assert_string_equal(json_path_str(j, "set"), WORLD_DB);
    assert_string_equal(json_path_str(j, "by"),
                        json_path_str(world_lease(), "spec.holderIdentity"));
    assert_int_equal(json_array_size(json_path(j, "images")), 3);
    assert_string_equal(json_path_str(j, "images.0.from"), "r.example/mysql:8.4.7");
    assert_string_equal(json_path_str(j, "images.0.to"), "r.example/mysql:8.4.8");
    assert_int_equal(
        json_path_int(json_object_get(json_path(j, "pods"), "my-db-1"), "tables", 0), 20);
    assert_string_equal(json_path_str(meta, "name"), FIX_LEASE);
    assert_string_equal(json_string_value(json_object_get(
                            json_path(meta, "labels"), "app.kubernetes.io/managed-by")),
                        "kubectl-dbupgrade");
    assert_int_equal(json_path_int(world_lease(), "spec.leaseDurationSeconds", 0), 15);
    assert_string_equal(json_path_str(world_condition("Paused"), "reason"), "Paused");
}

static void
test_journal(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "evict my-db-0", .act = check_journal });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_end();
}

/* -- the primary's hand-over -- */

static void
test_handover_same_version(void **state)
{
    (void)state;
    world_new(3);
    fix_expect(flow_run_to("8.4.7-v2"), EXIT_OK);
    fix_changes(LOG_GROUP_ROLL "set-as-primary my-db-1\n" LOG_END);
    fix_told("plan image change within the same version");
    fix_told("switch to another primary first, est gap 1 s");
    fix_end();
}

static void
test_handover_refused(void **state)
{
    (void)state;
    world_new(3);
    world.refuse_handover = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes(LOG_GROUP_ROLL LOG_END);
    fix_told(
        "warning the primary stops writing and leaves the group first was refused (");
    fix_told("ERROR 3092");
    fix_end();
}

static void
test_handover_chosen(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.lead.handover = "set-as-primary"; /* the servers do not like it here: 3910 */
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("ERROR 3910");
    world_new(3);
    rq.lead.handover = "none";
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_changes(LOG_GROUP_ROLL LOG_END);
    fix_told("restart my-db-1   primary; without a handover (--handover none) []");
    fix_end();
}

/* One that only another topology has. */
static void
test_handover_unknown(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.lead.handover = "leave";
    fix_expect(flow_run(&rq), EXIT_USAGE);
    fix_error("--handover: \"leave\" is not for GroupReplication single-primary");
    fix_error("it can be one of: none, set-as-primary, leave-group");
    fix_changes("");
    fix_end();
}

/* Secondaries that lag are waited for before the primary goes. */
static void
lag_ends(void)
{
    world.lag = 0;
}

static void
test_handover_lag(void **state)
{
    (void)state;
    world_new(3);
    world.lag = 50;
    world.servers[0].executed = 4950;
    world.servers[2].executed = 4950;
    (void)world_rule(
        (struct rule){ .what = "sql my-db-0 reached", .after = 20, .act = lag_ends });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* -- nothing to do, or not now -- */

static void
test_already_there(void **state)
{
    struct upgrade_request rq = fix_request("8.4.7");

    (void)state;
    world_new(3);
    rq.detailed_exitcode = true;
    rq.dry_run = DRY_RUN_CLIENT;
    fix_expect(flow_run(&rq), EXIT_OK);
    rq.dry_run = DRY_RUN_NONE;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_changes("");
    fix_told("note mysql/my-db is already at 8.4.7\n");
    fix_told("summary mysql/my-db is already at 8.4.7: nothing to do\n");
    fix_end();
}

/* spec.version was set by hand: the operator has set the images, no pod has them. */
static void
test_version_without_restart(void **state)
{
    (void)state;
    world_new(3);
    world_change("mysqls", WORLD_DB, "spec.version", json_string("8.4.8"));
    world_wait(3000);
    buf_reset(&world.log);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_false(fix_changed("version"));
    assert_true(fix_changed("evict my-db-1"));
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_resume_without_journal(void **state)
{
    (void)state;
    world_new(3);
    fix_expect(flow_run_to(NULL), EXIT_REFUSED);
    fix_error("no upgrade of mysql/my-db is in progress");
    fix_changes("");
    fix_end();
}

/* -- dry runs -- */

static void
test_dry_client(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.dry_run = DRY_RUN_CLIENT;
    fix_expect(flow_run(&rq), EXIT_OK);
    assert_int_equal(told.plan_steps, 9);
    fix_told(
        "plan-step restart my-db-2   secondary [] undo set old images, delete pod\n");
    fix_told("plan-step verify all members [] undo - LINE\n");
    fix_told("plan-step restart my-db-1   primary; the primary stops writing");
    rq.detailed_exitcode = true;
    fix_expect(flow_run(&rq), EXIT_PENDING);
    fix_changes("");
    assert_false(told.changed);
    fix_end();
}

/* Where the old server could not read the data, a member's restart is the last way back.
 */
static void
test_no_return(void **state)
{
    struct upgrade_request rq = fix_request("9.7.4");

    (void)state;
    world_new_at(3, "8.4.7", "petsets");
    rq.dry_run = DRY_RUN_CLIENT;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("plan-step restart my-db-2   secondary [] undo set old images, delete pod "
             "LINE\n");
    fix_told("plan-step verify all members [] undo -\n");
    fix_end();
}

static void
test_dry_server(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world.strict = true;
    rq.dry_run = DRY_RUN_SERVER;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("on MySQL/my-db [accepted] undo resume\n");
    fix_told("primary; the primary stops writing and leaves the group first, est gap 1 s "
             "[accepted]");
    fix_told("plan-step verify all members [-] undo - LINE\n");
    fix_not_told("refused");
    (void)world_rule((struct rule){ .what = "version", .status = 403 });
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_told("to 8.4.8 [refused: setting spec.version of mysql/my-db");
    fix_changes("");
    assert_null(world_lease());
    fix_end();
}

static void
test_dry_refused(void **state)
{
    struct upgrade_request rq = fix_request("8.4.9");

    (void)state;
    world_new(1);
    rq.dry_run = DRY_RUN_CLIENT;
    rq.detailed_exitcode = true;
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("version.known");
    fix_changes("");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_standalone),
        cmocka_unit_test(test_statefulset),
        cmocka_unit_test(test_statefulset_beside_petsets),
        cmocka_unit_test(test_strategy),
        cmocka_unit_test(test_journal),
        cmocka_unit_test(test_handover_same_version),
        cmocka_unit_test(test_handover_refused),
        cmocka_unit_test(test_handover_chosen),
        cmocka_unit_test(test_handover_unknown),
        cmocka_unit_test(test_handover_lag),
        cmocka_unit_test(test_already_there),
        cmocka_unit_test(test_version_without_restart),
        cmocka_unit_test(test_resume_without_journal),
        cmocka_unit_test(test_dry_client),
        cmocka_unit_test(test_no_return),
        cmocka_unit_test(test_dry_server),
        cmocka_unit_test(test_dry_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
