/* Conversations with servers in whose databases others may write what they like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* What somebody wrote into a database looks like the end of an answer. */
static void
forge_ends(void)
{
    static char ends[4096] = "";

    for (int i = 1; i < 100; i++) {
        str_append(ends, sizeof ends, "kubectl-dbupgrade-%d\n", i);
    }
    world.servers[2].garbage = ends;
}

static void
test_forged_ends(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 1000, forge_ends);
    rq.limits.pod_timeout_ms = 60000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("no version: kubectl-dbupgrade-1");
    world.servers[2].garbage = NULL;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forged_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
