/* When something is kept of a failure, and when it is less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "double_bundle.h"

static void
expect_no_bundle(void)
{
    assert_string_equal(told.bundle, "");
    expect("ls -A", "");
    fix_end();
}

static void
test_not_due(void **state)
{
    struct upgrade_request none = fix_request("8.4.8");

    (void)state;
    world_new(3);
    fix_expect(run_to("8.4.8", true), EXIT_OK);
    expect_no_bundle();
    world_new(3);
    fix_expect(run_to("5.7.44", true), EXIT_REFUSED);
    expect_no_bundle();
    world_new(3);
    (void)world_rule((struct rule){ .what = "create leases", .status = 403 });
    assert_int_not_equal(run_to("8.4.8", true), EXIT_OK);
    expect_no_bundle();
    start_crashing();
    none.no_rescue = true;
    fix_expect(flow_run(&none), EXIT_INCOMPLETE);
    expect_no_bundle();
}

static void
interrupt(void)
{
    sig_request(2);
}

static void
interrupt_twice(void)
{
    sig_request(2);
    sig_request(2);
}

/* The first signal stops safely, and what was is kept; a second one is in a hurry. */
static void
test_signals(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "evict my-db-2", .times = 1, .act = interrupt });
    fix_expect(run_to("8.4.8", true), EXIT_INTERRUPTED);
    unpack();
    expect("rm -r *", "");
    fix_end();

    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "evict my-db-2", .times = 1, .act = interrupt_twice });
    fix_expect(run_to("8.4.8", true), EXIT_INTERRUPTED);
    expect_no_bundle();

    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "evict my-db-2", .times = 1, .act = interrupt });
    (void)world_rule(
        (struct rule){ .what = "list events", .times = 1, .act = interrupt });
    fix_expect(run_to("8.4.8", true), EXIT_INTERRUPTED);
    fix_not_told("warning");
    expect_no_bundle();

    start_crashing();
    (void)world_rule((struct rule){ .what = "raw log", .after = 2, .act = interrupt });
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    expect_no_bundle();
}

/* -- long logs -- */

enum { LONG_LOG = 200 * 1024 };

static long long slow_ms; /* a log takes so long */
static int logs, renewals;
static bool in_between; /* the lock was renewed after one log and before the next */

static void
log_slowly(void)
{
    double_now += slow_ms;
    logs++;
    renewals = 0;
}

static void
note_renewal(void)
{
    renewals++;
    in_between = in_between || (logs == 1 && renewals == 1);
}

static void
start_long_log(char **text, long long ms)
{
    auto_buf struct buf lines = BUF_LIMIT(2 * LONG_LOG);

    while (lines.len < LONG_LOG) {
        assert_int_equal(buf_puts(&lines, "kept words, password=hunter2\n"), 0);
    }
    *text = buf_take(&lines);
    slow_ms = ms;
    logs = 0;
    in_between = false;
    start_crashing();
    world.log_text = *text;
    (void)world_rule((struct rule){ .what = "raw log", .act = log_slowly });
    (void)world_rule((struct rule){ .what = "renew", .act = note_renewal });
}

/* The lock is renewed while a long log is looked through. */
static void
test_long_log(void **state)
{
    auto_free char *text = NULL;

    (void)state;
    start_long_log(&text, 4500);
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    assert_true(logs > 1);
    assert_true(in_between);
    fix_end();
}

/* What there was no time to look through is not in it, and the README says so. */
static void
test_late_log(void **state)
{
    auto_free char *text = NULL;

    (void)state;
    start_long_log(&text, 30 * 1000);
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    unpack();
    expect("grep -rl hunter2 .", "");
    expect_in("logs/my-db-2/mysql.previous.log",
              " bytes that were not searched for secrets]");
    expect_in("README.txt", "left out: no time to search all of it for secrets");
    fix_end();
}

static bool away;

static void
go_away(void)
{
    away = true;
    (void)world_rule((struct rule){ .what = "", .status = 0 });
}

/* Without the API server there is what is at hand. */
static void
test_server_away(void **state)
{
    (void)state;
    away = false;
    start_crashing();
    (void)world_rule((struct rule){ .what = "release", .times = 1, .act = go_away });
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    assert_true(away);
    unpack();
    expect("cd */ && find . -type f | LC_ALL=C sort",
           "./README.txt\n./containers.txt\n./database.json\n./journal.json\n"
           "./opsrequests.json\n./plan.json\n./pods/my-db-0.json\n./pods/my-db-1.json\n"
           "./pods/my-db-2.json\n./run.jsonl\n./set.json\n");
    expect_in("README.txt", "the API server does not answer");
    fix_end();
}

static void
forbid(const char *what)
{
    (void)world_rule((struct rule){ .what = what, .status = 403 });
}

/* Rights that only the bundle would need. */
static void
test_forbidden(void **state)
{
    (void)state;
    start_crashing();
    forbid("list events");
    forbid("list poddisruptionbudgets");
    forbid("raw log");
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    unpack();
    expect("ls */events* */logs */pod*.json 2>/dev/null", "");
    expect_in("README.txt", "  events.json                      list events: HTTP 403");
    expect_in("README.txt", "logs/my-db-2/mysql.previous.log");
    fix_end();
}

static long long began;

static void
begin(void)
{
    began = double_now;
}

static void
take_four_seconds(void)
{
    double_now += 4000;
}

/* Everything is slow: after ten seconds it makes do with what it has. */
static void
test_slow(void **state)
{
    (void)state;
    start_crashing();
    (void)world_rule((struct rule){ .what = "list events", .act = begin });
    (void)world_rule((struct rule){ .what = "raw log", .act = take_four_seconds });
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    assert_in_range(double_now - began, 9000, 14000);
    unpack();
    expect_in("README.txt", "no time left");
    fix_end();
}

static void
test_no_folder(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    start_crashing();
    rq.bundle = "/nonexistent/folder";
    rq.no_rescue = true;
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    fix_told("warning could not write the diagnostic bundle: cannot write /nonexistent");
    fix_told("No such file or directory");
    expect_no_bundle();
}

static void
take_the_name(void)
{
    auto_free char *path = NULL;
    char time[32];
    char stamp[32] = "";

    clock_rfc3339(clock_wall_ms(), time, sizeof time);
    for (const char *c = time; *c != '\0'; c++) {
        str_append(stamp, sizeof stamp, "%.*s", *c != '-' && *c != ':', c);
    }
    path = mem_printf("echo precious >my-db-%s.tar.gz", stamp);
    expect(path, "");
}

/* Two runs in one second: neither is lost. */
static void
test_name_is_taken(void **state)
{
    (void)state;
    start_crashing();
    (void)world_rule((struct rule){ .what = "sql my-db-1 status", .act = take_the_name });
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    expect("ls | sed 's/[0-9]/9/g'; cat *Z.tar.gz",
           "my-db-99999999T999999Z-9.tar.gz\nmy-db-99999999T999999Z.tar.gz\nprecious\n");
    assert_true(str_ends(told.bundle, "Z-2.tar.gz"));
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_not_due, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_long_log, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_late_log, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_signals, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_server_away, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_forbidden, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_slow, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_no_folder, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_name_is_taken, open_shell, close_shell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
