#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "asked_probe.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/probe.h"
#include "lock/journal.h"
#include "preflight/probes.h"

/* -- from one database to another -- */

/* No name is ever in what the client reads. */
static void
test_enter(void **state)
{
    auto_free char *lines = engine_format(engine_find("pg")->session.enter, "16384");

    (void)state;
    assert_non_null(strstr(lines, "(SELECT 16384::bigint)"));
    assert_true(str_ends(lines, "\n\\connect -reuse-previous=on :dbupgrade_to"));
}

static void
test_databases(void **state)
{
    struct databases list = { 0 };

    (void)state;
    engine_parse_databases("8000\t16384\t617070\nWARNING:  something\n"
                           "7000\t5\t746162096265640a\n6\t7\t\nx\t8\t79\n5\t9\t7a7\n"
                           "4\t0\t61\n4\t-1\t61\n4\t4294967296\t61\n4\t61\n"
                           "4\t9x\t61\n4\t9\t61\tx\n3\t4294967295\tff",
                           &list);
    assert_int_equal(list.n, 3);
    assert_string_equal(list.at[0].name, "app");
    assert_int_equal(list.at[0].bytes, 8000);
    assert_int_equal(list.at[0].oid, 16384);
    assert_string_equal(list.at[1].name, "tab\\x09bed\\x0a");
    assert_int_equal(list.at[1].oid, 5);
    assert_string_equal(list.at[2].name, "\\xff");
    databases_clear(&list);
    assert_int_equal(list.n, 0);
    engine_parse_databases("", &list);
    assert_int_equal(list.n, 0);
}

static void
test_count(void **state)
{
    static const char *const wrong[] = { "",   "COPY ",      "COPY x\n", "x",
                                         "-1", "COPY 5 6\n", "1\t2" };
    long long rows = 0;

    (void)state;
    assert_true(engine_parse_count("COPY 5000\n", &rows));
    assert_int_equal(rows, 5000);
    assert_true(engine_parse_count("7\n", &rows));
    assert_int_equal(rows, 7);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        print_message("# %s\n", wrong[i]);
        assert_false(engine_parse_count(wrong[i], &rows));
    }
}

/* -- rows of questions -- */

/* Text that a statement may hold and a message of several may not. */
static void
check_row(const struct engine_probe *row, const char *prefix)
{
    size_t open = 0;

    print_message("# %s\n", row->id);
    assert_true(str_starts(row->id, prefix));
    assert_true(row->text != NULL && row->text[0] != '\0');
    assert_true(row->hint != NULL && row->hint[0] != '\0');
    assert_true(row->text != NULL && strlen(row->text) < 160);
    assert_null(strpbrk(row->sql, ";\n\t"));
    assert_null(strstr(row->sql, "ORDER BY"));
    assert_true(str_starts(row->sql, "SELECT ") || str_starts(row->sql, "WITH "));
    for (const char *c = row->sql; *c != '\0'; c++) {
        open += *c == '(' ? 1U : 0U;
        open -= *c == ')' ? 1U : 0U;
    }
    assert_true(open == 0 || strstr(row->sql, "\\(") != NULL);
    assert_true(row->below == 0 || row->below > row->since);
    assert_true(row->to == 0 || row->to == row->below);
    /* What the new version does not take, and what keeps the program from asking. */
    assert_true((row->flags & PROBE_ERROR) == 0 || (row->flags & PROBE_MAJOR) != 0 ||
                strstr(row->id, ".account") != NULL);
}

static void
test_rows(void **state)
{
    size_t n = 0;

    (void)state;
    for (const struct engine_probe *row = engine_find("pg")->probes; row->id != NULL;
         row++) {
        check_row(row, "pg.");
        n++;
    }
    assert_true(n > 30 && n < PROBES_MAX);
    for (const struct engine_probe *row = engine_find("px")->probes; row->id != NULL;
         row++) {
        check_row(row, "px.");
    }
}

static bool
asked(const char *engine, const char *id, const char *from, const char *to)
{
    struct probe_case c = { engine_version_number(from), engine_version_number(to),
                            TOPOLOGY_STANDBYS,
                            engine_find(engine)->versions.series_size };

    return probe_is_asked(engine, id, &c);
}

