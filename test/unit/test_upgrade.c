#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kube/http_upgrade.h"

/* The example of RFC 6455, section 1.3. */
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char accept_value[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

static void
test_accept(void **state)
{
    char accept[UPGRADE_ACCEPT];
    char one[UPGRADE_KEY];
    char two[UPGRADE_KEY];

    (void)state;
    upgrade_accept(key, accept);
    assert_string_equal(accept, accept_value);
    upgrade_new_key(one);
    upgrade_new_key(two);
    assert_int_equal(strlen(one), 24);
    assert_string_not_equal(one, two);
}

static void
test_write(void **state)
{
    static const char *const argv[] = { "sh", "-c", "echo \"a b\" & c=d", "", NULL };
    struct kube_exec_spec spec = { "demo", "db-0", "mysql", argv, true };
    struct upgrade_request u = {
        .spec = &spec,
        .prefix = "/p",
        .host = "h:1",
        .key = key,
        .headers = "Authorization: Bearer t\r\n",
    };
    struct buf out auto_buf = BUF_LIMIT(4096);
    struct err e = { 0 };

    (void)state;
    assert_int_equal(upgrade_write(&u, &out, &e), 0);
    assert_ptr_equal(
        strstr(buf_text(&out),
               "GET /p/api/v1/namespaces/demo/pods/db-0/exec?command=sh&command=-c"
               "&command=echo%20%22a%20b%22%20%26%20c%3Dd&command=&container=mysql"
               "&stdin=true&stdout=true&stderr=true HTTP/1.1\r\nHost: h:1\r\n"),
        out.data);
    assert_non_null(
        strstr(out.data, "\r\nSec-WebSocket-Protocol: v5.channel.k8s.io, v4"));
    assert_non_null(strstr(out.data, "\r\nAuthorization: Bearer t\r\n\r\n"));
    spec.with_stdin = false;
    buf_reset(&out);
    assert_int_equal(upgrade_write(&u, &out, &e), 0);
    assert_null(strstr(out.data, "stdin"));
}

static const struct {
    const char *text;
    int rc;
    struct upgrade_reply want;
} rows[] = {
    { "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
      "Sec-Websocket-Accept:  s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \r\n"
      "sec-websocket-protocol: v5.channel.k8s.io\r\n\r\nframes",
      1,
      { .status = 101, .head = 153, .body = SIZE_MAX, .version = 5, .accepted = true } },
    { "HTTP/1.1 101 x\r\nSec-WebSocket-Accept: nonsense\r\n"
      "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n",
      1,
      { .status = 101, .head = 93, .body = SIZE_MAX, .version = 4 } },
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\n",
      1,
      { .status = 404, .head = 46, .body = 12 } },
    { "HTTP/1.1 404 Not Found\r\nContent-Length: -1\r\n\r\n",
      1,
      { .status = 404, .head = 46, .body = SIZE_MAX } },
    { "HTTP/1.0 200 OK\r\n\r\n", 1, { .status = 200, .head = 19, .body = SIZE_MAX } },
    { "", 0, { 0 } },
    { "HTT", 0, { 0 } },
    { "HTTP/1.1 101 x\r\nA: b\r\n", 0, { 0 } },
    { "SSH-2.0-OpenSSH\r\n", -1, { 0 } },
    { "HTTP/1.1 abc\r\n\r\n", -1, { 0 } },
    { "HTTP/1.1\r\n\r\n", -1, { 0 } },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf text auto_buf = BUF_LIMIT(4096);
        struct upgrade_reply got = { 0 };

        print_message("# row %zu\n", i);
        assert_int_equal(buf_puts(&text, rows[i].text), 0);
        assert_int_equal(upgrade_parse(&text, key, &got), rows[i].rc);
        if (rows[i].rc > 0) {
            assert_int_equal(got.status, rows[i].want.status);
            assert_int_equal(got.head, rows[i].want.head);
            assert_int_equal(got.body, rows[i].want.body);
            assert_int_equal(got.version, rows[i].want.version);
            assert_int_equal(got.accepted, rows[i].want.accepted);
        }
    }
}

static void
test_nul(void **state)
{
    struct buf text auto_buf = BUF_LIMIT(64);
    struct upgrade_reply got = { 0 };

    (void)state;
    assert_int_equal(buf_add(&text, "HTTP/1.1 200\0OK", 15), 0);
    assert_int_equal(upgrade_parse(&text, key, &got), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
