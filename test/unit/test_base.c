/* The base layer: errors, buffers, JSON paths, times, strings, signals, files. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/nonce.h"
#include "base/sig.h"
#include "base/str.h"

static void
test_err(void **state)
{
    struct err e = { 0 };

    (void)state;
    assert_int_equal(err_set(&e, ERR_API, "no %d", 1), -1);
    err_reason(&e, "WHY");
    err_detail(&e, "first %s", "line");
    err_detail(&e, "second");
    err_hint(&e, "try %s", "again");
    err_wrap(&e, "step %d", 2);
    assert_int_equal(e.code, ERR_API);
    assert_string_equal(e.msg, "step 2: no 1");
    assert_string_equal(e.reason, "WHY");
    assert_string_equal(e.detail, "first line\nsecond\n");
    assert_string_equal(e.hint, "try again\n");
    err_set(&e, ERR_USAGE, "%s", e.msg); /* its own text may be an argument */
    assert_string_equal(e.msg, "step 2: no 1");
    assert_string_equal(e.hint, "");
}

static void
test_err_is_bounded(void **state)
{
    struct err e = { 0 };
    char text[4000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_set(&e, ERR_API, "%s", text);
    for (int i = 0; i < 5; i++) {
        err_wrap(&e, "%s", text);
        err_detail(&e, "%s", text);
        err_hint(&e, "%s", text);
    }
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
    assert_true(strlen(e.detail) < sizeof e.detail);
    assert_true(str_ends(e.detail, "x ...\n"));
    assert_true(strlen(e.hint) < sizeof e.hint);
}

static void
test_buf(void **state)
{
    auto_buf struct buf b = BUF_LIMIT(10);
    auto_free char *taken = NULL;

    (void)state;
    assert_string_equal(buf_text(&b), "");
    assert_int_equal(buf_puts(&b, "12345"), 0);
    assert_int_equal(buf_printf(&b, "%d", 678), 0);
    assert_int_equal(buf_add(&b, "9abc", 4), -1);
    assert_string_equal(buf_text(&b), "12345678");
    buf_drop(&b, 3);
    assert_string_equal(buf_text(&b), "45678");
    assert_int_equal(buf_printf(&b, "%s", "123456"), -1);
    assert_int_equal(buf_puts(&b, "12345"), 0);
    buf_drop(&b, 100);
    assert_int_equal(b.len, 0);
    assert_int_equal(buf_puts(&b, "z"), 0);
    taken = buf_take(&b);
    assert_string_equal(taken, "z");
    assert_int_equal(b.len, 0);
    buf_reset(&b);
}

static void
test_buf_grows(void **state)
{
    auto_buf struct buf b = BUF_LIMIT(100000);

    (void)state;
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(buf_puts(&b, "0123456789"), 0);
    }
    assert_int_equal(b.len, 100000);
    assert_int_equal(buf_puts(&b, "x"), -1);
    assert_int_equal(b.data[b.len], '\0');
}

static void
test_json(void **state)
{
    struct err e = { 0 };
    const char *text =
        "{\"a\":{\"b\":[{\"name\":\"x\",\"n\":7},{\"name\":\"y\"}],\"t\":true}}";
    auto_json json_t *o = json_parse(text, strlen(text), "the test", &e);
    auto_free char *again = json_text(o);
    size_t index = 9;

    (void)state;
    assert_non_null(o);
    assert_string_equal(again, text);
    assert_string_equal(json_path_str(o, "a.b.1.name"), "y");
    assert_int_equal(json_path_int(o, "a.b.0.n", -1), 7);
    assert_int_equal(json_path_int(o, "a.b.0.name", -1), -1);
    assert_true(json_path_true(o, "a.t"));
    assert_null(json_path(o, "a.b.2.name"));
    assert_null(json_path(o, "a.b.-1"));
    assert_null(json_path(o, "a.b.x"));
    assert_null(json_path(NULL, "a"));
    assert_string_equal(json_path_str(o, "a.none"), "");
    assert_non_null(json_array_find(json_path(o, "a.b"), "name", "y", &index));
    assert_int_equal(index, 1);
    assert_null(json_array_find(json_path(o, "a.b"), "name", "z", NULL));
    assert_null(json_array_find(NULL, "name", "z", NULL));
    assert_null(json_parse("{\"a\":1,\"a\":2}", 13, "the test", &e));
    assert_int_equal(e.code, ERR_PROTOCOL);
    assert_non_null(strstr(e.msg, "the test"));
}

static void
test_times(void **state)
{
    char text[40];

    (void)state;
    assert_string_equal(clock_rfc3339(1795257659120, text, sizeof text),
                        "2026-11-21T10:40:59Z");
    assert_string_equal(clock_rfc3339_micro(1795257659120, text, sizeof text),
                        "2026-11-21T10:40:59.120000Z");
    assert_int_equal(clock_parse_rfc3339("2026-11-21T10:40:59Z"), 1795257659000);
    assert_int_equal(clock_parse_rfc3339("2026-11-21T10:40:59.120000Z"), 1795257659120);
    assert_int_equal(clock_parse_rfc3339("2026-11-21T10:40:59.5Z"), 1795257659500);
    assert_int_equal(clock_parse_rfc3339("2026-11-21 10:40:59"), -1);
    assert_int_equal(clock_parse_rfc3339(""), -1);
    assert_true(clock_wall_ms() > 1700000000000);
    assert_true(clock_ms() <= clock_ms());
}