static void
test_applies(void **state)
{
    static const struct {
        const char *id, *from, *to;
        bool asked;
    } cases[] = {
        { "pg.sync", "15.18", "15.20", true },
        { "pg.backups", "15.18", "17.2", true },
        { "pg.reg_types", "15.18", "15.20", false },
        { "pg.reg_types", "15.18", "16.1", true },
        { "pg.aclitem", "15.18", "16.1", true },
        { "pg.aclitem", "14.1", "15.1", false },
        { "pg.aclitem", "16.1", "17.1", false },
        { "pg.oids", "11.22", "12.1", true },
        { "pg.oids", "12.1", "18.1", false },
        { "pg.slots_lost", "16.1", "17.1", true },
        { "pg.slots_lost", "17.1", "18.1", false },
        { "pg.slots_invalid", "17.1", "18.1", true },
        { "pg.polymorphics", "13.23", "18.1", true },
        { "pg.not_null", "17.1", "18.1", true },
        { "pg.not_null", "15.1", "17.1", false },
        { "pg.settings", "15.1", "15.2", false },
        { "pg.settings", "15.1", "17.1", true },
        { "pg.extensions_gone", "15.1", "16.1", false },
        { "pg.extensions_gone", "15.1", "17.1", true },
        { "px.strict_mode", "8.0.40", "8.4.3", true },
        { "px.strict_mode", "10.11.18", "11.8.6", false }, /* MariaDB */
        { "px.no_primary_key", "10.11.18", "11.8.6", true },
        { "px.no_primary_key", "5.7.44", "8.0.40", false }, /* knows no WITH */
        { "px.native_password", "8.0.40", "8.4.3", true },
        { "px.native_password", "8.0.40", "8.0.42", false },
        { "px.native_password", "8.4.3", "8.4.5", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("# %s %s %s\n", cases[i].id, cases[i].from, cases[i].to);
        assert_int_equal(asked(str_starts(cases[i].id, "px") ? "px" : "pg", cases[i].id,
                               cases[i].from, cases[i].to),
                         cases[i].asked);
    }
}

static void
test_standbys_only(void **state)
{
    const struct engine_probe row = { .flags = PROBE_STANDBYS };

    (void)state;
    assert_true(probe_applies(&row, &(struct probe_case){ 1, 1, TOPOLOGY_STANDBYS, 1 }));
    assert_false(
        probe_applies(&row, &(struct probe_case){ 1, 1, TOPOLOGY_STANDALONE, 1 }));
}

/* What two databases answered to row 21 is told as one, with what is over counted. */
static void
test_found(void **state)
{
    static const struct engine_probe row = { .text = "columns" };
    struct probe_found found = { 0 };
    char text[512];
    char small[64];

    (void)state;
    probe_take(&found, "", 21, NULL);
    assert_int_equal(found.n, 0);
    probe_take(&found,
               "count 2\t9\nobject 2\tother\nWARNING:  x\ncount 21\t2\n"
               "object 21\tpublic.t.a\nhex 21\t7075626c69632e742e62\nhex 21\tx\n",
               21, "app");
    assert_string_equal(probe_say(&row, &found, text, sizeof text),
                        "columns: app: public.t.a, app: public.t.b");
    probe_take(&found,
               "count 21\t13\nobject 21\ta\nobject 21\tb\nobject 21\tc\nobject "
               "21\td\nobject 21\te\n",
               21, "b");
    assert_int_equal(found.n, 15);
    assert_string_equal(
        probe_say(&row, &found, text, sizeof text),
        "columns: app: public.t.a, app: public.t.b, b: a, b: b, b: c and 10 more");
    assert_string_equal(probe_say(&row, &found, small, sizeof small),
                        "columns: app: public.t. and 10 more");
}

static void
test_sql(void **state)
{
    static const struct engine_probe row = { .sql = "SELECT 1" };
    auto_free char *sql = probe_sql(engine_find("pg"), &row, 7);

    (void)state;
    assert_true(str_starts(sql, "WITH probe(o) AS (SELECT 1) "));
    assert_non_null(strstr(sql, "'count 7'"));
    assert_non_null(strstr(sql, "'hex 7'"));
    assert_null(strpbrk(sql, ";\n"));
}

/* -- measures of each database -- */

/* The gate's words for a server's answers before and after. */
static enum gate_verdict
size_gate(const char *before, const char *after, bool another_major, char *now,
          char *want)
{
    struct measures was = { 0 };
    struct measures is = { 0 };
    struct err e = { 0 };
    const struct engine_gate *gate = engine_find("pg")->member.gates;

    assert_int_equal(engine_parse_measures(before, &was, &e), 0);
    assert_int_equal(engine_parse_measures(after, &is, &e), 0);
    while (!str_eq(gate->id, "size")) {
        gate++;
    }
    return gate->eval(&(struct gate_want){ .before = &was,
                                           .size_tolerance = -1,
                                           .another_major = another_major },
                      &(struct gate_seen){ .now = &is }, now, want, 128);
}

static void
test_sizes(void **state)
{
    static const char before[] =
        "bytes\t4294967296\t\ndatabases\t4\nbytes\t2147483648\t617070\n"
        "bytes\t1073741824\t612062\n";
    static const char smaller[] =
        "bytes\t4294967296\t\ndatabases\t4\nbytes\t1932735283\t617070\n"
        "bytes\t1073741824\t612062\n";
    char now[128];
    char want[128];

    (void)state;
    assert_int_equal(size_gate(before, before, false, now, want), GATE_OK);
    assert_string_equal(now, "4.0 GiB (+0.0%)");
    assert_int_equal(size_gate(before, smaller, false, now, want), GATE_WAIT);
    assert_string_equal(now, "app: 1.8 GiB (-10.0%)");
    assert_string_equal(want, ">= 2.0 GiB");
    assert_int_equal(size_gate(before, smaller, true, now, want), GATE_OK);
    assert_int_equal(
        size_gate(before, "bytes\t4294967296\ndatabases\t3\n", true, now, want),
        GATE_WAIT);
    assert_string_equal(now, "3 databases (-25.0%)");
    assert_string_equal(want, ">= 4 databases");
}

/* Estimates may be missing; that a database's tables are, because it cannot be entered
 * any more, must not be. */
static void
test_contents(void **state)
{
    static const char before[] =
        "tables\t12\t617070\nsequences\t3\t617070\nrows\t100000\t617070\n"
        "counted\t500\t6170703a207075626c69632e74\n";
    char now[128];
    char want[128];

    (void)state;
    assert_int_equal(size_gate(before, before, true, now, want), GATE_OK);
    assert_int_equal(size_gate(before,
                               "tables\t12\t617070\nsequences\t3\t617070\n"
                               "counted\t500\t6170703a207075626c69632e74\n",
                               true, now, want),
                     GATE_OK);
    assert_int_equal(
        size_gate(before, "tables\t12\t617070\nsequences\t2\t617070\n", true, now, want),
        GATE_WAIT);
    assert_string_equal(now, "app: 2 sequences (-33.3%)");
    assert_int_equal(
        size_gate(before, "tables\t12\t617070\nsequences\t3\t617070\n", true, now, want),
        GATE_WAIT);
    assert_string_equal(now, "app: public.t: rows unknown");
    assert_string_equal(want, ">= 500 rows");
    assert_int_equal(size_gate(before, "databases\t4\n", true, now, want), GATE_WAIT);
    assert_string_equal(now, "app: tables unknown");
}

/* A run that goes on takes them from the journal; earlier programs wrote only totals. */
static void
test_recall(void **state)
{
    json_t *j = json_pack("{s:{s:{s:i,s:{s:{s:i}}},s:{s:i}}}", "pods", "pg-0", "bytes", 5,
                          "of", "a b", "bytes", 2, "pg-1", "bytes", 7);
    struct measures m;

    (void)state;
    assert_non_null(j);
    journal_recall(j, "pg-0", &m);
    assert_int_equal(m.n, 2);
    assert_string_equal(m.at[0].of, "");
    assert_int_equal(m.at[0].value, 5);
    assert_string_equal(m.at[1].of, "a b");
    assert_string_equal(m.at[1].id, "bytes");
    assert_int_equal(m.at[1].value, 2);
    journal_recall(j, "pg-1", &m);
    assert_int_equal(m.n, 1);
    journal_recall(j, "pg-2", &m);
    assert_int_equal(m.n, 0);
    json_decref(j);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enter),    cmocka_unit_test(test_databases),
        cmocka_unit_test(test_count),    cmocka_unit_test(test_rows),
        cmocka_unit_test(test_applies),  cmocka_unit_test(test_standbys_only),
        cmocka_unit_test(test_found),    cmocka_unit_test(test_sql),
        cmocka_unit_test(test_sizes),    cmocka_unit_test(test_recall),
        cmocka_unit_test(test_contents),
    };

    return cmocka_run_group_tests_name("probes", tests, NULL, NULL);
}
