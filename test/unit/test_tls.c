/* Whom the client talks to: certificates, and connections that are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube/exec.h"
#include "kube/watch.h"
#include "tls_case.h"

static char name[] = "db.example";

/* -- certificates -- */

/* Without this the tests below would not mean much. */
static void
test_trusted(void **state)
{
    (void)state;
    tls_check_trusted(PEER_GOOD, (struct kube_target){ 0 });
    tls_check_trusted(PEER_TLS_12, (struct kube_target){ 0 });
    tls_check_trusted(PEER_ASKS, (struct kube_target){ 0 });
    tls_check_trusted(PEER_OTHER_NAME, (struct kube_target){ .tls_server_name = name });
    tls_check_trusted(PEER_SELF_SIGNED, (struct kube_target){ .insecure = true });
}

/* Nothing is said to a server that shows anything else, least of all the token. Only one
 * that finds fault with this side, by TLS 1.3, does so after the request was sent. */
static void
check_untrusted(enum peer_cert cert, struct kube_target t)
{
    for (size_t i = 0; i < TLS_WAYS; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_NO_TLS, NULL, cert },
            { PEER_END },
        };
        struct kube_case c;

        tls_start(&c, script, t);
        kube_set_patience(c.k, 1000, clock_ms() + 1000); /* once */
        assert_int_equal(tls_ways[i].ask(&c), -1);
        if (c.e.code != ERR_NETWORK || c.e.status != 0 ||
            (cert != PEER_DEMANDS && strcmp(c.e.reason, "OUTCOME_UNKNOWN") == 0)) {
            fail_msg("way %zu, certificate %d: %d %s", i, (int)cert, (int)c.e.code,
                     c.e.msg);
        }
        kube_case_finish(&c);
    }
}

static void
test_untrusted(void **state)
{
    static const enum peer_cert bad[] = { PEER_OTHER_CA, PEER_SELF_SIGNED, PEER_EXPIRED,
                                          PEER_NOT_YET, PEER_OTHER_NAME };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_untrusted(bad[i], (struct kube_target){ 0 });
    }
    check_untrusted(PEER_GOOD, (struct kube_target){ .tls_server_name = name });
}

/* Protocols before TLS 1.2; main() has OpenSSL itself allow them. */
static void
test_old_protocol(void **state)
{
    (void)state;
    check_untrusted(PEER_TLS_11, (struct kube_target){ 0 });
    check_untrusted(PEER_TLS_11, (struct kube_target){ .insecure = true });
}

/* A server that was good once is looked at again on each new connection. */
static void
test_changed_later(void **state)
{
    (void)state;
    for (size_t i = 0; i < TLS_WAYS; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_TLS, NULL, PEER_GOOD },
            { PEER_EXPECT, "GET " },
            { PEER_REPLY, "{}", 200 },
            { PEER_CLOSE },
            { PEER_ACCEPT },
            { PEER_NO_TLS, NULL, PEER_OTHER_CA },
            { PEER_END },
        };
        struct kube_case c;

        tls_start(&c, script, (struct kube_target){ 0 });
        assert_int_equal(kube_case_get(&c), 0);
        kube_set_patience(c.k, 1000, clock_ms() + 1000);
        assert_int_equal(tls_ways[i].ask(&c), -1);
        assert_int_equal(c.e.code, ERR_NETWORK);
        kube_case_finish(&c);
    }
}

/* The connection of a watch, which is another than the list's. */
static void
test_watch_changed_later(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_TLS, NULL, PEER_GOOD },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, LIST("1", ""), 200 },
        { PEER_CLOSE },
        { PEER_ACCEPT },
        { PEER_NO_TLS, NULL, PEER_OTHER_NAME },
        { PEER_ACCEPT },
        { PEER_TLS, NULL, PEER_GOOD },
        { PEER_EXPECT, "GET /api/v1/namespaces/demo/configmaps?watch=1" },
        { PEER_STREAM },
        { PEER_SAY, EVENT("ADDED", OBJECT("c", "2")) },
        { PEER_GONE },
        { PEER_END },
    };
    long long end = clock_ms() + 10000;
    struct kube_watch *w = NULL;
    struct kube_case c;

    (void)state;
    tls_start(&c, script, (struct kube_target){ 0 });
    w = kube_watch_open(c.k, &kube_case_all, NULL, NULL, &c.e);
    assert_non_null(w);
    while (json_object_size(kube_watch_objects(w)) == 0 && clock_ms() < end) {
        kube_pump(c.k, 500);
    }
    assert_int_equal(json_object_size(kube_watch_objects(w)), 1);
    kube_watch_close(w);
    kube_case_finish(&c);
}

