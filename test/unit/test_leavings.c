/* What a member's volume holds, as the script of a major upgrade says it: each row by
 * itself, and at its bounds. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/postgres.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define LEAST       "binaries\t17\njob_error\t\"\"\n"

/* One row more; of all that is told by yes or no, what is so. */
static void
test_each(void **state)
{
    enum { KEPT = 1, SWAPPED = 2, STARTED = 4, ANALYZED = 8, UP = 16, HELD = 32 };
    enum {
        LINKED = 64,
        RUNNING = 128,
        DONE = 256,
        FAILED = 512,
        LOST = 1024,
        FULL = 2048
    };
    static const struct {
        const char *row;
        unsigned is;
        enum pg_new fresh;
    } rows[] = {
        { "", HELD, PG_NEW_ABSENT },
        { "kept\tyes\n", HELD | KEPT, PG_NEW_ABSENT },
        { "kept\tno\n", HELD, PG_NEW_ABSENT },
        { "swapped\tyes\n", HELD | SWAPPED, PG_NEW_ABSENT },
        { "started\tyes\n", HELD | STARTED, PG_NEW_ABSENT },
        { "analyzed\tyes\n", HELD | ANALYZED, PG_NEW_ABSENT },
        { "server\tup\n", HELD | UP, PG_NEW_ABSENT },
        { "server\tdown\n", HELD, PG_NEW_ABSENT },
        { "role\tpresent\n", 0, PG_NEW_ABSENT },
        { "role\theld\n", HELD, PG_NEW_ABSENT },
        { "linked\tyes\n", HELD | LINKED, PG_NEW_ABSENT },
        { "job_state\trunning\n", HELD | RUNNING, PG_NEW_ABSENT },
        { "job_state\tdone\n", HELD | DONE, PG_NEW_ABSENT },
        { "job_state\tfailed\n", HELD | FAILED, PG_NEW_ABSENT },
        { "job_lost\tyes\n", HELD | LOST, PG_NEW_ABSENT },
        { "job_full\tyes\n", HELD | FULL, PG_NEW_ABSENT },
        { "new\tpartial\n", HELD, PG_NEW_PARTIAL },
        { "new\tupgraded\n", HELD, PG_NEW_UPGRADED },
        { "new\tabsent\n", HELD, PG_NEW_ABSENT },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        auto_free char *out = mem_printf("%s%s", LEAST, rows[i].row);
        struct pg_state s = { 0 };
        struct err e = { 0 };

        print_message("# %s", rows[i].row);
        assert_int_equal(pg_state_parse(out, &s, &e), 0);
        assert_int_equal((s.kept ? KEPT : 0) | (s.swapped ? SWAPPED : 0) |
                             (s.started ? STARTED : 0) | (s.analyzed ? ANALYZED : 0) |
                             (s.up ? UP : 0) | (s.held ? HELD : 0) |
                             (s.linked ? LINKED : 0) | (s.job.running ? RUNNING : 0) |
                             (s.job.done ? DONE : 0) | (s.job.failed ? FAILED : 0) |
                             (s.job.lost ? LOST : 0) | (s.job.full ? FULL : 0),
                         rows[i].is);
        assert_int_equal(s.fresh, rows[i].fresh);
        assert_string_equal(s.cluster, "");
        assert_string_equal(s.job.says, "");
    }
}

