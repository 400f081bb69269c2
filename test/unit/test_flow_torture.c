/* Every call of an upgrade fails once, in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
test_standalone(void **state)
{
    (void)state;
    torture_ways("mysql", 1, "8.4.7", "8.4.8", WAYS, NULL, NULL);
}

static void
test_group(void **state)
{
    (void)state;
    torture_ways("mysql", 3, "8.4.7", "8.4.8", WAYS, NULL, NULL);
}

static void
test_group_same_version(void **state)
{
    (void)state;
    torture_ways("mysql", 3, "8.4.7", "8.4.7-v2", WAYS_HARD, NULL, NULL);
}

/* A reconcile that began before the pause takes the images back. */
static void
reconcile_late(void)
{
    world.late_ms = 1500;
}

static void
test_late_reconcile(void **state)
{
    (void)state;
    torture_ways("mysql", 1, "8.4.7", "8.4.8", WAYS_HARD, reconcile_late, NULL);
}

static void
test_abort_standalone(void **state)
{
    (void)state;
    torture_ways("mysql", 1, "8.4.7", "8.4.8", WAYS, NULL, "version");
}

static void
test_abort_group(void **state)
{
    (void)state;
    torture_ways("mysql", 3, "8.4.7", "8.4.8", WAYS, NULL, "evict my-db-0");
}

static void
test_abort_group_same_version(void **state)
{
    (void)state;
    torture_ways("mysql", 3, "8.4.7", "8.4.7-v2", WAYS_HARD, NULL, "version");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standalone),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_group_same_version),
        cmocka_unit_test(test_late_reconcile),
        cmocka_unit_test(test_abort_standalone),
        cmocka_unit_test(test_abort_group),
        cmocka_unit_test(test_abort_group_same_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
