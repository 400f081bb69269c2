/* The rehearsal of a major upgrade: what it finds, and what keeps it from being done. */
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

/* Whatever came of the rehearsal, its pod is gone. */
static void
end(void)
{
    assert_null(rehearsal_pod_object());
    fix_end();
}

static void
check_refused(const char *text)
{
    fix_expect(flow_run_to("17.9"), EXIT_REFUSED);
    fix_told(text);
    fix_error("pg.rehearsal");
    fix_changes("create pods\ndelete pods\n");
    fix_is_at("15.20");
    end();
}

static void
test_refused(void **state)
{
    (void)state;
    begin(3);
    world.rehearsal_failing = "upgrade";
    world.rehearsal_fails = "column pg_database.daticulocale does not exist";
    check_refused("pg.rehearsal error: pg_upgrade rejects an empty copy of the schema: "
                  "column pg_database.daticulocale does not exist");
    begin(1);
    world.bad_image = "r.example/postgres:17.9";
    check_refused("pg.rehearsal error: the new image cannot be pulled: container new: "
                  "ErrImagePull");
}

/* What it finds may be passed over. */
static void
test_skipped(void **state)
{
    static const char *const skip[] = { "pg.rehearsal", NULL };
    struct upgrade_request rq = { 0 };

    (void)state;
    begin(1);
    world.rehearsal_failing = "upgrade";
    world.rehearsal_fails = "no";
    rq = fix_request("17.9");
    rq.checks.skipped = skip;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("pg.rehearsal warning: pg_upgrade rejects");
    fix_is_at("17.9");
    end();
    begin(1);
    rq = fix_request("17.9");
    rq.checks.no_rehearsal = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("pg.rehearsal ok: not rehearsed (--no-rehearsal)");
    assert_false(fix_changed("create pods"));
    end();
}

/* It cannot be done: a warning, and the upgrade goes on. */
static void
check_warned(const char *text)
{
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    fix_told(text);
    fix_is_at("17.9");
    end();
}

static void
test_rights(void **state)
{
    (void)state;
    begin(1);
    world.denied = "create pods";
    check_warned("pg.rehearsal warning: not rehearsed: not allowed: create pods");
    begin(1);
    world.denied = "get pods";
    check_warned("pg.rehearsal warning: not rehearsed: not allowed: get pods");
}

static void
test_not_possible(void **state)
{
    (void)state;
    begin(1);
    (void)world_rule((struct rule){ .what = "create pods", .status = 403 });
    check_warned("pg.rehearsal warning: not rehearsed: ");
    begin(1);
    world.rehearsal_unscheduled = true;
    check_warned("pg.rehearsal warning: not rehearsed: pod my-db-upgrade-rehearsal "
                 "cannot be scheduled");
    begin(1);
    (void)world_rule((struct rule){ .what = "script my-db-0 schema", .status = 403 });
    check_warned("pg.rehearsal warning: not rehearsed: ");
    begin(1);
    world.rehearsal_failing = "copy";
    world.rehearsal_fails = "initdb: no";
    check_warned("pg.rehearsal warning: not rehearsed: initdb: no");
    begin(1);
    world.rehearsal_failing = "upgrade";
    world.rehearsal_full = true;
    world.rehearsal_fails = "the volume is full (0 bytes free): write";
    check_warned("pg.rehearsal warning: not rehearsed: the volume is full");
    begin(1);
    world.rehearsal_missed = "[2, \"extension \\\"x\\\" is not available\"]";
    check_warned("without 2 statements that failed there; the first: extension \"x\"");
}

/* Somebody deletes the pod in the midst. */
static void
lose_pod(void)
{
    world_remove("pods", REHEARSAL_POD);
    rehearsal_gone();
}

static void
test_pod_lost(void **state)
{
    (void)state;
    begin(1);
    (void)world_rule(
        (struct rule){ .what = "rehearsal copy", .times = 1, .act = lose_pod });
    check_warned("pg.rehearsal warning: not rehearsed: another client deleted pod "
                 "my-db-upgrade-rehearsal");
}

