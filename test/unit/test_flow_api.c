/* An API server in trouble, servers that say strange things, and the user's signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

#define LOG_ALL                                                                         \
    "create leases\npause\nimages\nevict my-db-2\nevict my-db-0\nleave-group my-db-1\n" \
    "evict my-db-1\nversion\nresume\ndelete leases\n"

/* -- changes that fail and are tried again -- */

static void
mended(const char *what, enum rule_how how, int status, unsigned times)
{
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = what, .times = times, .how = how, .status = status });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes(LOG_ALL);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_changes_tried_again(void **state)
{
    static const char *const what[] = { "pause",   "images", "evict",
                                        "version", "resume", "renew" };

    (void)state;
    for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
        mended(what[i], RULE_FAIL, 0, 1);
        mended(what[i], RULE_LOSE, 0, 1);
        mended(what[i], RULE_FAIL, 500, 3);
        mended(what[i], RULE_FAIL, 429, 2);
        mended(what[i], RULE_FAIL, 409, 2);
    }
}

static void
test_reads_tried_again(void **state)
{
    (void)state;
    for (unsigned long after = 1; after < 12; after++) {
        world_new(3);
        (void)world_rule(
            (struct rule){ .what = "get mysqls", .after = after, .times = 3 });
        (void)world_rule(
            (struct rule){ .what = "get petsets", .after = after, .times = 3 });
        fix_expect(flow_run_to("8.4.8"), EXIT_OK);
        fix_is_at("8.4.8");
        fix_end();
    }
}

/* -- what is not tried again, or for too long -- */

static void
ends(const char *what, int error, int status, const char *log)
{
    world_new(3);
    (void)world_rule((struct rule){ .what = what, .status = error });
    fix_expect(flow_run_to("8.4.8"), status);
    fix_changes(log);
    world.n_rules = 0;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_changes_refused(void **state)
{
    (void)state;
    ends("pause", 422, EXIT_INCOMPLETE, "create leases\nrelease\n");
    ends("images", 403, EXIT_INCOMPLETE, "create leases\npause\nrelease\n");
    ends("images", 500, EXIT_INCOMPLETE, "create leases\npause\nrelease\n");
    ends("evict", 403, EXIT_INCOMPLETE, "create leases\npause\nimages\nrelease\n");
    ends("version", 403, EXIT_INCOMPLETE,
         "create leases\npause\nimages\nevict my-db-2\nevict my-db-0\n"
         "leave-group my-db-1\nevict my-db-1\nrelease\n");
    ends("resume", 403, EXIT_INCOMPLETE,
         "create leases\npause\nimages\nevict my-db-2\nevict my-db-0\n"
         "leave-group my-db-1\nevict my-db-1\nversion\nrelease\n");
}

static void
test_reads_refused(void **state)
{
    static const char *const what[] = {
        "raw /apis",     "watch mysqls", "list mysqlversions",     "get leases",
        "watch petsets", "watch pods",   "watch mysqlopsrequests", "review"
    };

    (void)state;
    for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
        ends(what[i], 403, EXIT_ERROR, "");
    }
}

/* Everything fails for a while, in the middle. */
static void
outage(void)
{
    (void)world_rule((struct rule){ .what = "", .times = 200 });
}

static void
test_outage(void **state)
{
    static const char *const after[] = { "pause",         "images",
                                         "evict my-db-2", "leave-group my-db-1",
                                         "version",       "resume" };

    (void)state;
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        int status = 0;

        world_new(3);
        world_deed(after[i], 600, outage);
        status = flow_run_to("8.4.8");
        /* An outage at the very end leaves the lock to run out. */
        for (int runs = 0; (status != EXIT_OK || world_lease() != NULL) && runs < 5;
             runs++) {
            world_wait(10000);
            world.n_rules = 0;
            status = flow_run_to("8.4.8");
        }
        fix_expect(status, EXIT_OK);
        fix_is_at("8.4.8");
        fix_end();
    }
}

