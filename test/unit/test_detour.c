/* Where the client does not go: redirections, and proxies of the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tls_case.h"

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
check_redirect(const struct tls_way *w, const char *status, const char *scheme)
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

    tls_start(&c, script, (struct kube_target){ 0 });
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
    for (size_t i = 0; i < TLS_WAYS; i++) {
        check_redirect(&tls_ways[i], statuses[i], i % 2 == 0 ? "http" : "https");
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
    tls_check_trusted(PEER_GOOD, (struct kube_target){ 0 });
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
        assert_int_equal(unsetenv(proxies[i]), 0);
    }
    finish_quiet(&other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_redirect),
        cmocka_unit_test(test_environment_proxy),
    };
    int got = 0;

    peer_tls_init();
    got = cmocka_run_group_tests(tests, NULL, NULL);
    peer_tls_free();
    return got;
}