static void
leave(const char *manager)
{
    world_put("pods",
              world_json("{'metadata': {'name': '%s', 'namespace': '%s', 'labels': "
                         "{'app.kubernetes.io/managed-by': '%s', "
                         "'app.kubernetes.io/component': 'upgrade-rehearsal'}}}",
                         REHEARSAL_POD, WORLD_NS, manager));
}

/* What a run that was killed left goes; what is somebody else's stays. */
static void
test_leftover(void **state)
{
    (void)state;
    begin(1);
    leave("kubectl-dbupgrade");
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    assert_true(str_starts(buf_text(&world.log),
                           "delete pods\ncreate pods\ndelete pods\ncreate leases\n"));
    fix_told("pg.rehearsal ok: pg_upgrade converted an empty copy of the schema");
    end();
    begin(1);
    leave("somebody");
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    fix_told("pg.rehearsal warning: not rehearsed: pod my-db-upgrade-rehearsal already "
             "exists and does not belong to kubectl-dbupgrade");
    assert_non_null(rehearsal_pod_object());
    fix_end();
}

static void
replace_pod(void)
{
    world_remove("pods", REHEARSAL_POD);
    leave("somebody");
}

/* Its deletion meets a conflict: once for no reason, and since another has its name. */
static void
test_conflict(void **state)
{
    (void)state;
    begin(1);
    (void)world_rule((struct rule){ .what = "delete pods", .times = 1, .status = 409 });
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    end();
    begin(1);
    (void)world_rule(
        (struct rule){ .what = "delete pods", .times = 1, .act = replace_pod });
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    fix_not_told("could not delete pod");
    assert_non_null(rehearsal_pod_object());
    fix_end();
}

static void
stop(void)
{
    sig_request(1);
}

/* ^C ends it at once and changes nothing. */
static void
test_interrupted(void **state)
{
    static const char *const calls[] = { "create pods", "script my-db-0 schema",
                                         "rehearsal copy", "rehearsal upgrade" };

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        begin(1);
        (void)world_rule((struct rule){ .what = calls[i], .times = 1, .act = stop });
        fix_expect(flow_run_to("17.9"), EXIT_INTERRUPTED);
        fix_changes("create pods\ndelete pods\n");
        fix_is_at("15.20");
        double_forget_signals();
        end();
    }
}

/* A dry run says that it would come; a run that goes on has it behind it. */
static void
test_when(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    begin(1);
    rq = fix_request("17.9");
    rq.dry_run = DRY_RUN_SERVER;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("pg.rehearsal ok: pg_upgrade runs on an empty copy of the schema before "
             "anything is changed, in pod my-db-upgrade-rehearsal; not in a dry");
    fix_changes("");
    end();
    begin(1);
    (void)world_rule((struct rule){ .what = "images", .status = 403 });
    fix_expect(flow_run_to("17.9"), EXIT_INCOMPLETE);
    world.n_rules = 0;
    buf_reset(&world.log);
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    assert_false(fix_changed("create pods"));
    fix_not_told("pg.rehearsal");
    end();
    begin(1);
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_not_told("pg.rehearsal");
    end();
}

/* A journal of an upgrade that changed nothing: it does not stand for the rehearsal. */
static void
test_planted(void **state)
{
    (void)state;
    begin(1);
    (void)world_rule((struct rule){ .what = "pause", .status = 403 });
    fix_expect(flow_run_to("17.9"), EXIT_INCOMPLETE);
    assert_non_null(world_lease());
    world.n_rules = 0;
    buf_reset(&world.log);
    world.rehearsal_failing = "upgrade";
    world.rehearsal_fails = "no";
    fix_expect(flow_run_to(NULL), EXIT_REFUSED);
    fix_told("pg.rehearsal error: pg_upgrade rejects");
    fix_changes("create pods\ndelete pods\n");
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_rights),   cmocka_unit_test(test_not_possible),
        cmocka_unit_test(test_pod_lost), cmocka_unit_test(test_leftover),
        cmocka_unit_test(test_conflict), cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_when),     cmocka_unit_test(test_planted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
