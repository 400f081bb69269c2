#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"
#include "base/str.h"
#include "engine/config_tables.h"
#include "engine/engine.h"

static const struct engine *
prx(void)
{
    return engine_find("prx");
}

static void
test_modes(void **state)
{
    (void)state;
    for (long long replicas = 1; replicas <= 3; replicas++) {
        const struct engine_mode *m = engine_find_mode(prx(), "", "", replicas);

        assert_non_null(m);
        assert_int_equal(m->topology, TOPOLOGY_PROXIES);
    }
    assert_false(engine_has_primary(TOPOLOGY_PROXIES));
    assert_false(engine_is_group(TOPOLOGY_PROXIES));
}

/* As a proxy printed it. */
static void
test_answer(void **state)
{
    struct member_report m = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(engine_parse_member(
                         "version\t2.7.3-12-g50b7f85\nid\t-\nstate\tRUNNING\nrole\tPEER\n"
                         "writable\t1\nqueue\t0\nmembers\t0\nonline\t0\n",
                         &m, &e),
                     0);
    assert_true(engine_member_serves(TOPOLOGY_PROXIES, &m));
    assert_true(engine_member_sees(&m, 3, 0));
    assert_true(engine_version_is(m.version, "2.7.3-debian"));
    str_copy(m.state, sizeof m.state, "PAUSED");
    assert_false(engine_member_serves(TOPOLOGY_PROXIES, &m));
    member_report_clear(&m);
}

/* -- rows -- */

static void
test_sum(void **state)
{
    struct config_sum a = config_sum("row x\nWarning: row y\nrow z\n");
    struct config_sum b = config_sum("row z\nrow x");
    struct config_sum c = config_sum("row z\nrow y\n");

    (void)state;
    assert_int_equal(a.rows, 2);
    assert_true(a.sum > 0);
    assert_true(a.sum == b.sum);
    assert_true(a.sum != c.sum);
    assert_int_equal(config_sum("").rows, 0);
    assert_true(config_sum("").sum == 0);
    /* a row twice is not no row */
    assert_true(config_sum("row x\nrow x\n").sum != 0);
}

