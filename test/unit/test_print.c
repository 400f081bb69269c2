/* What commands print of others' text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmd/print.h"

#define PRINTS(want, ...)                      \
    do {                                       \
        char *text = NULL;                     \
        size_t len = 0;                        \
        FILE *f = open_memstream(&text, &len); \
                                               \
        assert_non_null(f);                    \
        print_text(f, __VA_ARGS__);            \
        assert_int_equal(fclose(f), 0);        \
        assert_string_equal(text, want);       \
        free(text);                            \
    } while (0)

static void
test_text(void **state)
{
    (void)state;
    PRINTS("", "%s", "");
    PRINTS("100%\n", "100%%\n");
    PRINTS("a\tb c\\x1b \n", "a\t%s\n", "b\nc\033\t");
    PRINTS("  ab|ab  |ab  |abc|", "%4s|%-4s|%-*s|%-2s|", "ab", "ab", 4, "ab", "abc");
    PRINTS("数据  |\\xff  |", "%-6s|%-6s|", "数据", "\xff");
    PRINTS("x|", "%*s|", -3, "x");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
