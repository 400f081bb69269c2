/* Text of others, made visible. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"
#include "base/visible.h"

static void
check(const char *text, const char *line, const char *lines)
{
    struct buf b = { 0 };
    char copy[256];

    assert_int_equal(visible_add(&b, text, strlen(text), VISIBLE_LINE), 0);
    assert_string_equal(buf_text(&b), line);
    assert_string_equal(visible_copy(copy, sizeof copy, text), line);
    buf_reset(&b);
    assert_int_equal(visible_add(&b, text, strlen(text), VISIBLE_LINES), 0);
    assert_string_equal(buf_text(&b), lines);
    buf_free(&b);
}

static void
test_escapes(void **state)
{
    (void)state;
    check("", "", "");
    check("plain ~", "plain ~", "plain ~");
    check("a\nb\tc\rd", "a b c d", "a\nb\tc\\x0dd");
    check("\033[31m\x7f\a", "\\x1b[31m\\x7f\\x07", "\\x1b[31m\\x7f\\x07");
    check("\xc2\x9b"
          "2J",
          "\\u009b2J", "\\u009b2J");
    check("\x9b\xff\xc0\x80", "\\x9b\\xff\\xc0\\x80", "\\x9b\\xff\\xc0\\x80");
    check("\xe2\x80\xae\xef\xbb\xbf", "\\u202e\\ufeff", "\\u202e\\ufeff");
    check("\xf3\xa0\x81\x81", "\\U000e0041", "\\U000e0041");
    check("\xe2\x9c", "\\xe2\\x9c", "\\xe2\\x9c");
    check("✔ é 数据 e\xcc\x81 \xef\xbf\xbd", "✔ é 数据 e\xcc\x81 \xef\xbf\xbd",
          "✔ é 数据 e\xcc\x81 \xef\xbf\xbd");
}

/* With their length: a NUL is a character like others. */
static void
test_nul(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_int_equal(visible_add(&b, "a\0b\xe2\x80", 4, VISIBLE_LINE), 0);
    assert_string_equal(buf_text(&b), "a\\x00b\\xe2");
    buf_free(&b);
}

/* Each character by its category: what unicode.org calls Cc, Cf, Zl, Zp or Co, and what
 * is drawn as nothing. */
static void
test_kinds(void **state)
{
    static const uint32_t hidden[] = {
        0x00,   0x1f,   0x7f,   0x80,    0x9f,    0xad,    0x34f,   0x61c,   0x180e,
        0x200b, 0x200d, 0x200e, 0x200f,  0x2028,  0x2029,  0x202a,  0x202e,  0x2060,
        0x2064, 0x2066, 0x2069, 0x206f,  0x3164,  0xe000,  0xfe0f,  0xfeff,  0xfff9,
        0xfffe, 0xffff, 0xfdd0, 0x1fffe, 0xe0001, 0xe007f, 0xe01ef, 0xf0000, 0x10ffff,
    };
    static const uint32_t shown[] = {
        ' ',    '~',    0xa0,   0xac,   0xae,   0x301,  0x61b,  0x200a, 0x2010,  0x2027,
        0x202f, 0x205f, 0x2026, 0x2714, 0x25d0, 0x6570, 0xd7a3, 0xfffd, 0x1f600, 0x20000,
    };

    (void)state;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        if (visible_is_shown(hidden[i])) {
            fail_msg("U+%04X is shown", (unsigned)hidden[i]);
        }
    }
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (!visible_is_shown(shown[i])) {
            fail_msg("U+%04X is not shown", (unsigned)shown[i]);
        }
    }
    assert_false(visible_is_shown(VISIBLE_BROKEN));
}

static void
test_cut(void **state)
{
    char out[8];

    (void)state;
    assert_string_equal(visible_copy(out, sizeof out, "abcdefghij"), "abcdefg");
    assert_string_equal(visible_copy(out, sizeof out, "abcdef数"), "abcdef");
    assert_string_equal(visible_copy(out, sizeof out, "abcd\033x"), "abcd");
    assert_string_equal(visible_copy(out, sizeof out, "abc\033x"), "abc\\x1b");
}

static void
test_columns(void **state)
{
    (void)state;
    assert_int_equal(visible_columns(""), 0);
    assert_int_equal(visible_columns("abc\\"), 4);
    assert_int_equal(visible_columns("数据 e\xcc\x81"), 6);
    assert_int_equal(visible_columns("\033\xe2\x80\xae\n"), 4 + 6 + 1);
    assert_int_equal(visible_columns("\xff"), 4);
}

/* A buffer that is full keeps what fits. */
static void
test_limit(void **state)
{
    struct buf b = BUF_LIMIT(6);

    (void)state;
    assert_int_equal(visible_add(&b, "ab\033\033", 4, VISIBLE_LINE), -1);
    assert_string_equal(buf_text(&b), "ab\\x1b");
    buf_free(&b);
}

/* JSON says the same, and shows nothing else. */
static void
test_json(void **state)
{
    json_t *o =
        json_pack("{s:s}", "k\xe2\x80\xae", "✔\033\x7f\xc2\x9b\xf3\xa0\x81\x81\n");
    char *text = json_text(o);
    char *lines = json_text_lines(o);
    json_t *back = json_loads(text, 0, NULL);

    (void)state;
    assert_string_equal(text,
                        "{\"k\\u202e\":\"✔\\u001B\\u007f\\u009b\\udb40\\udc41\\n\"}");
    assert_string_equal(lines, "{\n  \"k\\u202e\": "
                               "\"✔\\u001B\\u007f\\u009b\\udb40\\udc41\\n\"\n}");
    assert_true(json_equal(o, back));
    json_decref(o);
    json_decref(back);
    free(text);
    free(lines);
    o = json_visible("a\xff\n");
    assert_string_equal(json_string_value(o), "a\\xff ");
    json_decref(o);
}

/* A text of others makes no second line of a hint. */
static void
test_error(void **state)
{
    struct err e = { 0 };

    (void)state;
    err_hint(&e, "run: %s", "a\nb");
    err_hint(&e, "or: %s", "c");
    assert_string_equal(e.hint, "run: a b\nor: c\n");
}

/* A command that has no room is none that could be run. */
static void
test_error_cut(void **state)
{
    struct err e = { 0 };
    char text[4000];

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    err_hint(&e, "run: %.1400s", text);
    err_hint(&e, "run: %s", text);
    assert_int_equal(strlen(e.hint), sizeof e.hint - 1);
    assert_string_equal(e.hint + sizeof e.hint - 9, "xxx ...\n");
    err_hint(&e, "no room");
    assert_int_equal(strlen(e.hint), sizeof e.hint - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),   cmocka_unit_test(test_nul),
        cmocka_unit_test(test_kinds),     cmocka_unit_test(test_cut),
        cmocka_unit_test(test_columns),   cmocka_unit_test(test_limit),
        cmocka_unit_test(test_json),      cmocka_unit_test(test_error),
        cmocka_unit_test(test_error_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
