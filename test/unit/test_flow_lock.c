/* The lock: who holds it, who took it, how it is let go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_other.h"

/* -- who holds it -- */

static void
test_held(void **state)
{
    (void)state;
    world_new(3);
    fix_lease(OTHER, NULL);
    (void)world_rule(
        (struct rule){ .what = "get leases", .after = 5, .act = renew_by_other });
    fix_expect(flow_run_to("8.4.8"), EXIT_LOCKED);
    fix_error(OTHER " holds the lock of mysql/my-db (Lease " FIX_LEASE
                    ") and is still running");
    fix_error("wait for that run to end");
    fix_changes("");
    assert_string_equal(json_path_str(world_lease(), "spec.holderIdentity"), OTHER);
    fix_end();
}

/* Somebody goes on with an interrupted run: what state that is in is theirs to say. */
static void
test_resumed_by_other(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "evict my-db-0", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    world.n_rules = 0;
    world_change("leases", FIX_LEASE, "spec.holderIdentity", json_string(OTHER));
    (void)world_rule(
        (struct rule){ .what = "get leases", .after = 5, .act = renew_by_other });
    fix_expect(flow_run_to(NULL), EXIT_LOCKED);
    fix_error("ctl mysql my-db pause|abort");
    assert_string_equal(told.state, "");
    assert_string_equal(told.resume, "");
    fix_end();
}

/* The lease says nothing of its length: 15 s it is. */
static void
test_dead_holder(void **state)
{
    long long began = 0;

    (void)state;
    world_new(3);
    fix_lease(OTHER, NULL);
    world_change("leases", FIX_LEASE, "spec.leaseDurationSeconds", json_null());
    began = double_now;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("note took over the lock of " OTHER ", which did not renew it for 15s");
    assert_true(double_now - began > 15000);
    assert_true(strncmp(buf_text(&world.log), "replace leases\npause\n", 21) == 0);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_free_lease(void **state)
{
    (void)state;
    world_new(1);
    fix_lease("", NULL);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_not_told("took over");
    fix_is_at("8.4.8");
    fix_end();
}

static void
release_by_other(void)
{
    world_remove("leases", FIX_LEASE);
}

static void
test_holder_ends(void **state)
{
    (void)state;
    world_new(1);
    fix_lease(OTHER, NULL);
    (void)world_rule(
        (struct rule){ .what = "get leases", .after = 4, .act = release_by_other });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_not_told("took over");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_taken_at_the_same_moment(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "create leases", .act = take_by_other });
    fix_expect(flow_run_to("8.4.8"), EXIT_LOCKED);
    fix_error("at the same moment");
    world.n_rules = 0;
    fix_lease("", NULL);
    (void)world_rule((struct rule){ .what = "replace leases", .act = take_by_other });
    fix_expect(flow_run_to("8.4.8"), EXIT_LOCKED);
    fix_error("at the same moment");
    fix_changes("");
    fix_end();
}

