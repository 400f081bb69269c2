/* An API server that is away for long, or does not let us in any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

enum { AWAY_MS = 5 * 60 * 1000, HOUR_MS = 60 * 60 * 1000 };

static struct rule *away;

/* Nothing is answered, and no session goes on. */
static void
go_away(void)
{
    away = world_rule((struct rule){ .what = "", .status = 503 });
    for (struct kube_exec *x = world.execs; x != NULL; x = x->next) {
        x->cut = true;
    }
}

static void
come_back(void)
{
    away->what = "never";
}

static void
go_away_for_a_while(void)
{
    go_away();
    world.deed = come_back;
    world.deed_at = double_now + AWAY_MS;
}

/* Longer than a pod may take, and than a step is tried: it counts for neither. */
static void
test_long_absence(void **state)
{
    static const char *const moments[] = { "pause", "images", "evict my-db-2",
                                           "version" };

    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        struct upgrade_request rq = fix_request("8.4.8");

        world_new(3);
        rq.limits.pod_timeout_ms = 60000;
        rq.limits.timeout_ms = HOUR_MS;
        world_deed(moments[i], 1, go_away_for_a_while);
        fix_expect(flow_run(&rq), EXIT_OK);
        fix_is_at("8.4.8");
        fix_end();
    }
}

/* It does not come back: the run ends within its own limit. */
static void
test_absence_for_ever(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");
    long long began = 0;

    (void)state;
    world_new(3);
    rq.limits.timeout_ms = AWAY_MS;
    began = double_now;
    world_deed("evict my-db-2", 1, go_away);
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("the run exceeded --timeout 5m");
    assert_true(double_now - began < AWAY_MS + 60000);
    come_back();
    world_wait(20000);
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* A right that is lost: half a minute is given to have it back. */
static void
deny(void)
{
    away = world_rule((struct rule){ .what = "", .status = 403 });
}

static void
deny_for_a_while(void)
{
    deny();
    world.deed = come_back;
    world.deed_at = double_now + 15000;
}

static void
test_denied_for_a_while(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 1, deny_for_a_while);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_denied_for_good(void **state)
{
    long long began = 0;

    (void)state;
    world_new(3);
    began = double_now;
    world_deed("evict my-db-2", 1, deny);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("get that permission granted, then resume");
    assert_true(double_now - began < 120000);
    come_back();
    world_wait(20000);
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_absence),
        cmocka_unit_test(test_absence_for_ever),
        cmocka_unit_test(test_denied_for_a_while),
        cmocka_unit_test(test_denied_for_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
