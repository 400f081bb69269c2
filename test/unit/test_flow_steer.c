/* The way back: asked for later, asked for in mid-run, or because a member cannot start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* The annotation as another program writes it. */
static void
ask(const char *verb)
{
    json_t *lease = world_edit("leases", FIX_LEASE);
    auto_free char *text = mem_printf("{\"verb\": \"%s\", \"by\": \"eve@host/1\"}", verb);

    (void)json_object_set_new(json_path(lease, "metadata.annotations"),
                              "kubectl-dbupgrade/ctl", json_string(text));
    world_put("leases", lease);
}

static const char *
lease_says(const char *key)
{
    const char *s = json_string_value(
        json_object_get(json_path(world_lease(), "metadata.annotations"), key));

    return s != NULL ? s : "";
}

static void
ask_abort(void)
{
    ask("abort");
}

static void
test_turn(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-0", 100, ask_abort);
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    fix_told("note eve@host/1 requested a rollback");
    fix_told("note rolling back to 8.4.7");
    fix_told("start 8.4.8 -> 8.4.7 of 8");
    assert_true(told.ok);
    fix_is_at("8.4.7");
    fix_end();
}

/* It dies on the way back: the journal knows the way. */
static void
test_turn_and_die(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-0", 100, ask_abort);
    (void)world_rule((struct rule){ .what = "resume", .how = RULE_DIE });
    (void)flow_run_to("8.4.8");
    assert_true(world.dead);
    world.n_rules = 0;
    world.dead = false;
    double_forget_signals();
    fix_expect(flow_run_to(NULL), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    fix_end();
}

static void
test_turn_too_late(void **state)
{
    (void)state;
    world_new(3);
    world_deed("version", 0, ask_abort);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("warning cannot roll back: spec.version is already 8.4.8; continuing the "
             "upgrade");
    fix_is_at("8.4.8");
    fix_end();
    world_new_at(3, "8.0.43", "petsets");
    world_deed("evict my-db-0", 100, ask_abort);
    fix_expect(flow_run_to("8.4.7"), EXIT_OK);
    fix_told("warning cannot roll back: my-db-2 ran the new version");
    fix_is_at("8.4.7");
    fix_end();
}

static bool held_seen;

static void
ask_continue(void)
{
    assert_string_equal(lease_says("kubectl-dbupgrade/held"), "eve@host/1");
    assert_string_equal(lease_says("kubectl-dbupgrade/ctl"), "");
    assert_false(fix_changed("evict my-db-0"));
    held_seen = true;
    ask("continue");
}

static void
ask_pause(void)
{
    ask("pause");
    world.deed = ask_continue;
    world.deed_at = double_now + 120000;
}

static void
test_hold(void **state)
{
    (void)state;
    world_new(3);
    held_seen = false;
    world_deed("evict my-db-2", 100, ask_pause);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("held yes eve@host/1\n");
    fix_told("held no eve@host/1\n");
    assert_true(held_seen);
    fix_is_at("8.4.8");
    fix_end();
}

static void
ask_nonsense(void)
{
    ask("dance");
}

static void
test_unknown_request(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 100, ask_nonsense);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("note unknown request on the Lease");
    fix_end();
}

/* The same by keys: p, and a good while later c, and a. */
static void
press_continue(void)
{
    assert_string_not_equal(lease_says("kubectl-dbupgrade/held"), "");
    assert_false(fix_changed("evict my-db-0"));
    told.key = UI_KEY_CONTINUE;
}

static void
press_pause(void)
{
    told.key = UI_KEY_PAUSE;
    world.deed = press_continue;
    world.deed_at = double_now + 120000;
}

static void
test_keys_hold(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 100, press_pause);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("held yes ");
    fix_told("held no ");
    fix_is_at("8.4.8");
    fix_end();
}

static void
press_abort(void)
{
    told.key = UI_KEY_ABORT;
}

static void
test_keys_abort(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-0", 100, press_abort);
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turn),
        cmocka_unit_test(test_turn_and_die),
        cmocka_unit_test(test_turn_too_late),
        cmocka_unit_test(test_hold),
        cmocka_unit_test(test_keys_hold),
        cmocka_unit_test(test_keys_abort),
        cmocka_unit_test(test_unknown_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
