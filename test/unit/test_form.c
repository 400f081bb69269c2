/* Texts that others may have written: how long, how deep, of what characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/form.h"
#include "kubedb/journal_form.h"

static const char head[] =
    "{\"version\":4,\"kind\":\"MySQL\",\"name\":\"my-db\",\"uid\":\"u\",\"from\":\"8\","
    "\"to\":\"9\",\"set\":\"my-db\",\"started\":\"2026\",\"by\":\"eve\"";

static int
read_text(const char *text, size_t len, struct err *e)
{
    auto_json json_t *j = NULL;
    int got = journal_form_read(text, len, &j, e);

    assert_int_equal(got == 0, j != NULL);
    return got;
}

/* A journal whose list of images, names and texts are as long as they may be, or longer
 * by one. */
static int
read_sized(const char *field, size_t n, struct err *e)
{
    auto_buf struct buf text = BUF_LIMIT(1 << 20);
    bool pods = str_eq(field, "pods");
    bool images = str_eq(field, "images");

    assert_int_equal(buf_printf(&text, "%s,\"images\":[", head), 0);
    for (size_t i = 0; images && i < n; i++) {
        assert_int_equal(buf_printf(&text,
                                    "%s{\"container\":\"c\",\"from\":\"a\",\"to\":\"b\"}",
                                    i > 0 ? "," : ""),
                         0);
    }
    assert_int_equal(buf_puts(&text, "],\"pods\":{"), 0);
    for (size_t i = 0; pods && i < n; i++) {
        assert_int_equal(buf_printf(&text, "%s\"p-%zu\":{}", i > 0 ? "," : "", i), 0);
    }
    if (str_eq(field, "measure") || str_eq(field, "pod")) {
        bool measure = str_eq(field, "measure");

        assert_int_equal(buf_puts(&text, measure ? "\"p\":{\"" : "\""), 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(buf_puts(&text, "m"), 0);
        }
        assert_int_equal(buf_puts(&text, measure ? "\":1}" : "\":{}"), 0);
    }
    assert_int_equal(buf_puts(&text, "}}"), 0);
    return read_text(buf_text(&text), text.len, e);
}

static void
test_sizes(void **state)
{
    static const struct {
        const char *field;
        size_t most;
    } rows[] = { { "images", 64 }, { "pods", 64 }, { "measure", 23 }, { "pod", 253 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = { 0 };

        print_message("# %s\n", rows[i].field);
        assert_int_equal(read_sized(rows[i].field, rows[i].most, &e), 0);
        assert_int_equal(read_sized(rows[i].field, rows[i].most + 1, &e), -1);
    }
}

/* What may be in a text of each kind, and what beside it may not. */
static void
test_texts(void **state)
{
    static const struct {
        bool (*is)(const char *text);
        const char *text;
        bool good;
    } rows[] = {
        { form_is_name, "a", true },
        { form_is_name, "a-b.c1", true },
        { form_is_name, "1", true },
        { form_is_name, "", false },
        { form_is_name, "-a", false },
        { form_is_name, "a-", false },
        { form_is_name, "a.", false },
        { form_is_name, ".a", false },
        { form_is_name, "a.-b", false },
        { form_is_name, "a-.b", false },
        { form_is_name, "a/b", false },
        { form_is_name, "A", false },
        { form_is_label, "a-b", true },
        { form_is_label, "a.b", false },
        { form_is_label, "-a", false },
        { form_is_word, "aZ9", true },
        { form_is_word, "a_", false },
        { form_is_uid, "aZ9-_.:", true },
        { form_is_uid, "a/", false },
        { form_is_variable, "A_9z", true },
        { form_is_variable, "A-B", false },
        { form_is_image, "r:5/a_b-c.d@e+Z", true },
        { form_is_image, "a b", false },
        { form_is_measure, "a._9", true },
        { form_is_measure, "A", false },
        { form_is_time, "2026-11-18T00:00:00.5Z+", true },
        { form_is_time, "now", false },
        { form_is_any, "\x01", true },
        { form_is_shown, "", true },
        { form_is_shown, " ~", true },
        { form_is_shown, "\x1f", false },
        { form_is_shown, "\x7f", false },
        { form_is_shown, "\xc2\x80", false },
        { form_is_shown, "\xc2\x9f", false },
        { form_is_shown, "\xc2\xa0", true },
        { form_is_shown, "\xc3\x80", true },
        { form_is_shown, "\xe2\x80\x8a", true },
        { form_is_shown, "\xe2\x80\x8b", false },
        { form_is_shown, "\xe2\x80\x8f", false },
        { form_is_shown, "\xe2\x80\x90", true },
        { form_is_shown, "\xe2\x80\xa7", true },
        { form_is_shown, "\xe2\x80\xa8", false },
        { form_is_shown, "\xe2\x80\xae", false },
        { form_is_shown, "\xe2\x80\xaf", true },
        { form_is_shown, "\xe2\x81\x9f", true },
        { form_is_shown, "\xe2\x81\xa0", false },
        { form_is_shown, "\xe2\x81\xaf", false },
        { form_is_shown, "\xe2\x81\xb0", true },
        { form_is_shown, "\xef\xbb\xbe", true },
        { form_is_shown, "\xef\xbb\xbf", false },
        { form_is_shown, "\xef\x80\x8b", true },
        { form_is_shown, "\xe3\x80\x8b", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# row %zu: %s\n", i, rows[i].text);
        assert_int_equal(rows[i].is(rows[i].text), rows[i].good);
    }
}

/* Only brackets outside of texts count, and those that are closed do not. */
static void
test_depth(void **state)
{
    static const struct {
        const char *begin, *end;
        char bracket;
        size_t n;
        bool deep;
    } rows[] = {
        { "", "", '[', 8, false },        { "", "", '[', 9, true },
        { "", "", '{', 8, false },        { "", "", '{', 9, true },
        { "[]{}", "", '[', 8, false },    { "]}", "", '[', 8, false },
        { "[", "", '{', 8, true },        { "\"", "\"", '[', 9, false },
        { "\"\\\"", "", '[', 9, false },  { "\"\\\"\"", "", '[', 9, true },
        { "\"\\\\\"", "", '[', 9, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_buf struct buf text = BUF_LIMIT(100);
        struct err e = { 0 };

        print_message("# row %zu\n", i);
        assert_int_equal(buf_puts(&text, rows[i].begin), 0);
        for (size_t k = 0; k < rows[i].n; k++) {
            assert_int_equal(buf_add(&text, &rows[i].bracket, 1), 0);
        }
        assert_int_equal(buf_puts(&text, rows[i].end), 0);
        assert_int_equal(read_text(buf_text(&text), text.len, &e), -1);
        assert_int_equal(strstr(e.msg, "too deep") != NULL, rows[i].deep);
    }
}

/* What is more than a journal may be is not even looked at. */
static void
test_length(void **state)
{
    auto_free char *text = mem_alloc(JOURNAL_TEXT_MAX + 2);
    struct err e = { 0 };

    (void)state;
    memset(text, ' ', JOURNAL_TEXT_MAX + 1);
    text[JOURNAL_TEXT_MAX + 1] = '\0';
    assert_int_equal(read_text(text, JOURNAL_TEXT_MAX, &e), -1);
    assert_non_null(strstr(e.msg, "not JSON"));
    assert_int_equal(read_text(text, JOURNAL_TEXT_MAX + 1, &e), -1);
    assert_non_null(strstr(e.msg, "bytes exceed the limit"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_length),
    };

    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
