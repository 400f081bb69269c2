/* A major upgrade of Postgres: the order of things, the way back, and what goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
begin(size_t members)
{
    world_new_of("postgres", members, "15.20", "petsets");
}

static void
test_standalone(void **state)
{
    (void)state;
    begin(1);
    world.strict = true;
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    fix_changes("create pods\ndelete pods\ncreate leases\npause\nkeep my-db-0\nhold "
                "my-db-0\nimages\ncheckpoint "
                "my-db-0\nstop my-db-0\n"
                "evict my-db-0\nhold my-db-0\nupgrade my-db-0\nswap my-db-0\n"
                "started my-db-0\nrelease my-db-0\nanalyze my-db-0\nversion\nresume\n"
                "delete leases\n");
    fix_is_at("17.9");
    assert_true(world.servers[0].volume.old_data);
    fix_end();
}

static void
test_standbys(void **state)
{
    (void)state;
    begin(3);
    world.strict = true;
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    fix_changes("create pods\ndelete pods\ncreate leases\npause\nkeep "
                "my-db-0\ncheckpoint my-db-1\n"
                "transfer my-db-0\nfailover Pause\nimages\ncheckpoint my-db-0\nstop "
                "my-db-0\nevict my-db-0\n"
                "upgrade my-db-0\nswap my-db-0\nstarted my-db-0\n"
                "failover NonTransferableResume\nanalyze my-db-0\nevict my-db-2\n"
                "rebuild my-db-2\nevict my-db-1\nrebuild my-db-1\nfailover Resume\n"
                "version\nresume\ndelete leases\n");
    fix_is_at("17.9");
    assert_int_equal(world.lead, 0);
    fix_end();
}

static void
label(const char *name, const char *role)
{
    json_t *pod = world_edit("pods", name);

    (void)json_object_set_new(json_path(pod, "metadata.labels"), "kubedb.com/role",
                              json_string(role));
    world_put("pods", pod);
}

/* The primary's Service leads to the new server as soon as it is up: its new pod gets the
 * label before. Where nobody has labels nobody gets one. */
static void
test_label(void **state)
{
    const char *log = NULL;

    (void)state;
    begin(3);
    label("my-db-0", "standby");
    label("my-db-1", "primary");
    label("my-db-2", "standby");
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    assert_string_equal(
        json_path_str(
            json_object_get(json_path(world_find("pods", "my-db-0"), "metadata.labels"),
                            "kubedb.com/role"),
            ""),
        "primary");
    log = strstr(buf_text(&world.log), "failover NonTransferableResume\nlabel\n");
    assert_non_null(log);
    fix_end();
    /* What is labelled already is left alone. */
    begin(3);
    label("my-db-1", "primary");
    (void)world_rule((struct rule){ .what = "version", .status = 403 });
    assert_int_not_equal(flow_run_to("17.9"), EXIT_OK);
    world.n_rules = 0;
    log = strstr(buf_text(&world.log), "label\n");
    assert_non_null(log);
    fix_expect(flow_run_to(NULL), EXIT_OK);
    log = strstr(buf_text(&world.log), "label\n");
    assert_null(strstr(log + 1, "label\n"));
    fix_end();
    begin(3);
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    assert_null(strstr(buf_text(&world.log), "label\n"));
    fix_end();
}

/* -- refused before anything is changed -- */

static void
check_refused(const char *text)
{
    fix_expect(flow_run_to("17.9"), EXIT_REFUSED);
    fix_told(text);
    fix_changes("");
    fix_end();
}

static void
test_refused(void **state)
{
    (void)state;
    begin(1);
    world.free_bytes = 2LL << 30;
    check_refused(
        "pg.space error: 2.0 GiB free on the volume of my-db-0, 11.3 GiB needed");
    begin(3);
    world.coordinator = COORDINATOR_SILENT;
    check_refused("pg.coordinator error: the coordinator of my-db-1: no answer");
    begin(3);
    world.no_failover_status = true;
    check_refused(
        "pg.coordinator error: the coordinators do not support Coordinator/Status");
    begin(3);
    str_copy(world.failover, sizeof world.failover, "Pause");
    check_refused("pg.coordinator error: Coordinator/Status is Pause");
}

static void
test_dry(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    begin(3);
    rq = fix_request("17.9");
    rq.dry_run = DRY_RUN_CLIENT;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("plan-step upgrade the data with pg_upgrade");
    fix_changes("");
    fix_end();
}

/* -- the way back -- */

/* An upgrade that ended before a call is walked back; wherever it stood. */
static void
check_abort(size_t members, const char *call)
{
    begin(members);
    (void)world_rule((struct rule){ .what = call, .status = 403 });
    fix_expect(flow_run_to("17.9"), EXIT_INCOMPLETE);
    world.n_rules = 0;
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_is_at("15.20");
    assert_string_equal(world.failover, "Resume");
    assert_false(world.servers[0].volume.kept);
    assert_int_equal(world.servers[0].volume.fresh, FRESH_ABSENT);
    fix_end();
}

static void
test_abort(void **state)
{
    static const char *const calls[] = {
        "script my-db-0 keep",    "images",
        "script my-db-0 stop",    "evict my-db-0",
        "script my-db-0 upgrade", "script my-db-0 swap"
    };

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        check_abort(1, calls[i]);
        check_abort(3, calls[i]);
    }
}

