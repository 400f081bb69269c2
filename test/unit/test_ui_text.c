#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/text.h"

static void
test_decode(void **state)
{
    static const struct {
        const char *text;
        uint32_t cp;
        size_t len;
    } cases[] = {
        { "a", 'a', 1 },
        { "\xc3\xa9", 0xe9, 2 },
        { "\xe2\x9c\x94", 0x2714, 3 },
        { "\xf0\x9f\x92\xbe", 0x1f4be, 4 },
        { "\xff", 0xfffd, 1 },         /* never in UTF-8 */
        { "\xc0\x80", 0xfffd, 1 },     /* too long for NUL */
        { "\xe0\x80\xaf", 0xfffd, 1 }, /* too long for a slash */
        { "\xed\xa0\x80", 0xfffd, 1 }, /* a surrogate */
        { "\xf4\x90\x80\x80", 0xfffd, 1 },
        { "\xe2\x9c", 0xfffd, 1 }, /* cut off */
        { "\x80", 0xfffd, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t cp = 0;

        assert_int_equal(text_decode(cases[i].text, &cp), cases[i].len);
        assert_int_equal(cp, cases[i].cp);
    }
}

static void
test_columns(void **state)
{
    (void)state;
    assert_int_equal(text_columns(""), 0);
    assert_int_equal(text_columns("abc"), 3);
    assert_int_equal(text_columns(TEXT_RED "a" TEXT_PLAIN "b"), 2);
    assert_int_equal(text_columns("数据"), 4);
    assert_int_equal(text_columns("e\xcc\x81"), 1);
    assert_int_equal(text_columns("✔ ◐ · …"), 7);
}

static void
check_add(const char *text, bool utf8, const char *want)
{
    struct buf b = { 0 };

    text_add(&b, text, utf8);
    assert_string_equal(buf_text(&b), want);
    buf_free(&b);
}

static void
test_add(void **state)
{
    (void)state;
    check_add("plain", true, "plain");
    check_add("a\nb\tc", true, "a b c");
    check_add("\033[2J\a\x7f", true, "\\x1b[2J\\x07\\x7f");
    check_add("\xc2\x9b"
              "31m",
              true, "\\u009b31m"); /* CSI as one character */
    check_add("\xe2\x80\xae"
              "evil",
              true,
              "\\u202e"
              "evil");
    check_add("\xff"
              "x",
              true, "\\xffx");
    check_add(TEXT_RED "x", true, "\\xffdx"); /* nobody else makes a mark */
    check_add("\xe2\x80\xae", false, "\\u202e");
    check_add("✔ é…", true, "✔ é…");
    check_add("✔ é…", false, "+ ?...");
}

static void
check_cut(const char *text, size_t columns, bool utf8, const char *want)
{
    struct buf b = { 0 };

    assert_int_equal(buf_puts(&b, text), 0);
    text_cut(&b, columns, utf8);
    assert_string_equal(buf_text(&b), want);
    assert_true(text_columns(buf_text(&b)) <= columns);
    buf_free(&b);
}

static void
test_cut(void **state)
{
    (void)state;
    check_cut("abcdef", 6, true, "abcdef");
    check_cut("abcdef", 5, true, "abcd…");
    check_cut("abcdef", 5, false, "ab...");
    check_cut("abcdef", 1, true, "…");
    check_cut("数据库", 5, true, "数据…");
    check_cut("数据库", 4, true, "数…");
    check_cut(TEXT_RED "abcdef" TEXT_PLAIN, 4, true, TEXT_RED "abc…" TEXT_PLAIN);
}

static void
test_fit(void **state)
{
    (void)state;
    assert_int_equal(text_fit("one two three", 20), 13);
    assert_int_equal(text_fit("one two three", 13), 13);
    assert_int_equal(text_fit("one two three", 12), 7);
    assert_int_equal(text_fit("one two three", 7), 7);
    assert_int_equal(text_fit("one two three", 6), 3);
    assert_int_equal(text_fit("abcdef", 3), 3);
    assert_int_equal(text_fit("数据", 1), 3); /* one character at least */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode), cmocka_unit_test(test_columns),
        cmocka_unit_test(test_add),    cmocka_unit_test(test_cut),
        cmocka_unit_test(test_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
