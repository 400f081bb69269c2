/* Whether a Galera node will get what it missed, or all data anew: foretold, and told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
world_new_galera(void)
{
    world_new_of("perconaxtradb", 3, "8.4.3", "petsets");
}

static int
run_with(long long max_copy)
{
    struct upgrade_request rq = fix_request("8.4.5");

    rq.limits.max_copy = max_copy;
    return flow_run(&rq);
}

static void
test_late(void **state)
{
    (void)state;
    world_new_galera();
    fix_expect(flow_run_to("8.4.5"), EXIT_OK);
    fix_told("check health.flow_control ok: flow control is idle");
    fix_told("check health.transfer ok: IST expected: the other members keep ");
    fix_told("my-db-0 leaves: IST expected: ");
    fix_told("my-db-0 rejoined by IST from my-db-2, ");
    fix_not_told("SST");
    fix_is_at("8.4.5");
    fix_end();
}

/* Of all data anew is told before; so much of it needs a consent, which no prompt is
 * there to give. */
static void
test_whole(void **state)
{
    (void)state;
    world_new_galera();
    world.servers[1].wiped = true;
    fix_expect(run_with(1LL << 30), EXIT_REFUSED);
    fix_error("health.transfer: my-db-1: SST expected, about 10.0 GiB from my-db-0 or "
              "my-db-2 (rate not known): its state file, grastate.dat, is missing");
    fix_error("to allow it: --max-copy 11Gi (--yes does not cover it)");
    fix_changes("");
    fix_expect(run_with(11LL << 30), EXIT_OK);
    fix_told("my-db-1 leaves: SST expected, about 10.0 GiB");
    fix_told("my-db-0 rejoined by IST");
    fix_told("my-db-1 rejoined by SST");
    fix_is_at("8.4.5");
    fix_end();
}

/* -- at a terminal -- */

static char asked[512];

static bool
say_yes(void *ctx, const char *text)
{
    (void)ctx;
    str_copy(asked, sizeof asked, text);
    return true;
}

static void
test_consent(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_galera();
    world.servers[1].wiped = true;
    rq = fix_request("8.4.5");
    rq.consent.ask = say_yes;
    fix_expect(flow_run(&rq), EXIT_OK);
    assert_non_null(strstr(asked, "; up to 10.0 GiB will be re-cloned (SST)"));
    fix_is_at("8.4.5");
    fix_end();
}

/* -- it turns out on the way -- */

static void
wipe_next(void)
{
    world.servers[1].wiped = true;
}

static void
test_later(void **state)
{
    (void)state;
    world_new_galera();
    world_deed("evict my-db-0", 0, wipe_next);
    fix_expect(flow_run_to("8.4.5"), EXIT_INCOMPLETE);
    fix_error("my-db-1: SST expected, about 10.0 GiB");
    fix_error("to allow it: --max-copy 11Gi; without it the member is not restarted");
    assert_false(fix_changed("evict my-db-1"));
    fix_expect(run_with(11LL << 30), EXIT_OK);
    fix_is_at("8.4.5");
    fix_end();
}

/* Ten transactions of 1000 bytes a second: room for one second of them, then for an hour.
 */
static void
less_room(void)
{
    world.room = 10000;
}

static void
more_room(void)
{
    world.room = 36000000;
}

static void
test_window(void **state)
{
    (void)state;
    world_new_galera();
    less_room();
    fix_expect(flow_run_to("8.4.5"), EXIT_REFUSED);
    fix_error("the other members keep 1s of writes; it is away for about 2m00s");
    more_room();
    fix_expect(flow_run_to("8.4.5"), EXIT_OK);
    fix_told("IST expected: the other members keep 1h00m of writes");
    fix_is_at("8.4.5");
    fix_end();

    /* It is waited for a while that less is written. */
    world_new_galera();
    world_deed("evict my-db-0", 0, less_room);
    fix_expect(flow_run_to("8.4.5"), EXIT_INCOMPLETE);
    assert_false(fix_changed("evict my-db-1"));
    more_room();
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.5");
    fix_end();
}

static void
test_held_back(void **state)
{
    (void)state;
    world_new_galera();
    world.held_ms = 400;
    fix_expect(flow_run_to("8.4.5"), EXIT_REFUSED);
    fix_error("health.flow_control: flow control blocks writes 40% of the time");
    world.held_ms = 40;
    fix_expect(flow_run_to("8.4.5"), EXIT_OK);
    fix_told(
        "check health.flow_control warning: flow control blocks writes 4% of the time");
    fix_end();
}

/* A log that cannot be read, or says nothing. */
static void
test_silent_log(void **state)
{
    (void)state;
    world_new_galera();
    (void)world_rule((struct rule){ .what = "raw log", .status = 403 });
    fix_expect(flow_run_to("8.4.5"), EXIT_OK);
    fix_told("my-db-0 is back; its log does not show whether by IST or SST");
    fix_is_at("8.4.5");
    fix_end();
}

/* Where it cannot be foretold nothing is claimed. */
static void
test_no_answer(void **state)
{
    (void)state;
    world_new_galera();
    (void)world_rule((struct rule){ .what = "history", .how = RULE_FAIL });
    fix_expect(flow_run_to("8.4.5"), EXIT_OK);
    fix_is_at("8.4.5");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late),       cmocka_unit_test(test_whole),
        cmocka_unit_test(test_consent),    cmocka_unit_test(test_later),
        cmocka_unit_test(test_window),     cmocka_unit_test(test_held_back),
        cmocka_unit_test(test_silent_log), cmocka_unit_test(test_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
