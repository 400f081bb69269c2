/* Every call of an upgrade of Postgres fails once, in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
test_postgres_standalone(void **state)
{
    (void)state;
    torture_ways("postgres", 1, "15.18", "15.20", WAYS, NULL, NULL);
}

static void
test_postgres_standbys(void **state)
{
    (void)state;
    torture_ways("postgres", 3, "15.18", "15.20", WAYS, NULL, NULL);
}

static void
test_abort_postgres_standalone(void **state)
{
    (void)state;
    torture_ways("postgres", 1, "15.18", "15.20", WAYS_HARD, NULL, "version");
}

static void
test_abort_postgres_standbys(void **state)
{
    (void)state;
    torture_ways("postgres", 3, "15.18", "15.20", WAYS, NULL, "evict my-db-0");
}

/* The lead was given on already. */
static void
test_abort_postgres_standbys_late(void **state)
{
    (void)state;
    torture_ways("postgres", 3, "15.18", "15.20", WAYS_HARD, NULL, "version");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_postgres_standalone),
        cmocka_unit_test(test_postgres_standbys),
        cmocka_unit_test(test_abort_postgres_standalone),
        cmocka_unit_test(test_abort_postgres_standbys),
        cmocka_unit_test(test_abort_postgres_standbys_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
