/* An API server that is away for a while: how long requests wait for it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/sig.h"
#include "kube_case.h"

/* Requests wait no longer than they are told to, and the time of an absence is known. */
static void
test_absence(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_DEAF },
        { PEER_CLOSE },
        { PEER_SLEEP, NULL, 2000 },
        { PEER_LISTEN },
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, STATUS(404, "NotFound"), 404 },
        { PEER_END },
    };
    struct kube_case c;
    long long start = 0;
    long long away = 0;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_case_get(&c), 0);
    assert_int_equal(kube_away_ms(c.k), 0);
    kube_pump(c.k, 200); /* the peer has closed */
    kube_set_away(c.k, 400);
    start = clock_ms();
    assert_int_equal(kube_case_get(&c), -1);
    assert_int_equal(c.e.code, ERR_NETWORK);
    assert_true(clock_ms() - start < 20000); /* not the usual minute */
    assert_true(kube_away_ms(c.k) >= 400);
    kube_set_away(c.k, 10000);
    assert_int_equal(kube_case_get(&c), -1);
    assert_int_equal(c.e.status, 404);
    away = kube_away_ms(c.k);
    assert_true(away >= 1000 && away <= clock_ms() - start); /* it sleeps for 2 s */
    kube_pump(c.k, 200);
    assert_int_equal(kube_away_ms(c.k), away);
    kube_case_finish(&c);
}

static void
ask_to_stop(void *ctx)
{
    const long long *start = ctx;

    if (clock_ms() - *start > 700 && sig_asked() == SIG_STOP_NONE) {
        sig_request(SIGINT);
    }
}

/* The first signal ends the waiting for a server that is away. */
static void
test_signal_ends_waiting(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT }, { PEER_EXPECT, "GET " }, { PEER_REPLY, "{}", 200 },
        { PEER_DEAF },   { PEER_CLOSE },          { PEER_END },
    };
    struct kube_case c;
    long long start = clock_ms();

    (void)state;
    assert_int_equal(sig_init(), 0);
    kube_case_start(&c, script);
    assert_int_equal(kube_case_get(&c), 0);
    kube_set_tick(c.k, ask_to_stop, &start);
    assert_int_equal(kube_case_get(&c), -1);
    assert_int_equal(c.e.code, ERR_NETWORK);
    assert_true(clock_ms() - start < 3000);
    kube_set_tick(c.k, NULL, NULL);
    kube_set_away(c.k, 600);
    start = clock_ms();
    assert_int_equal(kube_case_get(&c),
                     -1); /* begun after it: cleaning up, with its own patience */
    assert_true(clock_ms() - start >= 600);
    kube_case_finish(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absence),
        cmocka_unit_test(test_signal_ends_waiting), /* the last: a signal stays */
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
