/* What the script of a major upgrade says of a volume, and what it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/scope.h"
#include "engine/postgres.h"

#define STATE_KEPT                                                                 \
    "binaries\t17\ndata\t15\nkept\tyes\nnew\tpartial\nchecked\t\nswapped\tno\n"    \
    "started\tno\nanalyzed\tno\nserver\tdown\ncluster\tshut down\n"                \
    "checkpoint\t0/3000028\nrole\theld\nlinked\tno\nfree\t1048576\njob\tupgrade\n" \
    "job_state\trunning\njob_lost\tno\njob_full\tno\n"                             \
    "job_says\t\"Copying user relation files\"\njob_error\t\"\"\n"

static void
test_state(void **state)
{
    struct pg_state s = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(pg_state_parse(STATE_KEPT, &s, &e), 0);
    assert_int_equal(s.binaries, 17);
    assert_int_equal(s.data, 15);
    assert_true(s.kept && s.held && s.job.running);
    assert_false(s.swapped || s.started || s.up || s.linked || s.job.failed);
    assert_int_equal(s.fresh, PG_NEW_PARTIAL);
    assert_string_equal(s.cluster, "shut down");
    assert_string_equal(s.checkpoint, "0/3000028");
    assert_string_equal(s.job.name, "upgrade");
    assert_string_equal(s.job.says, "Copying user relation files");
    assert_int_equal(s.free, 1048576);
    assert_false(s.job.full);
    assert_int_equal(pg_state_parse("bash: sed: not found\n", &s, &e), -1);
    assert_int_equal(e.code, ERR_PROTOCOL);
}

/* From when on there is no way back. */
static void
test_state_begun(void **state)
{
    static const struct {
        int data;
        bool swapped, started, up, begun;
    } cases[] = {
        { 15, false, false, true, false }, /* not swapped yet */
        { 17, true, false, false, false }, /* swapped, not started */
        { 17, true, false, true, true },   /* a server came up by itself */
        { 17, true, true, false, true },   /* started */
        { 17, false, false, false, true }, /* the old data are deleted */
        { 0, false, false, false, false }, /* between two renames */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct pg_state s = { .data = cases[i].data,
                                    .swapped = cases[i].swapped,
                                    .started = cases[i].started,
                                    .up = cases[i].up };

        print_message("# row %zu\n", i);
        assert_int_equal(pg_state_is_begun(&s, 17), cases[i].begun);
    }
}

static void
test_state_error(void **state)
{
    auto_free char *text =
        pg_error("role\theld\nerror\t\"no \\\"space\\\"\\njob_state\\tdone\"\n");

    (void)state;
    assert_string_equal(text, "no \"space\"; job_state done");
    assert_null(pg_error("role\theld\n"));
    assert_null(pg_error("error\tnot JSON\n"));
}

static void
test_cause(void **state)
{
    (void)state;
    assert_non_null(pg_cause("pg_restore: ERROR: unrecognized parameter \"pg_attver\""));
    assert_non_null(pg_cause("could not load library \"$libdir/postgis-3\": ERROR"));
    assert_null(pg_cause("column x does not exist"));
    assert_null(pg_cause(""));
}

/* Whatever is in a text, it is no row, and no number of another one. */
static void
test_state_texts(void **state)
{
    struct pg_state s = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(
        pg_state_parse("binaries\t17\njob_state\tfailed\njob_full\tyes\n"
                       "job_says\t\"\\njob_state\\tdone\\u001b[1m caf\xc3\xa9\"\n"
                       "job_error\t\"caf\xe9\"\n",
                       &s, &e),
        0);
    assert_true(s.job.failed && s.job.full && !s.job.done);
    assert_string_equal(s.job.says, "job_state done [1m caf\xc3\xa9");
    assert_string_equal(s.job.error, "caf?"); /* of a database in Latin 1 */
    assert_int_equal(pg_state_parse("binaries\t17\njob_error\tnot JSON\n", &s, &e), -1);
    assert_int_equal(e.code, ERR_PROTOCOL);
}

static void
test_rows(void **state)
{
    const char *out =
        "binaries\t17\nindex\t[\"a\\nindex\\t\", \"i\"]\nindex\tapp\tx\n"
        "index\t{}\nmuch_too_long_a_key_for_a_row\t[]\nmissed\t[2, \"why\"]";
    struct pg_row row = { 0 };

    (void)state;
    assert_true(pg_row_next(&out, &row));
    assert_string_equal(row.key, "index");
    assert_string_equal(row.fields[0], "a; index ");
    assert_string_equal(row.fields[1], "i");
    assert_string_equal(row.fields[2], "");
    assert_true(pg_row_next(&out, &row));
    assert_string_equal(row.key, "missed");
    assert_string_equal(row.fields[0], "2");
    assert_string_equal(row.fields[1], "why");
    assert_false(pg_row_next(&out, &row));
}

/* A text longer than any that the script prints is none of its. */
static void
test_rows_long(void **state)
{
    auto_free char *text = mem_printf("index\t[\"%20000s\"]\n", "x");
    const char *out = text;
    struct pg_row row = { 0 };

    (void)state;
    assert_false(pg_row_next(&out, &row));
}

/* No tablespace is left out silently, and nothing but hex is handed on. */
static void
test_places(void **state)
{
    struct err e = { 0 };
    auto_free char *text = pg_places("2f61\n\n2f62\n", &e);
    auto_free char *none = pg_places("", &e);
    auto_free char *many = mem_printf("%0*d", 3 * (PG_PLACES_MAX + 1), 0);

    (void)state;
    assert_string_equal(text, "dbupgrade_places='2f61  2f62 '\n");
    assert_string_equal(none, "dbupgrade_places=''\n");
    assert_null(pg_places("2f61'; reboot", &e));
    assert_int_equal(e.code, ERR_PROTOCOL);
    for (size_t i = 2; i < 3 * (PG_PLACES_MAX + 1); i += 3) {
        many[i] = '\n';
    }
    assert_null(pg_places(many, &e));
    many[3 * PG_PLACES_MAX] = '\0';
    free(text);
    text = pg_places(many, &e);
    assert_non_null(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cause),       cmocka_unit_test(test_state),
        cmocka_unit_test(test_state_begun), cmocka_unit_test(test_state_error),
        cmocka_unit_test(test_state_texts), cmocka_unit_test(test_rows),
        cmocka_unit_test(test_rows_long),   cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests_name("postgres_state", tests, NULL, NULL);
}
