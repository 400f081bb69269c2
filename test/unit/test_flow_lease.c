/* The lock over time: when this machine slept, and what is there when it is let go. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_other.h"

/* Somebody else wrote to the Lease, say a label: it is still ours. */
static void
touch_lease(void)
{
    world_change("leases", FIX_LEASE, "metadata.labels",
                 world_json("{'touched': 'at %lld'}", double_now));
}

static void
nap(void)
{
    world.nap_ms = 60 * 60 * 1000;
}

/* This machine slept while it watched: what it saw before says nothing of the holder
 * now. */
static void
test_held_while_asleep(void **state)
{
    (void)state;
    world_new(3);
    fix_lease(OTHER, NULL);
    (void)world_rule(
        (struct rule){ .what = "get leases", .after = 5, .times = 1, .act = nap });
    (void)world_rule(
        (struct rule){ .what = "get leases", .after = 6, .act = renew_by_other });
    fix_expect(flow_run_to("8.4.8"), EXIT_LOCKED);
    fix_changes("");
    assert_string_equal(json_path_str(world_lease(), "spec.holderIdentity"), OTHER);
    fix_end();
}

/* Whoever may write the Lease does not have a run wait for ever, nor what no clock
 * holds. */
static void
test_odd_duration(void **state)
{
    static const long long odd[] = { 1, 0, -5, 3600, LLONG_MAX / 2, LLONG_MIN };

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        long long began = 0;

        world_new(1);
        fix_lease(OTHER, NULL);
        world_change("leases", FIX_LEASE, "spec.leaseDurationSeconds",
                     json_integer(odd[i]));
        began = double_now;
        fix_expect(flow_run_to("8.4.8"), EXIT_OK);
        assert_true(double_now - began > (odd[i] == 1 ? 1000 : 15000));
        fix_end();
    }
}

static void
sleep_and_lose(void)
{
    take_by_other();
    nap();
}

/* A laptop that slept for an hour: its lock was taken meanwhile, although by its own
 * processor's time the lock was renewed a moment ago. */
static void
test_lost_while_asleep(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "get petsets", .times = 1, .act = sleep_and_lose });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("was lost; it is now held by " OTHER);
    fix_changes("create leases\npause\n");
    fix_end();
}

/* It slept, and nobody took the lock: it goes on. */
static void
test_kept_while_asleep(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "get petsets", .times = 1, .act = nap });
    (void)world_rule((struct rule){ .what = "evict my-db-0", .times = 1, .act = nap });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* The run was held up before it let go, and another took the lock: the Lease is that
 * one's, uid and all. */
static void
test_release_of_another(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "delete leases", .times = 1, .act = take_by_other });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("warning could not release the lock: ");
    fix_told("it is now held by " OTHER);
    assert_non_null(world_lease());
    assert_string_equal(json_path_str(world_lease(), "spec.holderIdentity"), OTHER);
    fix_end();
}

/* Somebody wrote to the Lease before it was let go: it is still this run's. */
static void
test_release_touched(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "delete leases", .times = 2, .act = touch_lease });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_not_told("could not release the lock");
    assert_null(world_lease());
    fix_end();
}

static void
remove_when_touched(void)
{
    if (json_path(world_lease(), "metadata.labels.touched") != NULL) {
        world_remove("leases", FIX_LEASE);
    }
}

/* Nor is it there any more when it is looked at again. */
static void
test_release_gone(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "delete leases", .times = 1, .act = touch_lease });
    (void)world_rule((struct rule){ .what = "get leases", .act = remove_when_touched });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_not_told("could not release the lock");
    assert_null(world_lease());
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_held_while_asleep),
        cmocka_unit_test(test_odd_duration),
        cmocka_unit_test(test_lost_while_asleep),
        cmocka_unit_test(test_kept_while_asleep),
        cmocka_unit_test(test_release_of_another),
        cmocka_unit_test(test_release_touched),
        cmocka_unit_test(test_release_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
