#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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
    static const char *const wrong[] = { "6",    "6g", "g6",  "00", "6100", "616",
                                         "0x61", " 6", "\\x", "/0", ":1",   "1:",
                                         "`1",   "1`", "@1",  "1@", "G1",   "1G" };
    auto_free char *name = name_bytes("6162fFzz", 6);
    auto_free char *digits = name_bytes("019fa01FA009f0", 14);
    auto_free char *none = name_bytes("", 0);
    auto_free char *most = mem_alloc(8194);
    auto_free char *all = NULL;

    (void)state;
    assert_string_equal(name, "ab\xff");
    assert_string_equal(none, "");
    assert_string_equal(digits, "\x01\x9f\xa0\x1f\xa0\x09\xf0");
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

/* A character as UTF-8; also those that UTF-8 has none for. */
static void
put_char(unsigned cp, char out[5])
{
    static const unsigned char leads[] = { 0x00, 0xc0, 0xe0, 0xf0 };
    size_t n = cp < 0x80 ? 0 : cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;

    memset(out, 0, 5);
    for (size_t i = n; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    out[0] = (char)(leads[n] | cp);
}

/* The first and the last of those that nobody sees, and their neighbours. */
static void
test_hidden(void **state)
{
    static const unsigned hidden[][2] = {
        { 0x01, 0x1f },       { 0x7f, 0xa0 },         { 0xad, 0xad },
        { 0x34f, 0x34f },     { 0x61c, 0x61c },       { 0x115f, 0x1160 },
        { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },     { 0x2000, 0x200f },
        { 0x2028, 0x202f },   { 0x205f, 0x206f },     { 0x3000, 0x3000 },
        { 0x3164, 0x3164 },   { 0xd800, 0xdfff },     { 0xfe00, 0xfe0f },
        { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },     { 0xfff0, 0xfffb },
        { 0xe0000, 0xe0fff }, { 0x110000, 0x1fffff },
    };
    enum { N = sizeof hidden / sizeof *hidden };

    (void)state;
    for (size_t i = 0; i < N; i++) {
        unsigned near[] = { hidden[i][0] - 1, hidden[i][0], hidden[i][1],
                            hidden[i][1] + 1 };

        for (size_t k = 0; k < 4; k++) {
            bool shows = k == 0 || k == 3;
            char text[5];
            auto_free char *shown = NULL;

            if (near[k] == 0 || near[k] > 0x1fffff) {
                continue; /* of no text, or of five bytes */
            }
            put_char(near[k], text);
            shown = name_show(text);
            print_message("# %x\n", near[k]);
            assert_int_equal(str_eq(shown, text), shows);
        }
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
    name_fit(a, sizeof a, "012345678901\xc3\xb6 890123456789012345x");
    assert_true(str_starts(a, "012345678901\xc3\xb6~"));
    /* where there is no room for more than the sum, or not even for that */
    assert_string_equal(name_fit(a, 18, "01234567890123456") + 17, "");
    name_fit(a, 18, "012345678901234567");
    assert_int_equal(strlen(a), 17);
    assert_true(str_starts(a, "~"));
    name_fit(b, 19, "012345678901234567");
    assert_string_equal(b, "012345678901234567");
    name_fit(b, 19, "0123456789012345678");
    assert_true(str_starts(b, "0~"));
    name_fit(a, 5, "012345678901234567");
    assert_int_equal(strlen(a), 4);
    name_fit(a, sizeof a,
             "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
             "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80");
    assert_true(str_starts(a, "~"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_hidden),
        cmocka_unit_test(test_fit),
    };

    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
