#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube_case.h"

/* Connections that end, servers that go away, replies that nobody can read. */

/* A read survives 5xx, a cut before and within the reply, a reset. */
static void
test_read_is_retried(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "sorry", 502 },
        { PEER_EXPECT, "GET " },
        { PEER_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":" },
        { PEER_CLOSE },
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_RESET },
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_CLOSE },
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_END },
    };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_case_get(&c), 0);
    assert_int_equal(kube_case_get(&c), 0);
    kube_case_finish(&c);
}

/* How a connection ends under a change that was read. Before that it had served another
 * request: libcurl then sends again by itself, if it is let. */
static const struct {
    enum peer_do cut;
    bool away; /* nobody listens for a while */
    bool after_half_a_reply;
    bool deletes;
} cuts[] = {
    { PEER_CLOSE, false, false, false }, { PEER_CLOSE, false, false, true },
    { PEER_RESET, false, false, false }, { PEER_CLOSE, true, false, false },
    { PEER_RESET, true, false, true },   { PEER_CLOSE, false, true, false },
};

static void
test_change_is_not_repeated(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, "GET " },
            { PEER_REPLY, "{}", 200 },
            { PEER_EXPECT, cuts[i].deletes ? "DELETE " : "PATCH " },
            { PEER_SAY, cuts[i].after_half_a_reply ? "HTTP/1.1 200 OK\r\n" : "" },
            { cuts[i].away ? PEER_DEAF : PEER_SLEEP },
            { cuts[i].cut },
            { PEER_SLEEP, NULL, cuts[i].away ? 300 : 0 },
            { cuts[i].away ? PEER_LISTEN : PEER_SLEEP },
            { PEER_QUIET, NULL, 700 },
            { PEER_END },
        };
        struct kube_case c;

        print_message("# row %zu\n", i);
        kube_case_start(&c, script);
        assert_int_equal(kube_case_get(&c), 0);
        assert_int_equal(cuts[i].deletes
                             ? kube_delete(c.k, &kube_case_one, NULL, NULL, &c.e)
                             : kube_case_patch(&c),
                         -1);
        assert_int_equal(c.e.code, ERR_NETWORK);
        assert_string_equal(c.e.reason, "OUTCOME_UNKNOWN");
        kube_case_finish(&c);
    }
}

static const char *const unreadable[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngarbage",
    "HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]",
    "nonsense\r\n\r\n",
};

static void
test_unreadable_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, "PATCH " },
            { PEER_SAY, unreadable[i] },
            { PEER_QUIET, NULL, 50 },
            { PEER_END },
        };
        struct kube_case c;

        kube_case_start(&c, script);
        assert_int_equal(kube_case_patch(&c), -1);
        assert_int_equal(c.e.code, ERR_NETWORK);
        assert_string_equal(c.e.reason, "OUTCOME_UNKNOWN");
        kube_case_finish(&c);
    }
}

/* A gateway's 502 says nothing about what happened behind it; a Status does. */
static void
test_gateway(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_REPLY, "Bad Gateway", 502 },
        { PEER_EXPECT, "PATCH " },
        { PEER_REPLY, STATUS(500, "InternalError"), 500 },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_case_patch(&c), -1);
    assert_int_equal(c.e.code, ERR_API);
    assert_string_equal(c.e.reason, "OUTCOME_UNKNOWN");
    assert_int_equal(kube_case_patch(&c), -1);
    assert_string_equal(c.e.reason, "InternalError");
    kube_case_finish(&c);
}

/* A Status by which the API server says that its store did not answer leaves in doubt
 * what became of a change. */
static void
test_lost_store(void **state)
{
    static const struct {
        const char *body;
        long status;
        const char *reason;
    } rows[] = {
        { "{\"kind\":\"Status\",\"message\":\"etcdserver: leader changed\",\"code\":500}",
          500, "OUTCOME_UNKNOWN" },
        { "{\"kind\":\"Status\",\"message\":\"Internal error occurred: etcdserver: "
          "request timed out\",\"reason\":\"InternalError\",\"code\":500}",
          500, "OUTCOME_UNKNOWN" },
        { STATUS(504, "Timeout"), 504, "OUTCOME_UNKNOWN" },
        { STATUS(500, "ServerTimeout"), 500, "OUTCOME_UNKNOWN" },
        { STATUS(503, "ServiceUnavailable"), 503, "ServiceUnavailable" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, "PATCH " },
            { PEER_REPLY, rows[i].body, rows[i].status },
            { PEER_GONE },
            { PEER_END },
        };
        struct kube_case c;

        kube_case_start(&c, script);
        assert_int_equal(kube_case_patch(&c), -1);
        assert_int_equal(c.e.code, ERR_API);
        assert_string_equal(c.e.reason, rows[i].reason);
        kube_case_finish(&c);
    }
}

/* The server goes away and comes back: what could not be sent waits. */
static void
test_restart(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_DEAF },
        { PEER_CLOSE },
        { PEER_SLEEP, NULL, 1200 },
        { PEER_LISTEN },
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_REPLY, "{}", 200 },
        { PEER_DEAF },
        { PEER_CLOSE },
        { PEER_SLEEP, NULL, 700 },
        { PEER_LISTEN },
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_END },
    };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_case_get(&c), 0);
    kube_pump(c.k, 300); /* the peer has closed */
    assert_int_equal(kube_case_patch(&c), 0);
    kube_pump(c.k, 300);
    assert_int_equal(kube_case_get(&c), 0);
    kube_case_finish(&c);
}

/* A server that never answered is given up soon: it may be a typo. */
static void
test_nobody(void **state)
{
    char url[64];
    struct kube_target t = { .server = url };
    struct kube_case c = { 0 };
    long long start = clock_ms();

    (void)state;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", peer_dead_port());
    c.k = kube_new(&t, &c.e);
    assert_int_equal(kube_case_get(&c), -1);
    assert_int_equal(c.e.code, ERR_NETWORK);
    assert_non_null(strstr(c.e.msg, url));
    assert_true(clock_ms() - start < 4000);
    assert_int_equal(kube_case_patch(&c), -1);
    assert_string_equal(c.e.reason, "");
    kube_free(c.k);
}

static void
test_silent(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_GONE },
        { PEER_END },
    };
    const struct kube_target t = { .request_timeout_ms = 300 };
    struct kube_case c;
    long long start = clock_ms();

    (void)state;
    kube_case_start_as(&c, script, &t);
    assert_int_equal(kube_case_patch(&c), -1);
    assert_int_equal(c.e.code, ERR_NETWORK);
    assert_string_equal(c.e.reason, "OUTCOME_UNKNOWN");
    assert_true(clock_ms() - start < 3000);
    kube_case_finish(&c);
}

/* After silence the next request takes another connection. */
static void
test_silent_connection_is_left(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_EXPECT, "GET " }, /* no answer */
        { PEER_ACCEPT, NULL, 0, 1 },
        { PEER_EXPECT, "GET ", 0, 1 },
        { PEER_REPLY, "{}", 200, 1 },
        { PEER_END },
    };
    const struct kube_target t = { .request_timeout_ms = 500 };
    struct kube_case c;

    (void)state;
    kube_case_start_as(&c, script, &t);
    assert_int_equal(kube_case_get(&c), 0);
    assert_int_equal(kube_case_get(&c), 0);
    kube_case_finish(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_is_retried),
        cmocka_unit_test(test_change_is_not_repeated),
        cmocka_unit_test(test_unreadable_outcome),
        cmocka_unit_test(test_gateway),
        cmocka_unit_test(test_lost_store),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_silent),
        cmocka_unit_test(test_silent_connection_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
