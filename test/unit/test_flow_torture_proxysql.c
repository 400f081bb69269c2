/* Every call of an upgrade of a ProxySQL fails once, in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
test_proxysql(void **state)
{
    (void)state;
    torture_ways("proxysql", 3, "2.7.3-debian", "3.0.1-debian", WAYS, NULL, NULL);
}

static void
test_abort_proxysql(void **state)
{
    (void)state;
    torture_ways("proxysql", 3, "2.7.3-debian", "3.0.1-debian", WAYS, NULL,
                 "evict my-db-1");
}

static void
test_abort_proxysql_late(void **state)
{
    (void)state;
    torture_ways("proxysql", 3, "2.7.3-debian", "3.0.1-debian", WAYS_HARD, NULL,
                 "version");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proxysql),
        cmocka_unit_test(test_abort_proxysql),
        cmocka_unit_test(test_abort_proxysql_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
