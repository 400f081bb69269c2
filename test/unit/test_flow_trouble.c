/* Every moment of an upgrade: something happens to the database then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

enum { TROUBLE_STEP_MS = 470, TROUBLE_RUNS = 5 };

/* One deed at each moment of an upgrade. The upgrade must come to its end, perhaps after
 * some invocations more, and nothing forbidden may happen. */
static void
trouble(const char *title, size_t members, void (*deed)(void))
{
    struct torture t = { .title = title,
                         .engine = "mysql",
                         .members = members,
                         .from = "8.4.7",
                         .to = "8.4.8" };
    auto_free char *undisturbed = torture_undisturbed(&t);
    unsigned n = 0;
    bool reached = true;

    for (long long ms = 0; reached; ms += TROUBLE_STEP_MS * (long long)torture_stride()) {
        auto_free char *end = NULL;
        int status = 0;
        int runs = 1;

        world_new_at(members, t.from, "petsets");
        world.deed = deed;
        world.deed_at = double_now + ms + 1;
        status = flow_run_to(t.to);
        reached = world.deed_at == 0;
        double_forget_signals();
        for (; status != EXIT_OK && runs < TROUBLE_RUNS; runs++) {
            world_wait(20000);
            status = flow_run_to(t.to);
        }
        world_wait(20000);
        end = torture_state();
        if (status != EXIT_OK || world.violations.len > 0 || !str_eq(end, undisturbed)) {
            torture_show(&t, (unsigned long)ms, status, runs, end);
            fail();
        }
        n++;
    }
    print_message("# %s: %u moments\n", title, n);
    world_free();
}

static void
restart_0(void)
{
    if (world_pod(0) != NULL) {
        pods_delete(0);
    }
}

static void
restart_1(void)
{
    if (world_pod(1) != NULL) {
        pods_delete(1);
    }
}

static void
restart_2(void)
{
    if (world_pod(2) != NULL) {
        pods_delete(2);
    }
}

static void
revert(void)
{
    operator_set_images();
}

static void
fail_over(void)
{
    if (world.group && world.primary == 1 && observe_serves(0)) {
        world.primary = 0;
        world.led_at = double_now;
    }
}

static void
cut_all(void)
{
    for (struct kube_exec *x = world.execs; x != NULL; x = x->next) {
        x->cut = true;
    }
}

static void
stall(void)
{
    world.mirrors_stale_ms = 4000;
    world.mirrors_stale_until = double_now + world.mirrors_stale_ms;
}

static void
signal_now(void)
{
    sig_request(15);
}

static void
jump(void)
{
    /* The program, or its machine, stands still for a while. */
    double_now += 40000;
    world.jumped_at = double_now;
}

static void
test_standalone(void **state)
{
    (void)state;
    trouble("standalone, its pod is restarted", 1, restart_0);
    trouble("standalone, images reverted", 1, revert);
    trouble("standalone, sessions cut", 1, cut_all);
    trouble("standalone, signal", 1, signal_now);
    trouble("standalone, mirrors stall", 1, stall);
    trouble("standalone, time jumps", 1, jump);
}

static void
test_group(void **state)
{
    (void)state;
    trouble("group, my-db-0 is restarted", 3, restart_0);
    trouble("group, my-db-1 is restarted", 3, restart_1);
    trouble("group, my-db-2 is restarted", 3, restart_2);
    trouble("group, images reverted", 3, revert);
    trouble("group, another leads", 3, fail_over);
    trouble("group, sessions cut", 3, cut_all);
    trouble("group, signal", 3, signal_now);
    trouble("group, mirrors stall", 3, stall);
    trouble("group, time jumps", 3, jump);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standalone),
        cmocka_unit_test(test_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
