/* Every call of an upgrade of a Galera cluster fails once, in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
test_galera(void **state)
{
    (void)state;
    torture_ways("perconaxtradb", 3, "8.4.3", "8.4.5", WAYS, NULL, NULL);
}

static void
test_abort_galera(void **state)
{
    (void)state;
    torture_ways("perconaxtradb", 3, "8.4.3", "8.4.5", WAYS, NULL, "evict my-db-1");
}

static void
test_abort_galera_late(void **state)
{
    (void)state;
    torture_ways("perconaxtradb", 3, "8.4.3", "8.4.5", WAYS_HARD, NULL, "version");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_galera),
        cmocka_unit_test(test_abort_galera),
        cmocka_unit_test(test_abort_galera_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