static void
test_numbers(void **state)
{
    static const struct {
        const char *out;
        int binaries, data; /* binaries 0: the state is not told */
        long long free;
    } rows[] = {
        { LEAST "data\t9999\nfree\t9223372036854775807\n", 17, 9999, LLONG_MAX },
        { LEAST "data\t10000\nfree\t9223372036854775808\n", 17, 0, 0 },
        { LEAST "data\t0\nfree\t0\n", 17, 0, 0 },
        { LEAST "data\t1\nfree\t1\n", 17, 1, 1 },
        { LEAST "data\t-1\nfree\t-1\n", 17, 0, 0 },
        { LEAST "data\tx\nfree\tx\n", 17, 0, 0 },
        { "binaries\t1\njob_error\t\"\"\n", 1, 0, 0 },
        { "binaries\t0\njob_error\t\"\"\n", 0, 0, 0 },
        { "binaries\t10000\njob_error\t\"\"\n", 0, 0, 0 },
        { "job_error\t\"\"\n", 0, 0, 0 },
        { "binaries\t17\n", 0, 0, 0 },
        { "binaries\t17\njob_error\t7\n", 0, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pg_state s = { 0 };
        struct err e = { 0 };

        print_message("# row %zu\n", i);
        assert_int_equal(pg_state_parse(rows[i].out, &s, &e),
                         rows[i].binaries > 0 ? 0 : -1);
        assert_int_equal(s.binaries, rows[i].binaries);
        assert_int_equal(s.data, rows[i].data);
        assert_true(s.free == rows[i].free);
    }
}

/* -- what upgrades left -- */

static void
test_kept(void **state)
{
    static const struct {
        const char *row;
        bool good;
        struct pg_kept is;
    } rows[] = {
        { "kept\t15\t17\t99\tyes", true, { 15, 17, 99, true } },
        { "kept\t15\t17\t0\tno", true, { 15, 17, 0, false } },
        { "kept\t0\t9999\t9223372036854775807\tno", true, { 0, 9999, LLONG_MAX, false } },
        { "kept\t15\t10000\t1\tno", false, { 0 } },
        { "kept\t10000\t17\t1\tno", false, { 0 } },
        { "kept\t15\t17\t10000\tno", true, { 15, 17, 10000, false } },
        { "kept\t15\t17\t-1\tno", false, { 0 } },
        { "kept\t-1\t17\t1\tno", false, { 0 } },
        { "kept\t15\t17\t1\tperhaps", false, { 0 } },
        { "kept\t15\t17\t1", false, { 0 } },
        { "kept\t15\t17", false, { 0 } },
        { "kept\t15", false, { 0 } },
        { "kept\t", false, { 0 } },
        { "kept\tx\t17\t1\tno", false, { 0 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        auto_free char *out =
            mem_printf("data\t17\nserver\tup\n%s\nother\trow\n", rows[i].row);
        struct pg_leavings l = { 0 };
        struct err e = { 0 };

        print_message("# %s\n", rows[i].row);
        assert_int_equal(pg_leavings_parse(out, &l, &e), rows[i].good ? 0 : -1);
        assert_int_equal(l.n, rows[i].good ? 1 : 0);
        assert_int_equal(l.data, rows[i].good ? 17 : 0);
        assert_int_equal(l.up, rows[i].good);
        if (rows[i].good) {
            assert_int_equal(l.at[0].from, rows[i].is.from);
            assert_int_equal(l.at[0].to, rows[i].is.to);
            assert_true(l.at[0].bytes == rows[i].is.bytes);
            assert_int_equal(l.at[0].over, rows[i].is.over);
        }
    }
}

static void
test_kept_many(void **state)
{
    (void)state;
    for (size_t n = PG_KEPT_MAX - 1; n <= PG_KEPT_MAX + 1; n++) {
        auto_buf struct buf out = BUF_LIMIT(4096);
        struct pg_leavings l = { 0 };
        struct err e = { 0 };

        assert_int_equal(buf_puts(&out, "server\tdown"), 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(buf_printf(&out, "\nkept\t15\t17\t%zu\tno", i), 0);
        }
        assert_int_equal(pg_leavings_parse(buf_text(&out), &l, &e),
                         n <= PG_KEPT_MAX ? 0 : -1);
        assert_int_equal(l.n, n <= PG_KEPT_MAX ? n : 0);
        assert_false(l.up);
        assert_true(n > PG_KEPT_MAX || l.at[n - 1].bytes == (long long)n - 1);
    }
    {
        struct pg_leavings l = { 0 };
        struct err e = { 0 };

        assert_int_equal(pg_leavings_parse("data\t17\n", &l, &e), -1);
        assert_non_null(strstr(e.msg, "unexpected report of kept data"));
    }
}

/* -- rows of names -- */

static void
test_names(void **state)
{
    static const struct {
        const char *out, *key, *field; /* key NULL: it is no row */
    } rows[] = {
        { "k\t[\"a\"]", "k", "a" },
        { "k\t[\"\\u001f \\u007f~\"]", "k", "   ~" },
        { "k\t[\"\\u0020\xc3\xa9\"]", "k", " \xc3\xa9" },
        { "k\t[\"\x7f\x80\"]", "k", " ?" },
        { "k\t[12]", "k", "12" },
        { "k\t[1.5]", "k", "" },
        { "k\t[null]", "k", "" },
        { "k\t[]", "k", "" },
        { "k\t\"a\"", NULL, "" },
        { "k\t[\"a\"", NULL, "" },
        { "k [\"a\"]", NULL, "" },
        { "k", NULL, "" },
        { "", NULL, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *out = rows[i].out;
        struct pg_row row = { 0 };

        print_message("# row %zu\n", i);
        assert_int_equal(pg_row_next(&out, &row), rows[i].key != NULL);
        assert_string_equal(row.key, rows[i].key != NULL ? rows[i].key : "");
        assert_string_equal(row.fields[0], rows[i].field);
        assert_false(pg_row_next(&out, &row));
    }
}

/* As long as the script prints keys and texts at the most, and longer by one. */
static void
test_long(void **state)
{
    enum { TEXT = 16 * 1024 };
    struct pg_row row = { 0 };

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        size_t key = sizeof row.key - 1 + more;
        auto_free char *keyed = mem_alloc(key + 4);
        auto_free char *text = mem_alloc(2 + TEXT + more + 1);
        const char *out = keyed;

        memset(keyed, 'k', key);
        memcpy(keyed + key, "\t[]", 4);
        assert_int_equal(pg_row_next(&out, &row), more == 0);
        memset(text, ' ', 2 + TEXT + more);
        memcpy(text, "k\t[]", 4);
        text[2 + TEXT + more] = '\0';
        out = text;
        assert_int_equal(pg_row_next(&out, &row), more == 0);
    }
}

static void
test_places(void **state)
{
    enum { PLACE = 4096 };
    auto_free char *hex = mem_alloc(PLACE + 2);

    (void)state;
    memset(hex, 'a', PLACE + 1);
    hex[PLACE + 1] = '\0';
    for (size_t more = 0; more < 2; more++) {
        struct err e = { 0 };
        auto_free char *text = pg_places(hex + 1 - more, &e);

        assert_int_equal(text != NULL, more == 0);
        assert_int_equal(e.code, more == 0 ? ERR_NONE : ERR_PROTOCOL);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_kept),   cmocka_unit_test(test_kept_many),
        cmocka_unit_test(test_names),  cmocka_unit_test(test_long),
        cmocka_unit_test(test_places),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("leavings", tests, NULL, NULL);
}