static void
test_differences(void **state)
{
    static const struct {
        const char *a, *b;
        size_t n;
    } cases[] = {
        { "", "", 0 },
        { "row a\nrow b\n", "row b\nrow a\n", 0 },
        { "row a\nrow b\n", "row a\n", 1 },                  /* one more */
        { "row a\nrow b\n", "row a\nrow c\n", 1 },           /* another one */
        { "", "row a\nrow b\n", 2 },                         /* all gone */
        { "row a\nrow a\n", "row a\n", 1 },                  /* once more */
        { "Warning: x\nrow a\n", "row a\nWarning: y\n", 0 }, /* the client's words */
        { "row a\nrow c\n", "row a\nrow b\nrow c\n", 1 },
        { "row b\nrow c\n", "row a\nrow b\nrow c\n", 1 },
        { "row a\nrow c\nrow e\n", "row b\nrow c\nrow d\n", 2 },
        { "row a\nrow a\nrow b\n", "row a\nrow b\nrow b\n", 1 },
        { "row a", "row a\n", 0 },
        { "row \n", "row\n", 1 },
        { "row \n", "", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("# %zu\n", i);
        assert_int_equal(config_differences(cases[i].a, cases[i].b), cases[i].n);
    }
}

static void
test_lines(void **state)
{
    static const char out[] = "Warning: x\nrow first one\nrow second\n";
    auto_free char *first = config_line(out, 0);
    auto_free char *second = config_line(out, 1);

    (void)state;
    assert_string_equal(first, "first one");
    assert_string_equal(second, "second");
    assert_null(config_line(out, 2));
}

/* What a proxy answers is run on another one: nothing but rows of the part's own tables.
 */
static void
test_row(void **state)
{
    static const struct {
        const char *line;
        bool is;
    } cases[] = {
        { "REPLACE INTO main.mysql_users(username,active) VALUES(CAST(x'41' AS TEXT),1)",
          true },
        { "REPLACE INTO main.mysql_users(a,b,c) VALUES(NULL,-17,CAST(x'' AS TEXT))",
          true },
        { "REPLACE INTO main.mysql_users(a) VALUES(NULL)", true },
        { "REPLACE INTO main.mysql_servers(a) VALUES(NULL)", false },
        { "REPLACE INTO mysql_users(a) VALUES(NULL)", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(NULL);", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(NULL); DROP TABLE x", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(NULL),(1)", false },
        { "REPLACE INTO main.mysql_users(a) VALUES('x')", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(CAST(x'4' AS TEXT))", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(CAST(x'4G' AS TEXT))", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(CAST(x'41 AS TEXT))", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(CAST(x'41' AS TEXT)||b)", false },
        { "REPLACE INTO main.mysql_users(a) VALUES()", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(1,)", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(-)", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(1", false },
        { "REPLACE INTO main.mysql_users(a) SELECT 1", false },
        { "REPLACE INTO main.mysql_users(a;b) VALUES(1)", false },
        { "REPLACE INTO main.mysql_users() VALUES(1)", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(CAST(x'4142' AS TEXT),0)", true },
        { "REPLACE INTO main.mysql_users(a) VALUES(0)", true },
        { "REPLACE INTO main.mysql_users(a) VALUES(NULLX)", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(1,x)", false },
        { "REPLACE INTO main.mysql_users(a) VALUES(1,,1)", false },
        { "REPLACE INTO main.mysql_users(a)VALUES(1)", false },
        { "REPLACE INTO main.mysql_users2(a) VALUES(1)", false },
        { "REPLACE INTO main.mysql_user(a) VALUES(1)", false },
        { "INSERT INTO main.mysql_users(a) VALUES(1)", false },
        { "LOAD ADMIN VARIABLES TO RUNTIME", false },
        { "", false },
    };
    const struct engine_config *users = prx()->config;

    (void)state;
    while (!str_eq(users->id, "users")) {
        users++;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("# %s\n", cases[i].line);
        assert_int_equal(config_is_row(users, cases[i].line), cases[i].is);
    }
}

/* What is shown or compared between the layers holds no password; what is copied is told
 * to nobody. */
static void
test_rows(void **state)
{
    (void)state;
    for (const struct engine_config *c = prx()->config; c->id != NULL; c++) {
        print_message("# %s\n", c->title);
        assert_null(strstr(c->runtime_sql, "password"));
        assert_null(strstr(c->disk_sql, "password"));
        assert_non_null(c->save_sql);
        assert_int_equal(c->copy_sql != NULL, c->sum_id != NULL);
        assert_int_equal(c->copy_sql != NULL, c->clear_sql != NULL && c->use_sql != NULL);
        assert_true(c->sum_id == NULL || strlen(c->sum_id) < 24);
    }
}

/* -- the gate -- */

static enum gate_verdict
judge(const struct measures *before, const struct measures *is, double tolerance,
      char *now, char *want, size_t size)
{
    const struct gate_want w = { .topology = TOPOLOGY_PROXIES,
                                 .version = "3.0.1-debian",
                                 .before = before,
                                 .size_tolerance = tolerance };
    const struct member_report m = { .state = "RUNNING" };
    const struct gate_seen s = { .member = &m, .now = is };
    const struct engine_gate *g = prx()->member.gates;

    while (!str_eq(g->id, "config")) {
        g++;
    }
    return g->eval(&w, &s, now, want, size);
}

static void
test_gate(void **state)
{
    const struct measures before = { 6,
                                     { { "servers", "", 2 },
                                       { "servers.sum", "", 71 },
                                       { "users", "", 1 },
                                       { "users.sum", "", 72 },
                                       { "rules", "", 10 },
                                       { "rules.sum", "", 0xabc } } };
    struct measures is = before;
    char now[128];
    char want[128];

    (void)state;
    assert_int_equal(judge(&before, &is, -1, now, want, sizeof now), GATE_OK);
    assert_string_equal(now, "servers 2, users 1, query rules 10, checksums as before "
                             "(configuration, not data)");
    assert_int_equal(judge(&before, &is, 0, now, want, sizeof now), GATE_OK);
    assert_string_equal(now, "servers 2, users 1, query rules 10, checksums as before "
                             "(configuration, not data)");
    assert_int_equal(judge(&before, &is, 1, now, want, sizeof now), GATE_OK);
    assert_string_equal(now,
                        "servers 2, users 1, query rules 10 (configuration, not data)");
    is.at[4].value = 9;
    assert_int_equal(judge(&before, &is, -1, now, want, sizeof now), GATE_WAIT);
    assert_string_equal(now, "9 query rules");
    assert_string_equal(want, "10 query rules");
    is.at[4].value = 11; /* more is not right either */
    assert_int_equal(judge(&before, &is, -1, now, want, sizeof now), GATE_WAIT);
    is.at[4].value = 10;
    is.at[5].value = 0xdef; /* as many, but others */
    assert_int_equal(judge(&before, &is, -1, now, want, sizeof now), GATE_WAIT);
    assert_string_equal(now, "query rules with checksum def");
    assert_string_equal(want, "query rules with checksum abc");
    is.at[4].value = 11; /* who gives a tolerance means it */
    assert_int_equal(judge(&before, &is, 10, now, want, sizeof now), GATE_OK);
    is.at[4].value = 12;
    assert_int_equal(judge(&before, &is, 10, now, want, sizeof now), GATE_WAIT);
    assert_string_equal(want, ">= 9 query rules and <= 11 query rules");
    is.n = 4; /* not told any more */
    assert_int_equal(judge(&before, &is, -1, now, want, sizeof now), GATE_WAIT);
}

/* -- versions -- */

static void
test_return(void **state)
{
    (void)state;
    assert_true(engine_may_return(prx(), "3.0.1-debian", "2.7.3-debian"));
    assert_true(engine_may_return(prx(), "2.7.3-debian", "2.3.2-centos"));
    assert_null(engine_path_refusal(prx(), "2.3.2-debian", "3.0.1-debian"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),  cmocka_unit_test(test_answer),
        cmocka_unit_test(test_sum),    cmocka_unit_test(test_differences),
        cmocka_unit_test(test_row),    cmocka_unit_test(test_lines),
        cmocka_unit_test(test_rows),   cmocka_unit_test(test_gate),
        cmocka_unit_test(test_return),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("proxysql", tests, NULL, NULL);
}