/* It was taken, but the reply never came: the run goes on with it. */
static void
test_taken_unknown(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "create leases", .how = RULE_LOSE, .times = 1 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    assert_null(world_lease());
    world_new(3);
    fix_lease("", NULL);
    (void)world_rule(
        (struct rule){ .what = "replace leases", .how = RULE_LOSE, .times = 1 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_not_allowed(void **state)
{
    (void)state;
    world_new(1);
    (void)world_rule((struct rule){ .what = "create leases", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_ERROR);
    fix_error("the lock, Lease " FIX_LEASE);
    fix_changes("");
    world.n_rules = 0;
    (void)world_rule((struct rule){ .what = "get leases", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_ERROR);
    fix_changes("");
    fix_end();
}

/* -- losing it -- */

/* Somebody thinks that we are dead: nothing more is changed. */
static void
test_lost(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "renew", .times = 1, .act = take_by_other });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("LOCK_LOST");
    assert_string_equal(json_path_str(world_lease(), "spec.holderIdentity"), OTHER);
    assert_false(fix_changed("evict my-db-0"));
    fix_end();
}

static void
lose_in_the_roll(void)
{
    if (fix_changed("evict my-db-2")) {
        take_by_other();
    }
}

static void
delete_in_the_roll(void)
{
    if (fix_changed("evict my-db-0")) {
        world_remove("leases", FIX_LEASE);
    }
}

static void
test_lost_in_the_roll(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "sql", .act = lose_in_the_roll });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("was lost; it is now held by " OTHER);
    fix_changes("create leases\npause\nimages\nevict my-db-2\n");
    assert_string_equal(json_path_str(world_lease(), "spec.holderIdentity"), OTHER);
    fix_end();
}

static void
cut_renewals(void)
{
    (void)world_rule((struct rule){ .what = "renew" });
}

/* Also when no renewal comes through: who holds the Lease is looked up then. */
static void
test_lost_in_silence(void **state)
{
    long long began = 0;

    (void)state;
    world_new(3);
    world.term_ms = 60000;
    world_deed("evict my-db-2", 100, lose_in_the_roll);
    (void)world_rule((struct rule){ .what = "evict my-db-2", .act = cut_renewals });
    began = double_now;
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("was lost; it is now held by " OTHER);
    assert_true(double_now - began < 15000);
    fix_end();
}

static void
test_lease_deleted_in_the_roll(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "sql", .act = delete_in_the_roll });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("was lost; no further changes will be made");
    fix_changes("create leases\npause\nimages\nevict my-db-2\nevict my-db-0\n");
    world_free();
}

/* Somebody else wrote to the Lease, say a label: it is still ours. */
static void
touch_lease(void)
{
    world_change("leases", FIX_LEASE, "metadata.labels",
                 world_json("{'touched': 'at %lld'}", double_now));
}

static void
test_touched(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "renew", .times = 4, .act = touch_lease });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* Renewals fail for longer than the lease: no change is made without it; when they
 * work again, the run goes on. */
static void
test_renewals_fail(void **state)
{
    (void)state;
    world_new(3);
    world.term_ms = 20000;
    (void)world_rule(
        (struct rule){ .what = "renew", .after = 2, .times = 60, .status = 500 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_renewals_fail_for_ever(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "renew", .status = 500 });
    assert_int_not_equal(flow_run_to("8.4.8"), EXIT_OK);
    assert_true(told.changed);
    fix_end();
}

/* -- letting go -- */

static void
test_release_fails(void **state)
{
    (void)state;
    world_new(1);
    (void)world_rule((struct rule){ .what = "delete leases", .status = 500 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("warning could not release the lock: ");
    assert_non_null(world_lease());
    world.n_rules = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK); /* the journal says what to go on with */
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_kept(void **state)
{
    auto_json json_t *journal = NULL;

    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "evict my-db-0", .status = 403 });
    (void)world_rule((struct rule){ .what = "release", .act = touch_lease, .times = 1 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    assert_string_equal(json_path_str(world_lease(), "spec.holderIdentity"), "");
    journal = world_journal();
    assert_non_null(journal);
    assert_string_equal(told.resume, "kubectl dbupgrade resume mysql my-db -n demo");
    assert_non_null(strstr(told.state, "stopped safely at step 4/9 (restart my-db-0)"));
    assert_non_null(strstr(told.state, "The operator is PAUSED"));
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_resumed_by_other),
        cmocka_unit_test(test_dead_holder),
        cmocka_unit_test(test_free_lease),
        cmocka_unit_test(test_holder_ends),
        cmocka_unit_test(test_taken_at_the_same_moment),
        cmocka_unit_test(test_taken_unknown),
        cmocka_unit_test(test_not_allowed),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_lost_in_the_roll),
        cmocka_unit_test(test_lost_in_silence),
        cmocka_unit_test(test_lease_deleted_in_the_roll),
        cmocka_unit_test(test_touched),
        cmocka_unit_test(test_renewals_fail),
        cmocka_unit_test(test_renewals_fail_for_ever),
        cmocka_unit_test(test_release_fails),
        cmocka_unit_test(test_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
