#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/name.h"

static void
test_bytes(void **state)
{
    static const char *const wrong[] = { "6",   "6g",   "g6", "00", "6100",
                                         "616", "0x61", " 6", "\\x" };
    auto_free char *name = name_bytes("6162fFzz", 6);
    auto_free char *none = name_bytes("", 0);
    auto_free char *most = mem_alloc(8194);
    auto_free char *all = NULL;

    (void)state;
    assert_string_equal(name, "ab\xff");
    assert_string_equal(none, "");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        print_message("# %s\n", wrong[i]);
        assert_null(name_bytes(wrong[i], strlen(wrong[i])));
    }
    memset(most, '6', 8194);
    assert_null(name_bytes(most, 8194));
    all = name_bytes(most, 8192);
    assert_int_equal(strlen(all), 4096);
}

static void
test_show(void **state)
{
    static const char *const cases[][2] = {
        { "", "" },
        { "app", "app" },
        { "it's \"%s\" $(x) `y` -z", "it's \"%s\" $(x) `y` -z" },
        { "gr\xc3\xb6\xc3\x9f\x65 \xe6\xbc\xa2 \xf0\x9f\x90\x98",
          "gr\xc3\xb6\xc3\x9f\x65 \xe6\xbc\xa2 \xf0\x9f\x90\x98" },
        { "tab\tend\r\n", "tab\\x09end\\x0d\\x0a" },
        { "back\\slash \\x09", "back\\\\slash \\\\x09" },
        { "\x1b[31m\x7f", "\\x1b[31m\\x7f" },
        { "\xc2\x9b\x33\x31m", "\\xc2\\x9b31m" }, /* C1 */
        { "a\xe2\x80\xae"
          "b\xe2\x80\x8b",
          "a\\xe2\\x80\\xaeb\\xe2\\x80\\x8b" },
        { "\xe2\x81\xa6\xef\xbb\xbf", "\\xe2\\x81\\xa6\\xef\\xbb\\xbf" },
        { "\xff\xfe", "\\xff\\xfe" },
        { "gr\xf6\xdf\x65", "gr\\xf6\\xdfe" },                     /* Latin 1 */
        { "\xc0\xaf \xe0\x80\xaf", "\\xc0\\xaf \\xe0\\x80\\xaf" }, /* overlong */
        { "\xed\xa0\x80", "\\xed\\xa0\\x80" },                     /* a surrogate */
        { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },            /* too high */
        { "a\xe6\xbc", "a\\xe6\\xbc" },                            /* cut */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_free char *shown = name_show(cases[i][0]);

        assert_string_equal(shown, cases[i][1]);
    }
    {
        auto_free char *shown = name_from_hex("6109ff", 6);

        assert_string_equal(shown, "a\\x09\\xff");
        assert_null(name_from_hex("6", 1));
    }
}

/* Two long names stay two, and the text stays UTF-8. */
static void
test_fit(void **state)
{
    char a[32];
    char b[32];

    (void)state;
    assert_string_equal(name_fit(a, sizeof a, "public.orders"), "public.orders");
    assert_string_equal(name_fit(a, sizeof a, "0123456789012345678901234567890"),
                        "0123456789012345678901234567890");
    name_fit(a, sizeof a, "01234567890123456789012345678901");
    name_fit(b, sizeof b, "01234567890123456789012345678902");
    assert_int_equal(strlen(a), 31);
    assert_true(str_starts(a, "01234567890123~"));
    assert_true(str_starts(b, "01234567890123~"));
    assert_string_not_equal(a, b);
    name_fit(a, sizeof a, "0123456789012\xc3\xb6 890123456789012345");
    assert_true(str_starts(a, "0123456789012~"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_fit),
    };

    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
