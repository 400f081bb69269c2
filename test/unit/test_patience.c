/* What is asked on the way out, when the server may be what failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube/exec.h"
#include "kube_case.h"

/* A server that takes the request and says nothing: asked once, and not for long. */
static void
test_silent(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT }, { PEER_EXPECT, "GET " },
        { PEER_GONE },   { PEER_QUIET, NULL, 500 },
        { PEER_END },
    };
    struct kube_case c;
    long long start = 0;

    (void)state;
    kube_case_start(&c, script);
    start = clock_ms();
    kube_set_patience(c.k, 300, start + 60000);
    assert_int_equal(kube_case_get(&c), -1);
    assert_int_equal(c.e.code, ERR_NETWORK);
    assert_in_range(clock_ms() - start, 250, 2000);
    kube_case_finish(&c);
}

/* A 503 is the answer; usually it would be asked again. */
static void
test_once(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, STATUS(503, "ServiceUnavailable"), 503 },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, STATUS(503, "ServiceUnavailable"), 503 },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, OBJECT("c", "1"), 200 },
        { PEER_GONE },
        { PEER_END },
    };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    kube_set_patience(c.k, 1000, clock_ms() + 60000);
    assert_int_equal(kube_case_get(&c), -1);
    assert_int_equal(c.e.status, 503);
    kube_set_patience(c.k, 0, 0);
    assert_int_equal(kube_case_get(&c), 0);
    kube_case_finish(&c);
}

/* The time is over: nothing is sent. */
static void
test_late(void **state)
{
    static const struct peer_step script[] = {
        { PEER_QUIET, NULL, 500 },
        { PEER_END },
    };
    struct kube_case c;
    long long start = clock_ms();

    (void)state;
    kube_case_start(&c, script);
    kube_set_patience(c.k, 1000, start);
    assert_int_equal(kube_case_get(&c), -1);
    assert_int_equal(c.e.code, ERR_TIMEOUT);
    assert_true(clock_ms() - start < 1000);
    kube_case_finish(&c);
}

static void
test_exec(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET /api/v1/namespaces/demo/pods/p/exec?" },
        { PEER_GONE },
        { PEER_END },
    };
    static const char *const argv[] = { "true", NULL };
    const struct kube_exec_spec spec = {
        .name_space = "demo", .pod = "p", .container = "c", .argv = argv
    };
    struct kube_case c;
    long long start = 0;

    (void)state;
    kube_case_start(&c, script);
    start = clock_ms();
    kube_set_patience(c.k, 300, start + 60000);
    assert_null(kube_exec_open(c.k, &spec, &c.e));
    assert_int_equal(c.e.code, ERR_NETWORK);
    assert_in_range(clock_ms() - start, 250, 3000);
    kube_case_finish(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silent),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_exec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
