#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kube/exec.h"
#include "kube_case.h"

static const char *const argv[] = { "mysql", "-N", NULL };
static const struct kube_exec_spec with_stdin = { "demo", "db-0", "mysql", argv, true };
static const struct kube_exec_spec without = { "demo", "db-0", "mysql", argv, false };

#define SUCCESS "{\"metadata\":{},\"status\":\"Success\"}"
#define EXIT_3                                                                          \
    "{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[{" \
    "\"reason\":\"ExitCode\",\"message\":\"3\"}]}}"

/* Serves the loop until stdout is this. */
static void
wait_for(struct kube_case *c, struct kube_exec *x, const char *text)
{
    long long end = clock_ms() + 10000;

    while (strcmp(buf_text(kube_exec_stdout(x)), text) != 0) {
        if (kube_exec_ended(x) || clock_ms() > end) {
            fail_msg("\"%s\" did not become \"%s\"", buf_text(kube_exec_stdout(x)), text);
        }
        kube_pump(c->k, 500);
    }
}

/* Questions and answers over one session, with either version of the protocol. */
static void
test_session(void **state)
{
    (void)state;
    for (long version = 4; version <= 5; version++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_UPGRADE, NULL, version },
            { PEER_HAS,
              "GET /api/v1/namespaces/demo/pods/db-0/exec?command=mysql&command=-N"
              "&container=mysql&stdin=true&stdout=true&stderr=true HTTP/1.1\r\n" },
            { PEER_MESSAGE, "", 1 },
            { PEER_MESSAGE, "", 2 },
            { PEER_GET, "select 1;\n", 0 },
            { PEER_MESSAGE, "1\n", 1 },
            { PEER_GET, "select 2;\n", 0 },
            { PEER_MESSAGE, "oops", 2 },
            { PEER_PART, "a longer answer in two fragments\n", 1 },
            { PEER_MESSAGE, SUCCESS, 3 },
            { PEER_BYE, NULL, 1000 },
            { PEER_END },
        };
        struct kube_case c;
        struct kube_exec *x = NULL;
        int code = -1;

        kube_case_start(&c, script);
        x = kube_case_exec(&c, &with_stdin);
        assert_false(kube_exec_ended(x));
        assert_int_equal(kube_exec_result(x, &code, &c.e), -1);
        assert_int_equal(kube_exec_write(x, "select 1;\n", 10, &c.e), 0);
        wait_for(&c, x, "1\n");
        buf_reset(kube_exec_stdout(x));
        assert_int_equal(kube_exec_write(x, "select 2;\n", 10, &c.e), 0);
        wait_for(&c, x, "a longer answer in two fragments\n");
        assert_string_equal(buf_text(kube_exec_stderr(x)), "oops");
        kube_case_wait_end(&c, x);
        assert_int_equal(kube_exec_result(x, &code, &c.e), 0);
        assert_int_equal(code, 0);
        assert_int_equal(kube_exec_write(x, "x", 1, &c.e), -1);
        kube_exec_close(x);
        assert_int_equal(kube_requests(c.k), 1);
        kube_case_finish(&c);
    }
}

/* How a command ends. */
static const struct {
    const char *what;
    const char *status; /* NULL: none comes */
    enum peer_do last;
    long n;
    int rc;
    int exit_code;
    enum err_code code;
} ends[] = {
    { "well", SUCCESS, PEER_BYE, 1000, 0, 0, ERR_NONE },
    { "exit 3", EXIT_3, PEER_BYE, 1000, 0, 3, ERR_NONE },
    { "no close frame", SUCCESS, PEER_CLOSE, 0, 0, 0, ERR_NONE },
    { "nothing after the status", EXIT_3, PEER_GONE, 0, 0, 3, ERR_NONE },
    { "not run", "{\"status\":\"Failure\",\"message\":\"no sh\",\"code\":500}", PEER_BYE,
      1000, -1, 0, ERR_API },
    { "garbage", "what", PEER_GONE, 0, -1, 0, ERR_PROTOCOL },
    { "cut", NULL, PEER_CLOSE, 0, -1, 0, ERR_NETWORK },
    { "reset", NULL, PEER_RESET, 0, -1, 0, ERR_NETWORK },
    { "closed early", NULL, PEER_BYE, 1011, -1, 0, ERR_NETWORK },
};

