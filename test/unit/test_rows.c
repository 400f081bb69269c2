/* What servers print, cut, doubled and at the bounds of what a number may be. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/transfer.h"
#include "lib/engine/parse.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static void
test_value(void **state)
{
    static const struct {
        const char *out, *value;
    } rows[] = {
        { "", NULL },
        { "k", NULL },
        { "k\n", NULL },
        { "k\t", "" },
        { "k\tv", "v" },
        { "k\tv\r\n", "v" },
        { "k\t\r\n", "" },
        { "k\tv\rw\n", "v\rw" },
        { "k\tNULL\n", NULL },
        { "k\tNULL\r\n", NULL },
        { "k\tNULLS\n", "NULLS" },
        { "k\tNUL\n", "NUL" },
        { "k\tnull\n", "null" },
        { "kk\tv\n", NULL },
        { "x\tk\tv\n", NULL },
        { "x k\tw\nk\tv\nk\tu\n", "v" },
        { "k v\nk\tu", "u" },
        { "\n\nk\tv\tw\n", "v\tw" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        auto_free char *value = parse_value(rows[i].out, "k");

        print_message("# row %zu\n", i);
        assert_int_equal(value != NULL, rows[i].value != NULL);
        assert_true(value == NULL || str_eq(value, rows[i].value));
    }
}

/* One row of a member is otherwise; what is refused, by what it says. */
static void
test_member(void **state)
{
    static const char *const keys[] = { "version", "id",      "state", "writable",
                                        "queue",   "members", "online" };
    static const struct {
        const char *key, *value, *trouble; /* NULL: it is read */
    } rows[] = {
        { "version", "", "the server did not report its version" },
        { "id", "", "the server did not report its id" },
        { "state", "NULL", "the server did not report its state" },
        { "writable", "x", "the server reports writable \"x\", which is not a number" },
        { "writable", "-1", "the server reports writable \"-1\", which is not a number" },
        { "writable", "2", NULL },
        { "queue", "-1", "the server reports queue \"-1\", which is not a number" },
        { "queue", "0", NULL },
        { "members", "NULL", "the server did not report its members" },
        { "members", "9999", NULL },
        { "members", "10000", NULL },
        { "online", "", "the server did not report its online" },
        { "online", "9223372036854775807", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[400] = "role\tPEER\nview\tv\nposition\t\n";
        struct member_report m = { .queue = -7 };
        struct err e = { 0 };

        for (size_t k = 0; k < COUNT(keys); k++) {
            str_append(text, sizeof text, "%s\t%s\n", keys[k],
                       str_eq(keys[k], rows[i].key) ? rows[i].value : "1");
        }
        print_message("# %s %s\n", rows[i].key, rows[i].value);
        assert_int_equal(engine_parse_member(text, &m, &e),
                         rows[i].trouble != NULL ? -1 : 0);
        if (rows[i].trouble != NULL) {
            assert_string_equal(e.msg, rows[i].trouble);
            assert_int_equal(m.queue, -7); /* nothing is written on failure */
            continue;
        }
        assert_true(m.writable);
        assert_int_equal(m.role, MEMBER_PEER);
        assert_null(m.position);
        assert_int_equal(m.members, str_eq(rows[i].key, "members") ? 9999 : 1);
        assert_int_equal(m.online, str_eq(rows[i].key, "online") ? 9999 : 1);
    }
}

static void
test_measures(void **state)
{
    static const struct {
        const char *out;
        long long n; /* how many; -1: it is refused */
    } rows[] = {
        { "a\t1\nb\t2\n", 2 },
        { "a\t1\nb\t2", 2 },
        { "a\t1\na\t2\n", 1 },
        { "a\t1\t61\na\t2\n", 2 }, /* of a database, and of all */
        { "a\t1\t6\nb\t1\n", 1 },  /* whose name is no hex */
        { "\t1\nb\t1\n", 1 },
        { "no row\nb\t1\n", 1 },
        { "a2345678901234567890123\t1\n", 1 },
        { "a23456789012345678901234\t1\nb\t1\n", 1 }, /* no measure of ours */
        { "a23456789012345678901234\t1\n", -1 },
        { "a\tx\n", -1 },
        { "a\t\n", -1 },
        { "a\t0\n", 1 },
        { "a\t1152921504606846976\n", 1 },
        { "a\t1152921504606846977\n", -1 },
        { "", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct measures m = { .n = 99 };
        struct err e = { 0 };

        print_message("# row %zu\n", i);
        assert_int_equal(engine_parse_measures(rows[i].out, &m, &e),
                         rows[i].n < 0 ? -1 : 0);
        assert_int_equal(m.n, rows[i].n < 0 ? 99 : rows[i].n);
    }
}

static void
test_databases(void **state)
{
    static const struct {
        const char *out;
        size_t n;
    } rows[] = {
        { "1\t2\t61\n", 1 },
        { "1\t2\t61\n3\t4\t62", 2 },
        { "1\t2\t\n", 0 },
        { "1\t2\n", 0 },
        { "x\t2\t61\n", 0 },
        { "1\tx\t61\n", 0 },
        { "1\t0\t61\n", 0 },
        { "1\t1\t61\n", 1 },
        { "1\t4294967295\t61\n", 1 },
        { "1\t4294967296\t61\n", 0 },
        { "1\t2\t6\n", 0 },
        { "0000000000000000000000000000001\t2\t61\n", 1 },  /* 31 */
        { "00000000000000000000000000000001\t2\t61\n", 0 }, /* 32 */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct databases list = { 0 };

        print_message("# row %zu\n", i);
        engine_parse_databases(rows[i].out, &list);
        assert_int_equal(list.n, rows[i].n);
        databases_clear(&list);
        assert_int_equal(list.n, 0);
        assert_null(list.at);
    }
}

static void
test_count(void **state)
{
    static const struct {
        const char *out;
        long long n; /* -1: it did not say */
    } rows[] = {
        { "COPY 7\n", 7 },
        { "7\n", 7 },
        { "7", 7 },
        { "0\n", 0 },
        { "-1\n", -1 },
        { "COPY\n", -1 },
        { "", -1 },
        { "7 x\n", -1 },
        { "0000000000000000000000000000001\n", 1 },
        { "00000000000000000000000000000001\n", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        long long n = -1;

        print_message("# row %zu\n", i);
        assert_int_equal(engine_parse_count(rows[i].out, &n), rows[i].n >= 0);
        assert_true(rows[i].n < 0 || n == rows[i].n);
    }
}

/* -- what is kept for members that were away -- */

#define SAMPLE(last, from, bytes, held)                                                 \
    "history\th\nlast\t" last "\nkept_from\t" from "\nbytes\t" bytes "\nheld_ns\t" held \
    "\n"
#define MOST "2305843009213693951" /* a quarter of the largest number */
#define MORE "2305843009213693952"

static void
test_sample(void **state)
{
    static const struct {
        const char *out;
        bool good;
    } rows[] = {
        { SAMPLE("1", "1", "1", "1"), true },
        { SAMPLE("-1", "-1", "-1", "-1"), true },
        { SAMPLE(MOST, MOST, MOST, MOST), true },
        { SAMPLE("-2", "1", "1", "1"), false },
        { SAMPLE("1", "-2", "1", "1"), false },
        { SAMPLE("1", "1", "x", "1"), false },
        { SAMPLE("1", "1", "1", "NULL"), false },
        { SAMPLE(MORE, "1", "1", "1"), false },
        { SAMPLE("1", "1", "1", MORE), false },
        { "last\t1\nkept_from\t1\nbytes\t1\nheld_ns\t1\n", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct transfer_sample s = { .last = 77 };
        struct err e = { 0 };

        print_message("# row %zu\n", i);
        assert_int_equal(transfer_parse(rows[i].out, &s, &e), rows[i].good ? 0 : -1);
        assert_int_equal(s.last == 77, !rows[i].good);
        assert_true(!rows[i].good || (s.kept_bytes == 0 && s.donor[0] == '\0'));
    }
}

static void
test_room(void **state)
{
    static const struct {
        const char *room;
        long long bytes;
    } rows[] = { { "room\t128M\ndonor\tpx-1\n", 128LL << 20 },
                 { "room\tx\ndonor\tpx-1\n", 0 },
                 { "donor\tpx-1\n", 0 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        auto_free char *out =
            mem_printf("%s%s", SAMPLE("1", "1", "1", "1"), rows[i].room);
        struct transfer_sample s = { 0 };
        struct err e = { 0 };

        assert_int_equal(transfer_parse(out, &s, &e), 0);
        assert_int_equal(s.kept_bytes, rows[i].bytes);
        assert_string_equal(s.donor, "px-1");
        assert_string_equal(s.history, "h");
    }
}

static void
test_window(void **state)
{
    static const struct {
        long long then, now, kept, kept_from, ms, from, window;
    } rows[] = {
        { 0, 10, 100, 5, 1000, 4, 10000 }, /* the next one is the oldest */
        { 0, 10, 100, 6, 1000, 4, 0 },     /* that one is gone */
        { 0, 10, 1, 5, 1000, 4, 100 },
        { 0, 10, 0, 5, 1000, 4, -1 },
        { 0, 10, 100, 5, 1, 4, 10 },
        { 0, 10, 100, 5, 0, 4, -1 },
        { 10, 10, 100, 5, 1000, 4, LLONG_MAX },
        { 11, 10, 100, 5, 1000, 4, -1 },
        { 0, 1, LLONG_MAX, 5, 1000, 4, LLONG_MAX },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct transfer_sample then = { .bytes = rows[i].then };
        const struct transfer_sample now = { .bytes = rows[i].now,
                                             .kept_bytes = rows[i].kept,
                                             .kept_from = rows[i].kept_from };

        print_message("# row %zu\n", i);
        assert_true(transfer_window_ms(&then, &now, rows[i].ms, rows[i].from) ==
                    rows[i].window);
    }
}

static void
test_held(void **state)
{
    static const struct {
        long long then, now, ms, percent;
    } rows[] = { { 0, 500000000, 1000, 50 },
                 { 500000000, 500000000, 1000, 0 },
                 { 500000000, 0, 1000, 0 }, /* its server was restarted */
                 { 0, 500000000, 0, 0 },
                 { 0, 1000000, 1, 100 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct transfer_sample then = { .held_ns = rows[i].then };
        const struct transfer_sample now = { .held_ns = rows[i].now };

        assert_true(transfer_held(&then, &now, rows[i].ms) == (double)rows[i].percent);
    }
}

static void
test_log(void **state)
{
    static const struct transfer_log marks = {
        .group = "group ", .had = "had ", .got = "got ", .donor = "from "
    };
    static const struct {
        const char *log;
        enum transfer_way way;
        const char *donor;
        long long missing;
    } rows[] = {
        { "group a:9 had a:7 from m (d) got a:7", TRANSFER_LATE, "d", 2 },
        { "group a:7 had a:7 got a:7", TRANSFER_LATE, "", 0 },
        { "group a:6 had a:7 got a:7", TRANSFER_LATE, "", -1 },
        { "group a had a:7 got a:7", TRANSFER_LATE, "", -1 },
        { "had a:7 got a:7", TRANSFER_LATE, "", -1 },
        { "group a:9 had a:7 got a:8", TRANSFER_WHOLE, "", -1 },
        { "group a:9 had a:7 got b:7", TRANSFER_WHOLE, "", -1 },
        { "group a:9 had a:7 got aa:7", TRANSFER_WHOLE, "", -1 },
        { "had a:-1 got a:-1", TRANSFER_LATE, "", -1 },
        { "had a:-2 got a:-2", TRANSFER_UNKNOWN, "", -1 },
        { "had a:" MOST " got a:" MOST, TRANSFER_LATE, "", -1 },
        { "had a:" MORE " got a:" MORE, TRANSFER_UNKNOWN, "", -1 },
        { "had a:7 got x", TRANSFER_UNKNOWN, "", -1 },
        { "had a7 got a:7", TRANSFER_UNKNOWN, "", -1 },
        { "had x got a:7", TRANSFER_UNKNOWN, "", -1 },
        { "got a:7 had a:7", TRANSFER_UNKNOWN, "", -1 },
        { "had a:7 from m\n(x) got a:7", TRANSFER_LATE, "", -1 },
        { "had a:7 from m (x\n) got a:7", TRANSFER_LATE, "x", -1 },
        { "had a:7 from m () got a:7", TRANSFER_LATE, "", -1 },
        { "had a:7 from m (x) from n (y) got a:7", TRANSFER_LATE, "y", -1 },
        { "from m (x) had a:7 got a:7", TRANSFER_LATE, "", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct transfer_told told;

        print_message("# row %zu\n", i);
        transfer_by_log(&marks, rows[i].log, &told);
        assert_int_equal(told.way, rows[i].way);
        assert_string_equal(told.donor, rows[i].donor);
        assert_int_equal(told.missing, rows[i].missing);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value),    cmocka_unit_test(test_member),
        cmocka_unit_test(test_measures), cmocka_unit_test(test_databases),
        cmocka_unit_test(test_count),    cmocka_unit_test(test_sample),
        cmocka_unit_test(test_room),     cmocka_unit_test(test_window),
        cmocka_unit_test(test_held),     cmocka_unit_test(test_log),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
