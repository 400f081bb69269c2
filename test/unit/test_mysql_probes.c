/* What a MySQL is asked before it goes to another series. With the two versions as
 * arguments it prints the statements, for test/mysql to ask a server; with one, what a
 * group is asked at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "asked_probe.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/engine_advice.h"
#include "engine/probe.h"
#include "preflight/probes.h"

static struct probe_case
way(const char *from, const char *to)
{
    return (struct probe_case){ engine_version_number(from), engine_version_number(to),
                                TOPOLOGY_STANDALONE,
                                engine_find("mysql")->versions.series_size };
}

static void
test_rows(void **state)
{
    size_t n = 0;

    (void)state;
    for (const struct engine_probe *row = engine_find("mysql")->probes; row->id != NULL;
         row++) {
        print_message("# %s\n", row->id);
        assert_true(str_starts(row->id, "my."));
        assert_non_null(row->text);
        assert_non_null(row->hint);
        assert_true(str_starts(row->sql, "SELECT "));
        assert_non_null(strstr(row->sql, " AS o"));
        assert_null(strpbrk(row->sql, ";\n\t"));
        assert_true((row->flags & PROBE_MAJOR) != 0 || str_eq(row->id, "my.account"));
        assert_true(row->to == row->below && (row->to == 0 || row->to > row->since));
        n++;
    }
    assert_true(n > 25 && n < PROBES_MAX);
}

static void
test_applies(void **state)
{
    static const struct {
        const char *id, *from, *to;
        bool asked;
    } cases[] = {
        { "my.xa", "5.7.44", "8.0.43", true },
        { "my.xa", "8.0.43", "8.4.8", true },
        { "my.xa", "8.4.7", "8.4.8", false },
        { "my.group_by", "5.7.44", "8.0.43", true },
        { "my.group_by", "5.7.19", "5.7.44", false },
        { "my.group_by", "8.0.43", "8.4.8", false },
        { "my.auto_increment", "8.0.43", "8.4.8", true },
        { "my.auto_increment", "8.0.35", "8.0.43", false },
        { "my.auto_increment", "8.4.8", "9.7.4", false },
        { "my.native_password", "8.0.43", "8.4.8", true },
        { "my.native_password", "8.4.8", "9.7.4", true },
        { "my.native_password", "9.1.0", "9.7.4", false },
        { "my.native_password", "5.7.44", "8.0.43", false },
        { "my.words", "9.1.0", "9.7.4", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("# %s %s %s\n", cases[i].id, cases[i].from, cases[i].to);
        struct probe_case c = way(cases[i].from, cases[i].to);

        assert_int_equal(probe_is_asked("mysql", cases[i].id, &c), cases[i].asked);
    }
}

/* A server of 5.7 knows no WITH. */
static void
test_sql(void **state)
{
    static const struct engine_probe row = { .sql = "SELECT 1 AS o" };
    auto_free char *sql = probe_sql(engine_find("mysql"), &row, 7);

    (void)state;
    assert_true(str_starts(sql, "SELECT 'count 7',CAST(count(*) AS CHAR) FROM (SELECT 1 "
                                "AS o) probe HAVING count(*) > 0 UNION ALL (SELECT "
                                "'object 7',CAST(o AS CHAR) FROM (SELECT 1 AS o) probe"));
    assert_null(strpbrk(sql, ";\n"));
}

static int
print_questions(const char *from, const char *to)
{
    const struct engine *en = engine_find("mysql");
    struct probe_case c = way(from, to);

    for (size_t i = 0; en->probes[i].id != NULL; i++) {
        auto_free char *sql = probe_sql(en, &en->probes[i], i);

        if (probe_applies(&en->probes[i], &c)) {
            (void)printf("SELECT 'asked %s';\n%s;\n", en->probes[i].id, sql);
        }
    }
    return 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_applies),
        cmocka_unit_test(test_sql),
    };

    if (argc == 3) {
        return print_questions(argv[1], argv[2]);
    }
    if (argc == 2) { /* what it is asked at the end */
        (void)printf("%s;\n", engine_sql_for(engine_find("mysql")->advice->sql,
                                             engine_version_number(argv[1])));
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