/* Requests begin to fail after the roll has gone on for longer than a retry may take. */
static void
test_hiccup_late_in_the_roll(void **state)
{
    (void)state;
    world_new(3);
    world.start_ms = 100000;
    (void)world_rule(
        (struct rule){ .what = "sql my-db-1 member", .after = 12, .times = 2 });
    (void)world_rule(
        (struct rule){ .what = "sql my-db-0 reached", .after = 3, .times = 3 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* -- servers -- */

/* The server was restarted under the open session of its client. */
static void
lost_server(void)
{
    world.servers[0].garbage = "ERROR 2013 (HY000) at line 3: Lost connection\n";
}

static void
server_back(void)
{
    world.servers[0].garbage = NULL;
}

static void
test_client_error(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){
        .what = "sql my-db-0 member", .after = 4, .act = lost_server, .times = 1 });
    (void)world_rule(
        (struct rule){ .what = "open my-db-0", .after = 1, .act = server_back });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
nonsense(void)
{
    world.servers[2].garbage = "a server that speaks in riddles\n";
}

static void
sense(void)
{
    world.servers[2].garbage = NULL;
}

static void
test_nonsense(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 1000, nonsense);
    rq.limits.pod_timeout_ms = 60000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("no version: a server that speaks in riddles");
    sense();
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* A statement is refused, for good. */
static void
deny_statements(void)
{
    world.servers[2].garbage = "ERROR 1045 (28000): Access denied\n";
}

static void
test_statement_refused(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 1000, deny_statements);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("STATEMENT_FAILED");
    fix_error("my-db-2: the server says: ERROR 1045 (28000): Access denied");
    fix_end();
}

/* A client that takes a question and never answers. */
static void
hang(void)
{
    world.servers[0].hangs = true;
}

static void
test_server_hangs(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world_deed("images", 1000, hang);
    rq.limits.pod_timeout_ms = 60000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("my-db-0: the server did not answer for 20s");
    world.servers[0].hangs = false;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* -- signals -- */

static void
interrupt(void)
{
    sig_request(2);
}

static void
interrupted(const char *after, long long wait_ms, const char *step)
{
    world_new(3);
    world_deed(after, wait_ms, interrupt);
    fix_expect(flow_run_to("8.4.8"), EXIT_INTERRUPTED);
    fix_error("interrupted by SIGINT");
    assert_non_null(strstr(told.state, step));
    assert_int_equal(told.paused, world_paused());
    assert_string_equal(json_path_str(world_lease(), "spec.holderIdentity"), "");
    double_forget_signals();
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_signals(void **state)
{
    (void)state;
    interrupted("pause", 300, "step 1/9 (pause the operator)");
    interrupted("images", 300, "step 2/9 (set the new images)");
    interrupted("evict my-db-2", 1000, "step 3/9 (restart my-db-2)");
    interrupted("evict my-db-2", 3000, "step 3/9 (restart my-db-2)");
    interrupted("evict my-db-0", 9000, "step 4/9 (restart my-db-0)");
    interrupted("leave-group my-db-1", 100, "step 5/9 (restart my-db-1)");
    interrupted("evict my-db-1", 1000, "step 5/9 (restart my-db-1)");
    interrupted("resume", 1000, "step 9/9 (wait for the operator to reconcile)");
}

static void
interrupt_marked(void)
{
    world_log("(signal)");
    sig_request(2);
}

/* A signal while a question is asked is seen before the change that the answer is
 * for: nothing but the lock is changed after it. */
static void
test_signal_at_each_question(void **state)
{
    unsigned long n = 0;
    bool came = true;

    (void)state;
    for (n = 0; came; n += 3) {
        const char *mark = NULL;

        world_new(3);
        (void)world_rule((struct rule){
            .what = "sql ", .after = n, .times = 1, .act = interrupt_marked });
        (void)flow_run_to("8.4.8");
        mark = strstr(buf_text(&world.log), "(signal)\n");
        came = mark != NULL;
        for (mark += came ? strlen("(signal)\n") : 0; came && *mark != '\0';
             mark += strcspn(mark, "\n") + 1) {
            print_message("# question %lu: then %.*s\n", n, (int)strcspn(mark, "\n"),
                          mark);
            assert_true(str_starts(mark, "create leases\n") ||
                        str_starts(mark, "delete leases\n") ||
                        str_starts(mark, "release\n"));
        }
        double_forget_signals();
        fix_end();
    }
    assert_true(n > 30);
}

/* Before anything was changed nothing has to be gone on with. */
static void
test_signal_early(void **state)
{
    (void)state;
    world_new(3);
    world_deed("create leases", 0, interrupt);
    fix_expect(flow_run_to("8.4.8"), EXIT_INTERRUPTED);
    fix_changes("create leases\ndelete leases\n");
    assert_false(told.changed);
    assert_string_equal(told.resume, "");
    fix_end();
}

static bool
interrupt_at_prompt(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
    sig_request(15);
    return false;
}

static void
test_signal_at_the_prompt(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    rq.consent.ask = interrupt_at_prompt;
    assert_int_not_equal(flow_run(&rq), EXIT_OK);
    fix_changes("");
    assert_false(told.changed);
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes_tried_again),
        cmocka_unit_test(test_reads_tried_again),
        cmocka_unit_test(test_changes_refused),
        cmocka_unit_test(test_reads_refused),
        cmocka_unit_test(test_outage),
        cmocka_unit_test(test_hiccup_late_in_the_roll),
        cmocka_unit_test(test_client_error),

        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_statement_refused),
        cmocka_unit_test(test_server_hangs),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_signal_at_each_question),
        cmocka_unit_test(test_signal_early),
        cmocka_unit_test(test_signal_at_the_prompt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
