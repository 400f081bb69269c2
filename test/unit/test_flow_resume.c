/* What an earlier run left, and what others did before this one began. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

#define OTHER "bob@laptop/7/abcdef"

static char *
journal_of(const char *uid, const char *from, const char *to)
{
    return mem_printf("{\"version\": 1, \"kind\": \"MySQL\", \"name\": \"my-db\", "
                      "\"uid\": \"%s\", \"from\": \"%s\", \"to\": \"%s\", \"set\": "
                      "\"my-db\", \"started\": \"2026-11-18T00:00:00Z\", \"by\": "
                      "\"" OTHER "\", \"images\": [], \"pods\": {}}",
                      uid, from, to);
}

static void
interrupt(void)
{
    world_new(3);
    (void)world_rule((struct rule){ .what = "evict my-db-0", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    world.n_rules = 0;
    buf_reset(&world.log);
}

static void
test_resume(void **state)
{
    (void)state;
    interrupt();
    world.strict = true;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_told("note resuming the upgrade from 8.4.7 to 8.4.8");
    fix_told("step 1/9 pause already\n");
    fix_told("pod my-db-2 done: verified");
    fix_changes("replace leases\nevict my-db-0\nleave-group my-db-1\nevict my-db-1\n"
                "version\nresume\ndelete leases\n");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_resume_by_name(void **state)
{
    (void)state;
    interrupt();
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* What an abort would need is still there after an interrupted run was gone on with. */
static void
check_first_images(void)
{
    auto_json json_t *j = world_journal();

    assert_string_equal(json_path_str(j, "images.0.from"), "r.example/mysql:8.4.7");
    assert_string_equal(json_path_str(j, "images.0.to"), "r.example/mysql:8.4.8");
    assert_int_equal(
        json_path_int(json_object_get(json_path(j, "pods"), "my-db-2"), "bytes", 0),
        10LL << 30);
}

static void
test_resume_keeps_the_journal(void **state)
{
    (void)state;
    interrupt();
    (void)world_rule((struct rule){ .what = "evict", .act = check_first_images });
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_end();
}

static void
test_other_upgrade(void **state)
{
    (void)state;
    interrupt();
    fix_expect(flow_run_to("9.7.4"), EXIT_REFUSED);
    fix_error("an upgrade of mysql/my-db from 8.4.7 to 8.4.8 is in progress");
    fix_error("kubectl dbupgrade resume mysql my-db -n demo");
    fix_error("OTHER_UPGRADE");
    fix_changes("");
    fix_end();
}

static void
check_journal_refused(const char *journal, int status, const char *why)
{
    world_new(3);
    fix_lease("", journal);
    fix_expect(flow_run_to("8.4.8"), status);
    fix_error(why);
    fix_changes("");
    fix_end();
}

static void
test_bad_journals(void **state)
{
    auto_free char *newer = journal_of("uid-1", "8.4.7", "8.4.8");
    auto_free char *empty = journal_of("uid-1", "", "8.4.8");

    (void)state;
    newer[strcspn(newer, "1")] = '9';
    check_journal_refused(newer, EXIT_REFUSED, "written by a newer kubectl-dbupgrade");
    check_journal_refused(empty, EXIT_REFUSED, "cannot be read");
    check_journal_refused("{}", EXIT_REFUSED, "cannot be read");
    check_journal_refused("garbage", EXIT_REFUSED, "not JSON: line 1, column 7");
}

/* A journal that is about something else: of a database of this name that is deleted. */
static void
test_foreign_journal(void **state)
{
    auto_free char *foreign = journal_of("uid-of-another", "8.4.7", "9.7.4");

    (void)state;
    world_new(3);
    fix_lease("", foreign);
    fix_expect(flow_run_to(NULL), EXIT_REFUSED);
    fix_error("no upgrade of mysql/my-db is in progress");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("of a deleted database");
    fix_is_at("8.4.8");
    fix_end();
}

/* An upgrade that ended well, but could not delete its Lease, is in nobody's way. */
static void
test_lease_left(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "delete leases", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("warning could not release the lock");
    world.n_rules = 0;
    assert_non_null(world_lease());
    fix_expect(flow_run_to("9.7.4"), EXIT_OK);
    fix_is_at("9.7.4");
    fix_end();
}

/* Somebody deleted the Lease of an interrupted run: the same command starts anew, and
 * what it would walk back to are the images of the version that is left. */
static void
test_journal_is_gone(void **state)
{
    struct upgrade_request rq = fix_request(NULL);

    (void)state;
    interrupt();
    world_remove("leases", FIX_LEASE);
    world_wait(5000);
    (void)world_rule((struct rule){ .what = "evict my-db-0", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_told("check operator.paused warning: an earlier run left the operator paused");
    world.n_rules = 0;
    rq.abort = true;
    fix_expect(flow_run(&rq), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    fix_end();
}

/* The same at the very end: all is there but for the operator. */
static void
test_only_paused(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "resume", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    world.n_rules = 0;
    world_remove("leases", FIX_LEASE);
    world_wait(5000);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* While this run was asked to confirm, others upgraded the database twice. */
static bool
others_were_faster(void *ctx, const char *text)
{
    (void)ctx;
    assert_non_null(strstr(text, "will go from 8.4.7 to 8.4.8"));
    world_change("mysqls", WORLD_DB, "spec.version", json_string("9.7.4"));
    world_wait(5000);
    buf_reset(&world.log);
    return true;
}

static void
test_others_were_faster(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.consent.ask = others_were_faster;
    assert_int_not_equal(flow_run(&rq), EXIT_OK);
    fix_error("MOVED");
    fix_changes("create leases\ndelete leases\n");
    assert_string_equal(json_path_str(world_db(), "spec.version"), "9.7.4");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_resume_by_name),
        cmocka_unit_test(test_resume_keeps_the_journal),
        cmocka_unit_test(test_other_upgrade),
        cmocka_unit_test(test_bad_journals),
        cmocka_unit_test(test_foreign_journal),
        cmocka_unit_test(test_lease_left),
        cmocka_unit_test(test_journal_is_gone),
        cmocka_unit_test(test_only_paused),
        cmocka_unit_test(test_others_were_faster),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
