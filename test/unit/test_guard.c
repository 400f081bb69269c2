/* The guard: asked before each attempt of a change, and for how long its word holds. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kube_case.h"

/* For so long this machine slept: CLOCK_MONOTONIC, libcurl's clock, does not know. */
static volatile sig_atomic_t slept_s;

int
clock_gettime(clockid_t id, struct timespec *t)
{
    int got = (int)syscall(SYS_clock_gettime, id, t);

    t->tv_sec += id == CLOCK_MONOTONIC ? 0 : slept_s;
    return got;
}

enum { GUARD_HOUR_S = 3600 };

struct guard {
    int asked;
    int refuses;    /* at this call; 0: never */
    int limit_ms;   /* how long its word holds */
    int sleeps;     /* the machine, after this call; 0: never */
    struct kube *k; /* to ask for something meanwhile; NULL: nothing */
};

static int
guard_ask(void *ctx, const struct kube_ref *ref, long long *until, struct err *e)
{
    struct guard *g = ctx;

    assert_string_equal(ref->resource, "configmaps");
    *until = g->limit_ms != 0 ? clock_ms() + g->limit_ms : 0;
    if (++g->asked == g->refuses) {
        return err_set(e, ERR_LOCK_LOST, "the lock is lost");
    }
    if (g->asked == g->sleeps) {
        slept_s += GUARD_HOUR_S;
    }
    if (g->k != NULL) {
        struct kube_case inner = { .k = g->k };

        assert_int_equal(kube_case_get(&inner), 0);
    }
    return 0;
}

static void
guard_start(struct kube_case *c, const struct peer_step *script, struct guard *g)
{
    kube_case_start(c, script);
    kube_set_guard(c->k, guard_ask, g);
}

#define BUSY                                                                         \
    {                                                                                \
        PEER_SAY, "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n" \
    }

/* Much may be so no more when a server that was busy is asked again: who holds the lock,
 * whether the user wants to stop. The guard may ask the server itself. */
static void
test_before_each_attempt(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_EXPECT, "PATCH " },
        BUSY,
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_EXPECT, "PATCH " },
        { PEER_REPLY, "{}", 200 },
        { PEER_GONE },
        { PEER_END },
    };
    struct guard g = { 0 };
    struct kube_case c;

    (void)state;
    guard_start(&c, script, &g);
    g.k = c.k;
    assert_int_equal(kube_case_patch(&c), 0);
    assert_int_equal(g.asked, 2);
    kube_case_finish(&c);
}

static void
test_lost_before_the_second(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT }, { PEER_EXPECT, "PATCH " }, BUSY, { PEER_GONE }, { PEER_END },
    };
    struct guard g = { .refuses = 2 };
    struct kube_case c;

    (void)state;
    guard_start(&c, script, &g);
    assert_int_equal(kube_case_patch(&c), -1);
    assert_int_equal(c.e.code, ERR_LOCK_LOST);
    assert_string_equal(c.e.detail, "");
    kube_case_finish(&c);
}

/* The first attempt may have been carried out, and that is said. */
static void
test_lost_in_doubt(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_SAY, "HTTP/1.1 503 Gone\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n" },
        { PEER_GONE },
        { PEER_END },
    };
    struct guard g = { .refuses = 2 };
    struct kube_case c;

    (void)state;
    guard_start(&c, script, &g);
    assert_int_equal(kube_case_patch(&c), -1);
    assert_int_equal(c.e.code, ERR_LOCK_LOST);
    assert_non_null(strstr(c.e.detail, "an earlier attempt may have succeeded"));
    kube_case_finish(&c);
}

/* The machine sleeps between the guard's word and the request: nothing is sent on that
 * word, the guard is asked again. */
static void
test_slept_before_it_was_sent(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_GONE },
        { PEER_ACCEPT },
        { PEER_EXPECT, "PATCH " },
        { PEER_REPLY, "{}", 200 },
        { PEER_GONE },
        { PEER_END },
    };
    struct guard g = { .limit_ms = 10000, .sleeps = 1 };
    struct kube_case c;

    (void)state;
    guard_start(&c, script, &g);
    assert_int_equal(kube_case_get(&c), 0);
    assert_int_equal(g.asked, 0);
    assert_int_equal(kube_case_patch(&c), 0);
    assert_int_equal(g.asked, 2);
    kube_case_finish(&c);
}

/* What cannot be sent in time is not sent at all, and that is known. */
static void
test_never_in_time(void **state)
{
    static const struct peer_step script[] = {
        { PEER_QUIET, NULL, 1000 },
        { PEER_END },
    };
    struct guard g = { .limit_ms = -1 };
    struct kube_case c;

    (void)state;
    guard_start(&c, script, &g);
    kube_set_patience(c.k, 1000, clock_ms() + 1000);
    assert_int_equal(kube_case_patch(&c), -1);
    assert_int_equal(c.e.code, ERR_NETWORK);
    assert_string_equal(c.e.reason, "");
    assert_non_null(strstr(c.e.msg, "could not be sent in time"));
    assert_int_equal(g.asked, 1);
    kube_case_finish(&c);
}

static void
fall_asleep(int sig)
{
    (void)sig;
    slept_s += GUARD_HOUR_S;
}

/* While this machine sleeps the server is not heard. */
static void
test_asleep_is_away(void **state)
{
    static const struct peer_step script[] = {
        { PEER_ACCEPT },
        { PEER_EXPECT, "GET " },
        { PEER_REPLY, "{}", 200 },
        { PEER_GONE },
        { PEER_END },
    };
    const struct itimerval soon = { .it_value = { .tv_usec = 50000 } };
    struct kube_case c;

    (void)state;
    kube_case_start(&c, script);
    assert_int_equal(kube_case_get(&c), 0);
    kube_pump(c.k, 300);
    assert_true(kube_away_ms(c.k) < 1000);
    (void)signal(SIGALRM, fall_asleep);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    kube_pump(c.k, 1000);
    assert_true(kube_away_ms(c.k) >= GUARD_HOUR_S * 1000LL);
    assert_false(kube_is_away(c.k));
    kube_case_finish(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_each_attempt),
        cmocka_unit_test(test_lost_before_the_second),
        cmocka_unit_test(test_lost_in_doubt),
        cmocka_unit_test(test_slept_before_it_was_sent),
        cmocka_unit_test(test_never_in_time),
        cmocka_unit_test(test_asleep_is_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
