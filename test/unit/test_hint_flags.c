/* The flags that commands in hints repeat: they lead to the same cluster, and a shell
 * takes them for what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/cluster.h"
#include "cmd/options.h"
#include "shell.h"

static struct shell sh;

static int
open_shell(void **state)
{
    (void)state;
    return shell_open(&sh);
}

static int
close_shell(void **state)
{
    (void)state;
    shell_close(&sh);
    return 0;
}

/* What hints say after one flag was given. */
static char *
flags_of(const struct option_row *row, const char *value)
{
    struct options o;
    struct err e = { 0 };
    char *flags = NULL;

    options_init(&o);
    assert_int_equal(option_set(&o, row, value, &e), 0);
    flags = cluster_flags(&o, "demo");
    options_free(&o);
    return flags;
}

/* The words that a shell makes of it, a line each. */
static char *
words_of(const char *flags)
{
    auto_free char *file = mem_printf("%s/line", sh.dir);
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    assert_true(fprintf(f, "printf '%%s\\n'%s\n", flags) > 0);
    assert_int_equal(fclose(f), 0);
    return shell_run(&sh, "bash line 2>&1");
}

#define SECRET "s3cr3t"

/* Flags of kubectl's that do not choose the cluster, nor as whom it is asked. */
static bool
is_of_no_interest(const char *name)
{
    static const char *const names[] = { "namespace", "request-timeout", "cache-dir",
                                         "disable-compression" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

static bool
is_secret(const char *name)
{
    return str_eq(name, "token") || str_eq(name, "password");
}

static void
test_every_flag(void **state)
{
    const struct option_row *row = NULL;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; (row = option_at(i)) != NULL; i++) {
        bool yes = row->type == OPTION_BOOL;
        auto_free char *flags = NULL;
        auto_free char *words = NULL;
        auto_free char *want = NULL;

        if (row->group != OPTIONS_CLUSTER) {
            assert_int_equal(row->hint, OPTION_HINT_UNSAID);
            continue;
        }
        assert_int_not_equal(row->hint, OPTION_HINT_UNSAID); /* each says it */
        if (row->type == OPTION_TIME) {
            continue;
        }
        flags = flags_of(row, yes ? NULL : SECRET "=v");
        words = words_of(flags);
        want = is_of_no_interest(row->name) ? mem_strdup("-n\ndemo\n")
               : yes                        ? mem_printf("-n\ndemo\n--%s\n", row->name)
                     : mem_printf("-n\ndemo\n--%s\n%s\n", row->name,
                                  is_secret(row->name) ? row->metavar : SECRET "=v");
        assert_string_equal(words, want);
        n++;
    }
    assert_true(n >= 18);
}

/* A list is repeated as a whole. */
static void
test_lists(void **state)
{
    struct options o;
    struct err e = { 0 };
    const struct option_row *row = option_find("as-group", strlen("as-group"));
    auto_free char *flags = NULL;

    (void)state;
    options_init(&o);
    assert_int_equal(option_set(&o, row, "a", &e), 0);
    assert_int_equal(option_set(&o, row, "b c", &e), 0);
    flags = cluster_flags(&o, "demo");
    assert_string_equal(flags, " -n demo --as-group a --as-group 'b c'");
    options_free(&o);
}

/* What stands on a line that is copied is run by a shell. */
static void
test_hostile_values(void **state)
{
    static const char *const values[] = {
        "$(touch canary)",
        "`touch canary`",
        "a'b",
        "a\\'b",
        "a\"b",
        "a b",
        "--yes",
        "-n",
        "~root",
        "=ls",
        "a;b",
        "a|b",
        "a\\nb",
        "*",
        "{a,b}",
        "!!",
        "#x",
        "a&b",
        "a>canary",
        "\033[31mx",
        "a\x7f'$(b)\\c",
        "\xe2\x80\xae",
        "\xff",
        "数据",
    };
    const struct option_row *row = option_find("context", strlen("context"));

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        auto_free char *flags = NULL;
        auto_free char *words = NULL;
        auto_free char *split = mem_printf("-n\ndemo\n--context\n%s\n", values[i]);
        auto_free char *joined = mem_printf("-n\ndemo\n--context=%s\n", values[i]);

        flags = flags_of(row, values[i]);
        words = words_of(flags);
        assert_string_equal(words, values[i][0] == '-' ? joined : split);
        for (const char *s = flags; *s != '\0'; s++) { /* it is shown as it is */
            assert_true((unsigned char)*s >= ' ' && *s != 0x7f);
        }
        assert_null(strstr(flags, "\xe2\x80\xae"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_flag, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_lists, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_hostile_values, open_shell, close_shell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
