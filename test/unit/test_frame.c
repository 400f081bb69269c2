#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "kube/frame.h"

/* Lines as they came, each ended by '|'. */
static int
collect(void *ctx, const char *text, size_t len)
{
    struct buf *out = ctx;

    return buf_add(out, text, len) < 0 || buf_puts(out, "|") < 0 ? -1 : 0;
}

static int
refuse(void *ctx, const char *text, size_t len)
{
    int *calls = ctx;

    (void)text;
    (void)len;
    return ++*calls == 2 ? -1 : 0;
}

/* All ways to cut this into two and into three pieces, and byte by byte. */
static const char stream[] = "{\"a\":1}\n\n\r\nb\r\nlonger line\nthe rest";
static const char want[] = "{\"a\":1}|b|longer line|";

static void
feed(struct frame *f, size_t from, size_t to, struct buf *out)
{
    assert_int_equal(frame_add(f, stream + from, to - from, collect, out), 0);
}

static void
test_all_cuts(void **state)
{
    size_t n = sizeof stream - 1;

    (void)state;
    for (size_t a = 0; a <= n; a++) {
        for (size_t b = a; b <= n; b++) {
            struct frame f = { .rest = BUF_LIMIT(64) };
            struct buf out auto_buf = BUF_LIMIT(256);

            feed(&f, 0, a, &out);
            feed(&f, a, b, &out);
            feed(&f, b, n, &out);
            assert_string_equal(buf_text(&out), want);
            assert_string_equal(buf_text(&f.rest), "the rest");
            frame_clear(&f);
        }
    }
}

static void
test_byte_by_byte(void **state)
{
    struct frame f = { .rest = BUF_LIMIT(64) };
    struct buf out auto_buf = BUF_LIMIT(256);

    (void)state;
    for (size_t i = 0; i < sizeof stream - 1; i++) {
        feed(&f, i, i + 1, &out);
    }
    assert_string_equal(buf_text(&out), want);
    frame_clear(&f);
}

/* What stands before the text in memory is no part of an empty line. */
static void
test_empty_first(void **state)
{
    static const char text[] = "\r\nx\n";
    struct frame f = { .rest = BUF_LIMIT(64) };
    int calls = 0;

    (void)state;
    assert_int_equal(frame_add(&f, text + 1, 1, refuse, &calls), 0);
    assert_int_equal(calls, 0);
    frame_clear(&f);
}

static void
test_limit(void **state)
{
    struct frame f = { .rest = BUF_LIMIT(8) };
    struct buf out auto_buf = BUF_LIMIT(256);

    (void)state;
    assert_int_equal(frame_add(&f, "12345678\n", 9, collect, &out), 0);
    assert_int_equal(frame_add(&f, "123456789\n", 10, collect, &out), -2);
    assert_int_equal(frame_add(&f, "12345", 5, collect, &out), 0);
    assert_int_equal(frame_add(&f, "6789", 4, collect, &out), -2);
    assert_int_equal(frame_add(&f, "6789\n", 5, collect, &out), -2);
    frame_clear(&f);
}

static void
test_callback_stops(void **state)
{
    struct frame f = { .rest = BUF_LIMIT(64) };
    int calls = 0;

    (void)state;
    assert_int_equal(frame_add(&f, "1\n2\n3\n", 6, refuse, &calls), -1);
    assert_int_equal(calls, 2);
    frame_clear(&f);
}

/* A line of megabytes in small pieces takes time in proportion to its length. */
static void
test_long_line(void **state)
{
    enum { MB = 8, PIECE = 1000, TOTAL = MB * 1000 * 1000 };
    struct frame f = { .rest = BUF_LIMIT(TOTAL) };
    struct buf out auto_buf = BUF_LIMIT(TOTAL + 2);
    char piece[PIECE];

    (void)state;
    memset(piece, 'x', sizeof piece);
    for (size_t i = 0; i < TOTAL / PIECE; i++) {
        assert_int_equal(frame_add(&f, piece, PIECE, collect, &out), 0);
    }
    assert_int_equal(frame_add(&f, "\n", 1, collect, &out), 0);
    assert_int_equal(out.len, TOTAL + 1);
    frame_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_cuts),       cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_empty_first),    cmocka_unit_test(test_limit),
        cmocka_unit_test(test_callback_stops), cmocka_unit_test(test_long_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
