/* Whom the client talks to: certificates, redirections, proxies, connections that are
 * cut. */
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
#include "kube_case.h"

#define TOKEN  "sesame-7f3a"
#define BEARER "Authorization: Bearer " TOKEN "\r\n"

static char token[] = TOKEN;
static char name[] = "db.example";
static const char *const argv[] = { "mysql", NULL };
static const struct kube_exec_spec spec = { "demo", "db-0", "mysql", argv, false };

static void
start(struct kube_case *c, const struct peer_step *script, struct kube_target t)
{
    char url[64];
    char *ca = peer_tls_ca();

    *c = (struct kube_case){ 0 };
    peer_start(&c->peer, script);
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d", c->peer.port);
    t.server = url;
    t.ca_pem = t.insecure ? NULL : ca;
    t.token = token;
    t.disable_compression = true;
    t.request_timeout_ms = 5000;
    c->k = kube_new(&t, &c->e);
    assert_non_null(c->k);
    free(ca);
}

/* -- the ways on which this program talks to the server -- */

static int
ask_exec(struct kube_case *c)
{
    struct kube_exec *x = kube_exec_open(c->k, &spec, &c->e);

    kube_exec_close(x);
    return x != NULL ? 0 : -1;
}

static int
ask_watch(struct kube_case *c)
{
    struct kube_watch *w = kube_watch_open(c->k, &kube_case_all, NULL, NULL, &c->e);

    kube_watch_close(w);
    return w != NULL ? 0 : -1;
}

static const struct way {
    int (*ask)(struct kube_case *c);
    struct peer_step hears, says; /* what a server then does */
} ways[] = {
    { kube_case_get, { PEER_EXPECT, "GET /api/v1/" }, { PEER_REPLY, "{}", 200 } },
    { kube_case_patch, { PEER_EXPECT, "PATCH /api/v1/" }, { PEER_REPLY, "{}", 200 } },
    { ask_watch, { PEER_EXPECT, "GET /api/v1/" }, { PEER_REPLY, LIST("1", ""), 200 } },
    { ask_exec, { PEER_UPGRADE, NULL, 5 }, { PEER_SAY, "" } },
};

enum { WAYS = sizeof ways / sizeof *ways };

/* -- certificates -- */

/* Each way leads to a server that shows what it should: without this the tests below
 * would not mean much. */
static void
check_trusted(enum peer_cert cert, struct kube_target t)
{
    for (size_t i = 0; i < WAYS; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT }, { PEER_TLS, NULL, cert },
            ways[i].hears,   { PEER_HAS, BEARER },
            ways[i].says,    { PEER_END },
        };
        struct kube_case c;

        start(&c, script, t);
        if (ways[i].ask(&c) < 0) {
            fail_msg("way %zu, certificate %d: %s", i, (int)cert, c.e.msg);
        }
        kube_case_finish(&c);
    }
}

static void
test_trusted(void **state)
{
    (void)state;
    check_trusted(PEER_GOOD, (struct kube_target){ 0 });
    check_trusted(PEER_TLS_12, (struct kube_target){ 0 });
    check_trusted(PEER_ASKS, (struct kube_target){ 0 });
    check_trusted(PEER_OTHER_NAME, (struct kube_target){ .tls_server_name = name });
    check_trusted(PEER_SELF_SIGNED, (struct kube_target){ .insecure = true });
}

/* Nothing is said to a server that shows anything else, least of all the token. Only one
 * that finds fault with this side, by TLS 1.3, does so after the request was sent. */
static void
check_untrusted(enum peer_cert cert, struct kube_target t)
{
    for (size_t i = 0; i < WAYS; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_NO_TLS, NULL, cert },
            { PEER_END },
        };
        struct kube_case c;

        start(&c, script, t);
        kube_set_patience(c.k, 1000, clock_ms() + 1000); /* once */
        assert_int_equal(ways[i].ask(&c), -1);
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
    for (size_t i = 0; i < WAYS; i++) {
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

        start(&c, script, (struct kube_target){ 0 });
        assert_int_equal(kube_case_get(&c), 0);
        kube_set_patience(c.k, 1000, clock_ms() + 1000);
        assert_int_equal(ways[i].ask(&c), -1);
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
    start(&c, script, (struct kube_target){ 0 });
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
    check_trusted(PEER_DEMANDS, (struct kube_target){ .cert_pem = cert, .key_pem = key });
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

        start(&c, script, (struct kube_target){ 0 });
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
    start(&c, script, (struct kube_target){ 0 });
    x = kube_case_exec(&c, &spec);
    kube_case_wait_end(&c, x);
    assert_int_equal(kube_exec_result(x, &code, &c.e), -1);
    assert_int_equal(c.e.code, ERR_NETWORK);
    kube_exec_close(x);
    kube_case_finish(&c);
}

/* -- redirections and proxies -- */

static void
finish_quiet(struct peer *other)
{
    peer_finish(other);
}

/* Another server that must hear nothing; for so long. */
static void
start_quiet(struct peer *other)
{
    static const struct peer_step script[] = {
        { PEER_QUIET, NULL, 300 },
        { PEER_END },
    };

    peer_start(other, script);
}

static void
check_redirect(const struct way *w, const char *status, const char *scheme)
{
    char text[256];
    struct kube_case c;
    struct peer other;

    start_quiet(&other);
    (void)snprintf(text, sizeof text,
                   "HTTP/1.1 %s\r\nLocation: %s://127.0.0.1:%d/\r\n"
                   "Content-Length: 0\r\n\r\n",
                   status, scheme, other.port);
    const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_TLS, NULL, PEER_GOOD },
        { PEER_EXPECT, w->ask == kube_case_patch ? "PATCH " : "GET " },
        { PEER_SAY, text },
        { PEER_GONE },
        { PEER_END },
    };

    start(&c, script, (struct kube_target){ 0 });
    assert_int_equal(w->ask(&c), -1);
    if (c.e.status / 100 != 3) {
        fail_msg("%s to %s: status %d: %s", status, scheme, c.e.status, c.e.msg);
    }
    kube_case_finish(&c);
    finish_quiet(&other);
}

static void
test_redirect(void **state)
{
    static const char *const statuses[] = { "301 Moved", "302 Found", "307 Temporary",
                                            "308 Permanent" };

    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        check_redirect(&ways[i], statuses[i], i % 2 == 0 ? "http" : "https");
    }
}

static const char *const proxies[] = { "http_proxy",  "https_proxy", "all_proxy",
                                       "HTTPS_PROXY", "HTTP_PROXY",  "ALL_PROXY" };

/* What the environment says of proxies is for others: the cluster is reached directly,
 * and no proxy hears of it. */
static void
test_environment_proxy(void **state)
{
    struct peer other;
    char url[96];

    (void)state;
    start_quiet(&other);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", other.port);
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
        assert_int_equal(setenv(proxies[i], url, 1), 0);
    }
    (void)unsetenv("no_proxy");
    (void)unsetenv("NO_PROXY");
    check_trusted(PEER_GOOD, (struct kube_target){ 0 });
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
        assert_int_equal(unsetenv(proxies[i]), 0);
    }
    finish_quiet(&other);
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
        cmocka_unit_test(test_redirect),
        cmocka_unit_test(test_environment_proxy),
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
