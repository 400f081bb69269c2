/* Every call of a major upgrade of Postgres fails once, in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
major(size_t members, size_t ways)
{
    torture_ways("postgres", members, "15.20", "17.9", ways, NULL, NULL);
}

static void
test_standalone(void **state)
{
    (void)state;
    major(1, WAYS);
}

static void
test_standbys(void **state)
{
    (void)state;
    major(3, WAYS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standalone),
        cmocka_unit_test(test_standbys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
