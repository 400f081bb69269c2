#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kube/policy.h"

/* What a request says of a server that was away, or was there: 'h' heard, 'm' missed, '-'
 * nothing. */
static const struct {
    const char *what;
    long status;
    bool safe, eviction;
    char says;
} notes[] = {
    { "no reply", 0, false, false, 'm' },
    { "200", 200, true, false, 'h' },
    { "404", 404, true, false, 'h' },
    { "409, a change", 409, false, false, 'h' },
    { "429, a read", 429, true, false, 'm' },
    { "429, a change", 429, false, false, '-' },
    { "429, an eviction", 429, false, true, 'h' },
    { "500, a read", 500, true, false, 'm' },
    { "500, a change", 500, false, false, '-' },
    { "501, a change", 501, false, false, 'h' },
    { "503, an eviction", 503, false, true, '-' },
    { "100, a read", 100, true, false, 'm' },
};

static void
test_notes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        struct policy there = { .heard_ms = 1 };
        struct policy away = { .away_since = 1 };

        policy_note(&there, notes[i].status, notes[i].safe, notes[i].eviction, 5);
        policy_note(&away, notes[i].status, notes[i].safe, notes[i].eviction, 5);
        if ((there.away_since == 5) != (notes[i].says == 'm') ||
            (away.away_since == 0) != (notes[i].says == 'h')) {
            fail_msg("%s", notes[i].what);
        }
    }
}

/* An absence begins with the attempt, but not before the server was heard last; and ends
 * when it is heard. */
static void
test_away(void **state)
{
    long long now = clock_ms();
    struct policy p = { .heard_ms = now - 2000 };

    (void)state;
    assert_int_equal(policy_away_ms(&p), 0);
    policy_missed(&p, now - 3000);
    assert_int_equal(p.away_since, now - 2000);
    policy_missed(&p, now - 1000);
    assert_int_equal(p.away_since, now - 2000);
    assert_in_range(policy_away_ms(&p), 2000, 60000);
    policy_heard(&p);
    assert_int_equal(p.away_since, 0);
    assert_in_range(p.away_before, 2000, 60000);
    assert_true(p.heard_ms >= now);
    policy_missed(&p, p.heard_ms);
    p.away_since -= 500;
    assert_true(policy_away_ms(&p) >= p.away_before + 500);
}

static void
test_modes(void **state)
{
    struct policy p = { .mode = KUBE_LIVE };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(policy_may_change(&p, "evict", "pods/a", &e), 0);
    p.mode = KUBE_DRY_SERVER;
    assert_int_equal(policy_may_change(&p, "evict", "pods/a", &e), 0);
    p.mode = KUBE_READ_ONLY;
    assert_int_equal(policy_may_change(&p, "evict", "pods/a", &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
    assert_string_equal(e.msg, "evict pods/a: changes are not allowed in this mode");
}

static int
guard(void *ctx, const struct kube_ref *ref, long long *send_by, struct err *e)
{
    if (*(const bool *)ctx) {
        return err_set(e, ERR_REFUSED, "no %s", ref->resource);
    }
    *send_by = 7;
    return 0;
}

/* What changes nothing is not asked about. */
static void
test_guard(void **state)
{
    bool refuses = true;
    const struct kube_ref pods = { .resource = "pods" };
    struct policy p = { .guard_ctx = &refuses };
    long long send_by = 1;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(policy_ask(&p, &pods, &send_by, &e), 0);
    assert_int_equal(send_by, 0);
    p.guard = guard;
    assert_int_equal(policy_ask(&p, NULL, &send_by, &e), 0);
    assert_int_equal(policy_ask(&p, &pods, &send_by, &e), -1);
    assert_string_equal(e.msg, "no pods");
    refuses = false;
    assert_int_equal(policy_ask(&p, &pods, &send_by, &e), 0);
    assert_int_equal(send_by, 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_away),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_guard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