static void
test_client_certificate(void **state)
{
    char *cert = peer_tls_client();
    char *key = peer_tls_client_key();

    (void)state;
    tls_check_trusted(PEER_DEMANDS,
                      (struct kube_target){ .cert_pem = cert, .key_pem = key });
    check_untrusted(PEER_DEMANDS, (struct kube_target){ 0 });
    free(cert);
    free(key);
}

/* -- cut in the middle -- */

/* Whoever sits between can end a connection, and not forge the words that end TLS. But
 * libcurl does not tell the one from the other: a text is whole if its own head or its
 * chunks say so, and no other is taken. */
static const struct {
    const char *text;
    enum peer_do end;
    const char *whole; /* NULL: it is not */
} texts[] = {
    { "HTTP/1.1 200 OK\r\n\r\nDROP TABLE old", PEER_CUT, NULL },
    { "HTTP/1.1 200 OK\r\n\r\nDROP TABLE old", PEER_CLOSE, NULL },
    { "HTTP/1.1 200 OK\r\n\r\n", PEER_CUT, NULL },
    { "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nDROP TABLE old", PEER_CUT, NULL },
    { "HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\nDROP TABLE old", PEER_CUT,
      "DROP TABLE old" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\nDROP TABLE old\r\n",
      PEER_CUT, NULL },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\nDROP TABLE old\r\n"
      "0\r\n\r\n",
      PEER_CUT, "DROP TABLE old" },
    { "HTTP/1.1 103 Hints\r\nContent-Length: 3\r\n\r\nHTTP/1.1 200 OK\r\n\r\nDROP",
      PEER_CUT, NULL },
    { "HTTP/1.1 204 Nothing\r\n\r\n", PEER_CUT, "" },
};

static void
test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_TLS, NULL, PEER_GOOD },
            { PEER_EXPECT, "GET /log" },
            { PEER_SAY, texts[i].text },
            { texts[i].end },
            { PEER_END },
        };
        struct buf out auto_buf = BUF_LIMIT(1000);
        struct kube_case c;
        int got = 0;

        tls_start(&c, script, (struct kube_target){ 0 });
        kube_set_patience(c.k, 1000, clock_ms() + 1000);
        got = kube_get_raw(c.k, "/log", &out, &c.e);
        if (got != (texts[i].whole != NULL ? 0 : -1)) {
            fail_msg("text %zu: %d %s", i, got, c.e.msg);
        }
        assert_string_equal(buf_text(&out), got == 0 ? texts[i].whole : "");
        assert_true(got == 0 || c.e.code == ERR_NETWORK);
        kube_case_finish(&c);
    }
}

/* A session that is cut so has no result. */
static void
test_cut_session(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_TLS, NULL, PEER_GOOD },
        { PEER_UPGRADE, NULL, 5 },
        { PEER_MESSAGE, "some", 1 },
        { PEER_CUT },
        { PEER_END },
    };
    struct kube_exec *x = NULL;
    struct kube_case c;
    int code = 0;

    (void)state;
    tls_start(&c, script, (struct kube_target){ 0 });
    x = kube_case_exec(&c, &tls_spec);
    kube_case_wait_end(&c, x);
    assert_int_equal(kube_exec_result(x, &code, &c.e), -1);
    assert_int_equal(c.e.code, ERR_NETWORK);
    kube_exec_close(x);
    kube_case_finish(&c);
}

/* OpenSSL's own settings refuse old protocols on many systems: then a test of ours would
 * show theirs. */
static void
allow_old_protocols(char *path)
{
    static const char text[] =
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
        "MinProtocol = TLSv1\nCipherString = DEFAULT@SECLEVEL=0\n";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    (void)close(fd);
    assert_int_equal(setenv("OPENSSL_CONF", path, 1), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trusted),
        cmocka_unit_test(test_untrusted),
        cmocka_unit_test(test_old_protocol),
        cmocka_unit_test(test_changed_later),
        cmocka_unit_test(test_watch_changed_later),
        cmocka_unit_test(test_client_certificate),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_cut_session),
    };
    char path[] = "/tmp/dbupgrade-tls-XXXXXX";
    int got = 0;

    allow_old_protocols(path);
    peer_tls_init();
    got = cmocka_run_group_tests(tests, NULL, NULL);
    peer_tls_free();
    (void)unlink(path);
    return got;
}