static void
test_durations(void **state)
{
    static const struct {
        const char *text;
        long long ms;
    } rows[] = { { "90s", 90000 },
                 { "10m", 600000 },
                 { "1h30m", 5400000 },
                 { "500ms", 500 },
                 { "45", 45000 },
                 { "0", 0 },
                 { "1m500ms", 60500 },
                 { "", -1 },
                 { "-1s", -1 },
                 { "-1", -1 },
                 { "5x", -1 },
                 { "s", -1 },
                 { "1d", -1 },
                 { "10ms5", -1 },
                 { "1.5h", -1 },
                 { "ten", -1 },
                 { "9999999999999s", -1 } };
    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (clock_parse_duration(rows[i].text) != rows[i].ms) {
            fail_msg("%s: %lld", rows[i].text, clock_parse_duration(rows[i].text));
        }
    }
    assert_string_equal(clock_duration(850, text, sizeof text), "850ms");
    assert_string_equal(clock_duration(-5, text, sizeof text), "0ms");
    assert_string_equal(clock_duration(41999, text, sizeof text), "41s");
    assert_string_equal(clock_duration(161000, text, sizeof text), "2m41s");
    assert_string_equal(clock_duration(3723000, text, sizeof text), "1h02m");
}

static void
test_strings(void **state)
{
    static const char *const words[] = { "version", "versions", "mysql", "resume", NULL };
    char text[16];
    long long n = 0;

    (void)state;
    assert_true(str_eq(NULL, NULL));
    assert_false(str_eq("a", NULL));
    assert_true(str_starts("abc", "ab"));
    assert_false(str_starts("a", "ab"));
    assert_true(str_ends("abc", "bc"));
    assert_false(str_ends("c", "bc"));
    assert_string_equal(str_copy(text, sizeof text, "0123456789abcdefgh"),
                        "0123456789abcde");
    str_copy(text, sizeof text, "12345678901");
    assert_string_equal(str_append(text, sizeof text, "%s", "abcdef"), "12345678901abcd");
    assert_true(str_to_ll("-12", &n) && n == -12);
    assert_false(str_to_ll("", &n) || str_to_ll("1x", &n) || str_to_ll("1-2", &n) ||
                 str_to_ll("99999999999999999999", &n) || str_to_ll(" 1", &n));
    assert_string_equal(str_bytes(980, text, sizeof text), "980 B");
    assert_string_equal(str_bytes(13325000000, text, sizeof text), "12.4 GiB");
    assert_string_equal(str_bytes(-2048, text, sizeof text), "-2.0 KiB");
    assert_true(str_to_bytes("128M", &n) && n == 128LL << 20);
    assert_true(str_to_bytes("10Gi", &n) && n == 10LL << 30);
    assert_true(str_to_bytes("2 GiB", &n) && n == 2LL << 30);
    assert_true(str_to_bytes("512", &n) && n == 512);
    assert_true(str_to_bytes("0", &n) && n == 0);
    assert_true(str_to_bytes("1k", &n) && n == 1024);
    assert_false(str_to_bytes("", &n) || str_to_bytes("M", &n) ||
                 str_to_bytes("-1", &n) || str_to_bytes("1.5G", &n) ||
                 str_to_bytes("1X", &n) || str_to_bytes("9999999P", &n) ||
                 str_to_bytes("99999999999999999999", &n));
    assert_string_equal(str_nearest("mysq", words, 5), "mysql");
    assert_string_equal(str_nearest("resmue", words, 5), "resume");
    assert_null(str_nearest("postgres", words, 5));
    assert_null(str_nearest("x", (const char *const[]){ "y" }, 1));
}

static void
test_signals(void **state)
{
    (void)state;
    assert_int_equal(sig_init(), 0);
    assert_int_equal(sig_init(), 0);
    assert_int_equal(sig_asked(), SIG_STOP_NONE);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(sig_asked(), SIG_STOP_SAFELY);
    assert_int_equal(sig_number(), SIGTERM);
    sig_drain();
    sig_request(SIGINT);
    assert_int_equal(sig_asked(), SIG_STOP_NOW);
    sig_request(SIGINT);
    assert_int_equal(sig_asked(), SIG_STOP_NOW);
    assert_int_equal(sig_number(), SIGTERM);
    assert_true(sig_fd() >= 0);
}

static void
test_files(void **state)
{
    struct err e = { 0 };
    char path[] = "/tmp/test_base.XXXXXX";
    int fd = mkstemp(path);
    auto_free char *text = NULL;
    auto_free char *joined = file_join("/a", "b/c");
    auto_free char *absolute = file_join("/a", "/b");
    size_t len = 0;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "hello", 5), 5);
    close(fd);
    assert_int_equal(file_read(path, 5, &text, &len, &e), 0);
    assert_string_equal(text, "hello");
    assert_int_equal(len, 5);
    free(text);
    text = NULL;
    assert_int_equal(file_read(path, 4, &text, NULL, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    unlink(path);
    assert_int_equal(file_read(path, 4, &text, NULL, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_non_null(strstr(e.msg, path));
    assert_string_equal(joined, "/a/b/c");
    assert_string_equal(absolute, "/b");
}

static void
test_nonces(void **state)
{
    struct err e = { 0 };
    char a[NONCE_SIZE] = "";
    char b[NONCE_SIZE] = "";

    (void)state;
    assert_int_equal(nonce_make(a, &e), 0);
    assert_int_equal(nonce_make(b, &e), 0);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_int_equal(strlen(a), 32);
    assert_string_not_equal(a, b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err),       cmocka_unit_test(test_err_is_bounded),
        cmocka_unit_test(test_buf),       cmocka_unit_test(test_buf_grows),
        cmocka_unit_test(test_json),      cmocka_unit_test(test_times),
        cmocka_unit_test(test_durations), cmocka_unit_test(test_strings),
        cmocka_unit_test(test_signals),   cmocka_unit_test(test_files),
        cmocka_unit_test(test_nonces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
