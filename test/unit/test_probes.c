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
#include "engine/engine.h"

/* -- from one database to another -- */

/* What psql reads; each was tried on servers 15 to 18 and led into the database. */
static void
test_enter(void **state)
{
#define ENTER(value) "\\connect -reuse-previous=on \"dbname='" value "'\""
    static const char *const cases[][2] = {
        { "app", ENTER("app") },
        { "App 2", ENTER("App 2") },
        { "dbname=x port=1", ENTER("dbname=x port=1") },
        { "postgresql://x", ENTER("postgresql://x") },
        { "it's", ENTER("it\\'s") },
        { "a\"b", ENTER("a\"\"b") },
        { "back\\slash", ENTER("back\\\\slash") },
        { ":x`ls`$y", ENTER(":x`ls`$y") },
        { "tab\tbed", ENTER("tab\tbed") },
        { "gr\xc3\xb6\xc3\x9f\x65", ENTER("gr\xc3\xb6\xc3\x9f\x65") },
    };
#undef ENTER

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_free char *line = engine_find("pg")->enter(cases[i][0]);

        assert_string_equal(line, cases[i][1]);
    }
}

static void
test_databases(void **state)
{
    struct databases list = { 0 };

    (void)state;
    engine_parse_databases(
        "8000\tapp\nWARNING:  something\n7000\ttab\tbed\n6\t\nx\ty\n5\tz", &list);
    assert_int_equal(list.n, 3);
    assert_string_equal(list.at[0].name, "app");
    assert_int_equal(list.at[0].bytes, 8000);
    assert_string_equal(list.at[1].name, "tab\tbed");
    assert_string_equal(list.at[2].name, "z");
    databases_clear(&list);
    assert_int_equal(list.n, 0);
    engine_parse_databases("", &list);
    assert_int_equal(list.n, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enter),
        cmocka_unit_test(test_databases),
    };

    return cmocka_run_group_tests_name("probes", tests, NULL, NULL);
}