static void
test_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_UPGRADE, NULL, 5 },
            { PEER_LACKS, "stdin" },
            { PEER_MESSAGE, "some", 1 },
            { ends[i].status != NULL ? PEER_MESSAGE : PEER_SLEEP, ends[i].status,
              ends[i].status != NULL ? 3 : 0 },
            { ends[i].last, NULL, ends[i].n },
            { PEER_END },
        };
        struct buf out auto_buf = BUF_LIMIT(100);
        struct kube_case c;
        int code = -1;
        int rc = 0;

        print_message("# %s\n", ends[i].what);
        kube_case_start(&c, script);
        rc = kube_exec_run(c.k, &without, 5000, &out, NULL, &code, &c.e);
        assert_int_equal(rc, ends[i].rc);
        if (rc < 0) {
            assert_int_equal(c.e.code, ends[i].code);
            assert_ptr_equal(strstr(c.e.msg, "exec in pods/db-0 in demo: "), c.e.msg);
        } else {
            assert_int_equal(code, ends[i].exit_code);
            assert_string_equal(buf_text(&out), "some");
        }
        kube_case_finish(&c);
    }
}

/* Replies that are no WebSocket. */
static const struct {
    const char *reply;
    enum peer_do then;
    enum err_code code;
    int status;
    const char *text;
} refusals[] = {
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n" STATUS(404, "NotFound"),
      PEER_CLOSE, ERR_NOT_FOUND, 404, "it says NotFound" },
    { "HTTP/1.1 400 Bad\r\nContent-Length: 5\r\n\r\nwhat?", PEER_GONE, ERR_API, 400,
      "what?" },
    { "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n5d\r\n" STATUS(
          403, "Forbidden") "\r\n0\r\n\r\n",
      PEER_CLOSE, ERR_FORBIDDEN, 403, "it says Forbidden" },
    { "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", PEER_GONE, ERR_FORBIDDEN, 401,
      "401" },
    { "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n"
      "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n",
      PEER_GONE, ERR_PROTOCOL, 0, "does not speak" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", PEER_GONE, ERR_API, 200, "hi" },
    { "SSH-2.0\r\n", PEER_GONE, ERR_PROTOCOL, 0, "not HTTP" },
    { "", PEER_CLOSE, ERR_NETWORK, 0, "closed" },
    { "HTTP/1.1 101 x\r\nUpgr", PEER_CLOSE, ERR_NETWORK, 0, "closed" },
};

static void
test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },
            { PEER_EXPECT, "GET " },
            { PEER_SAY, refusals[i].reply, 10 },
            { refusals[i].then },
            { PEER_END },
        };
        struct kube_case c;

        print_message("# row %zu\n", i);
        kube_case_start(&c, script);
        assert_null(kube_exec_open(c.k, &without, &c.e));
        assert_int_equal(c.e.code, refusals[i].code);
        assert_int_equal(c.e.status, refusals[i].status);
        if (strstr(c.e.msg, refusals[i].text) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", refusals[i].text, c.e.msg);
        }
        kube_case_finish(&c);
    }
}

static void
test_long_input(void **state)
{
    enum { TOTAL = 33000, FIRST = 32768 };
    static char text[TOTAL + 1];
    static char first[FIRST + 1];
    const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_UPGRADE, NULL, 5 },
        { PEER_GET, first, 0 },
        { PEER_GET, text + FIRST, 0 },
        { PEER_MESSAGE, "thanks", 1 },
        { PEER_GET, "\0", 255 }, /* no more input */
        { PEER_END },
    };
    struct kube_case c;
    struct kube_exec *x = NULL;

    (void)state;
    memset(text, 'z', TOTAL);
    memcpy(first, text, FIRST);
    kube_case_start(&c, script);
    x = kube_case_exec(&c, &with_stdin);
    assert_int_equal(kube_exec_write(x, text, TOTAL, &c.e), 0);
    wait_for(&c, x, "thanks");
    assert_int_equal(kube_exec_unsent(x), 0);
    kube_exec_close(x);
    kube_case_finish(&c);
}

static void
test_timeout(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_UPGRADE, NULL, 5 },
        { PEER_SLEEP, NULL, 900 },
        { PEER_END },
    };
    struct kube_case c;
    int code = -1;
    long long start = clock_ms();

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_exec_run(c.k, &without, 300, NULL, NULL, &code, &c.e), -1);
    assert_int_equal(c.e.code, ERR_TIMEOUT);
    assert_true(clock_ms() - start < 800);
    kube_case_finish(&c);
}

static void
test_orphan(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_UPGRADE, NULL, 5 },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;
    struct kube_exec *x = NULL;
    int code = -1;

    (void)state;
    kube_case_start(&c, script);
    x = kube_case_exec(&c, &with_stdin);
    kube_case_finish(&c);
    assert_true(kube_exec_ended(x));
    assert_int_equal(kube_exec_result(x, &code, &c.e), -1);
    assert_int_equal(kube_exec_write(x, "x", 1, &c.e), -1);
    kube_exec_close(x);
    kube_exec_close(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session),  cmocka_unit_test(test_ends),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_long_input),
        cmocka_unit_test(test_timeout),  cmocka_unit_test(test_orphan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
