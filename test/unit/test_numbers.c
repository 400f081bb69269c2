/* Numbers that others print, as large and as small as they get. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/probe.h"
#include "engine/replication_source.h"
#include "engine/transfer.h"
#include "kubedb/pod.h"
#include "lib/engine/gate.h"

#define MOST "9223372036854775807"

/* Databases whose counts of what is in the way do not cancel each other out. */
static void
test_probe(void **state)
{
    static const struct {
        const char *answer;
        long long n;
    } cases[] = {
        { "count 7\t3\ncount 7\t4\n", 7 },
        { "count 7\t" MOST "\ncount 7\t" MOST "\n", LLONG_MAX },
        { "count 7\t5\ncount 7\t-5\n", 5 },
        { "count 7\t-9223372036854775808\n", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct probe_found found = { 0 };

        probe_take(&found, cases[i].answer, 7, NULL);
        assert_int_equal(found.n, cases[i].n);
    }
}

static void
test_transactions(void **state)
{
    (void)state;
    assert_int_equal(source_count("a:0-" MOST), LLONG_MAX);
    assert_int_equal(source_count("a:1-" MOST ":1-" MOST), LLONG_MAX);
    assert_int_equal(source_count("a:1-" MOST ", b:5"), LLONG_MAX);
    assert_int_equal(source_count("a:1--9223372036854775808"), 0);
}

/* A group's position and a member's, of a log that anybody may have written to. */
static void
test_transfer(void **state)
{
    static const struct transfer_log marks = {
        .group = "group ", .had = "had ", .got = "got ", .donor = "from "
    };
    const struct transfer_sample then = { 0 };
    const struct transfer_sample now = { .kept_from = 1, .kept_bytes = 1, .bytes = 1 };
    struct transfer_told told;

    (void)state;
    transfer_by_log(&marks, "group ab:" MOST "\nhad ab:0 got ab:0 from (x)\n", &told);
    assert_int_equal(told.way, TRANSFER_LATE);
    assert_int_equal(told.missing, -1);
    transfer_by_log(&marks, "group ab:" MOST "\nhad ab:-9 got ab:-9 from (x)\n", &told);
    assert_int_equal(told.way, TRANSFER_UNKNOWN);
    assert_int_equal(transfer_window_ms(&then, &now, 1000, LLONG_MAX), 1000);
}

/* A time of grace that nobody waits for is none. */
static void
test_grace(void **state)
{
    auto_json json_t *pod = json_pack(
        "{s:{s:s, s:s, s:I}}", "metadata", "name", "p", "deletionTimestamp",
        "2026-11-18T00:00:00Z", "deletionGracePeriodSeconds", (json_int_t)LLONG_MAX);
    char text[512];

    (void)state;
    (void)pod_doing(pod, clock_parse_rfc3339("2026-11-18T00:00:10Z"), text, sizeof text);
    assert_string_equal(text, "terminating since 10s");
}

static void
test_durations(void **state)
{
    struct buf b = { 0 };

    (void)state;
    for (int i = 0; i < 2600; i++) {
        assert_int_equal(buf_puts(&b, "999999999h"), 0);
    }
    assert_int_equal(clock_parse_duration(buf_text(&b)), -1);
    buf_free(&b);
    assert_int_equal(clock_parse_duration("1h30m"), 90 * 60 * 1000);
}

/* -- gates -- */

static enum gate_verdict
size_of(const struct engine_measure *rows, long long before, long long now)
{
    struct measures a = { .n = 1, .at = { { .id = "x", .value = before } } };
    struct measures b = { .n = 1, .at = { { .id = "x", .value = now } } };
    const struct gate_want want = { .before = &a, .size_tolerance = -1 };
    const struct gate_seen seen = { .now = &b };
    char is[128];
    char wanted[128];

    return gate_size(rows, &want, &seen, is, wanted, sizeof is);
}

static void
test_gate(void **state)
{
    static const struct engine_measure exact[] = {
        { .id = "x", .title = "x", .needed = true, .exact = true }, { 0 }
    };
    static const struct engine_measure all[] = {
        { .id = "x", .title = "x", .needed = true, .percent = 100 }, { 0 }
    };

    (void)state;
    assert_int_equal(size_of(exact, LLONG_MAX, LLONG_MAX), GATE_OK);
    assert_int_equal(size_of(exact, LLONG_MAX, LLONG_MAX - 1), GATE_WAIT);
    assert_int_equal(size_of(exact, LLONG_MAX - 5, LLONG_MAX), GATE_WAIT);
    assert_int_equal(size_of(exact, LLONG_MIN, 7), GATE_WAIT);
    assert_int_equal(size_of(exact, 0, 0), GATE_OK);
    assert_int_equal(size_of(all, LLONG_MAX, 0), GATE_OK);
    assert_int_equal(size_of(all, LLONG_MIN, 0), GATE_OK);
}

/* There is no less than nothing, and no more than twice of which is a number. */
static void
test_negative(void **state)
{
    struct measures m = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(engine_parse_measures("bytes\t-1\t\n", &m, &e), -1);
    assert_int_equal(engine_parse_measures("bytes\t-9223372036854775808\n", &m, &e), -1);
    assert_int_equal(engine_parse_measures("bytes\t9223372036854775808\n", &m, &e), -1);
    assert_int_equal(engine_parse_measures("bytes\t" MOST "\n", &m, &e), -1);
    assert_int_equal(engine_parse_measures("bytes\t1152921504606846976\n", &m, &e), 0);
    /* What would be no key in a journal is none. */
    assert_int_equal(engine_parse_measures("of\t5\nBAD ID\t5\nrows\t6\n", &m, &e), 0);
    assert_int_equal(m.n, 1);
    assert_string_equal(m.at[0].id, "rows");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe),     cmocka_unit_test(test_transactions),
        cmocka_unit_test(test_transfer),  cmocka_unit_test(test_grace),
        cmocka_unit_test(test_durations), cmocka_unit_test(test_gate),
        cmocka_unit_test(test_negative),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
