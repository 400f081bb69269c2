/* Every call of an upgrade by a new set fails once, in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
new_set(const char *to, size_t ways)
{
    torture_row(&(struct torture){ .engine = "mysql",
                                   .members = 3,
                                   .from = "8.4.7",
                                   .to = to,
                                   .strategy = "new-set" },
                ways);
}

static void
test_same_version(void **state)
{
    (void)state;
    new_set("8.4.7-v2", WAYS);
}

static void
test_higher_version(void **state)
{
    (void)state;
    new_set("8.4.8", WAYS_HARD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_version),
        cmocka_unit_test(test_higher_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