/* Once the new server may have written, it is said that nothing leads back. */
static void
test_abort_too_late(void **state)
{
    static const char *const calls[] = { "script my-db-0 started",
                                         "script my-db-0 analyze", "version" };

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        begin(3);
        (void)world_rule((struct rule){ .what = calls[i], .status = 403 });
        assert_int_not_equal(flow_run_to("17.9"), EXIT_OK);
        world.n_rules = 0;
        buf_reset(&world.log);
        fix_expect(flow_abort(), EXIT_REFUSED);
        fix_error("return.members");
        fix_changes("");
        fix_expect(flow_run_to(NULL), EXIT_OK);
        fix_is_at("17.9");
        fix_end();
    }
}

/* -- what goes wrong on the way -- */

/* pg_upgrade fails: it is said why, and both ways are open. */
static void
fail_upgrade(size_t members, bool rescue)
{
    struct upgrade_request rq = { 0 };

    begin(members);
    world.job_failing = "upgrade";
    world.job_fails = "could not load library \"x\"";
    rq = fix_request("17.9");
    rq.no_rescue = !rescue;
    fix_expect(flow_run(&rq), rescue ? EXIT_WALKED_BACK : EXIT_INCOMPLETE);
    fix_error("could not load library");
    fix_error("PG_UPGRADE");
}

static void
test_upgrade_fails(void **state)
{
    (void)state;
    fail_upgrade(1, true);
    fix_is_at("15.20");
    fix_end();
    fail_upgrade(3, true);
    fix_is_at("15.20");
    fix_end();
    fail_upgrade(3, false);
    fix_error("the database is DOWN");
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_is_at("15.20");
    fix_end();
    fail_upgrade(3, false);
    world.job_fails = NULL;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("17.9");
    fix_end();
}

/* Statistics are no reason to stop on the way. A run that did not collect them is not
 * complete. */
static void
test_analyze_fails(void **state)
{
    (void)state;
    begin(1);
    world.job_failing = "analyze";
    world.job_fails = "the disk is full";
    fix_expect(flow_run_to("17.9"), EXIT_INCOMPLETE);
    fix_told("could not collect planner statistics: my-db-0: analyze: the disk is full");
    assert_string_equal(told.err.reason, "PG_INCOMPLETE");
    assert_false(world_paused());
    world.job_fails = NULL;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("17.9");
    fix_end();
}

/* The first member's pod is lost in the midst of something. */
static void
lose_first(void)
{
    pods_delete(0);
}

static void
test_pod_lost(void **state)
{
    static const char *const after[] = { "keep my-db-0", "upgrade my-db-0",
                                         "swap my-db-0", "analyze my-db-0" };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof after / sizeof *after; i++) {
        begin(i % 2 == 0 ? 1 : 3);
        world_deed(after[i / 2], 500, lose_first);
        fix_expect(flow_run_to("17.9"), EXIT_OK);
        fix_is_at("17.9");
        fix_end();
    }
}

static void
test_delete(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    begin(3);
    rq = fix_request("17.9");
    rq.major.delete_old_data = true;
    world.may_delete = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("17.9");
    assert_false(world.servers[0].volume.old_data);
    fix_end();
}

static void
cut_commands(void)
{
    world.cut_commands = 3;
}

/* A command that dies without a word was cut off with its pod: it is asked again. */
static void
test_command_cut(void **state)
{
    (void)state;
    begin(1);
    (void)world_rule((struct rule){ .what = "images", .times = 1, .act = cut_commands });
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    assert_int_equal(world.cut_commands, 0);
    fix_is_at("17.9");
    fix_end();
}

static void
operator_sleeps(void)
{
    world.operator_asleep = true;
}

/* A run that goes on after the operator was resumed lets no server start that runs. */
static void
test_resumed_late(void **state)
{
    const char *last = NULL;

    (void)state;
    begin(1);
    (void)world_rule(
        (struct rule){ .what = "version", .times = 1, .act = operator_sleeps });
    fix_expect(flow_run_to("17.9"), EXIT_TIME);
    assert_false(world_paused());
    last = strstr(buf_text(&world.log), "release my-db-0");
    assert_non_null(last);
    assert_null(strstr(last + 1, "release my-db-0"));
    world.operator_asleep = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    last = strstr(buf_text(&world.log), "release my-db-0");
    assert_null(strstr(last + 1, "release my-db-0"));
    fix_is_at("17.9");
    fix_end();
}

static void
lose_server(void)
{
    if (strstr(buf_text(&told.told), "pod my-db-0 done: verified\n") != NULL) {
        world.servers[0].up = false;
    }
}

/* Started, and down at once again: the step is not done. */
static void
test_new_server_lost(void **state)
{
    (void)state;
    begin(1);
    (void)world_rule((struct rule){ .what = "script my-db-0 state", .act = lose_server });
    fix_expect(flow_run_to("17.9"), EXIT_INCOMPLETE);
    fix_error("start the new server: ");
    fix_not_told(" start done\n");
    world_free();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standalone),
        cmocka_unit_test(test_standbys),
        cmocka_unit_test(test_label),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_dry),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_abort_too_late),
        cmocka_unit_test(test_upgrade_fails),
        cmocka_unit_test(test_analyze_fails),
        cmocka_unit_test(test_pod_lost),
        cmocka_unit_test(test_delete),
        cmocka_unit_test(test_command_cut),
        cmocka_unit_test(test_resumed_late),
        cmocka_unit_test(test_new_server_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
