/* Every call of the way back from a new set fails once, in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
new_set_back(const char *to, const char *stop)
{
    torture_row(&(struct torture){ .engine = "mysql",
                                   .members = 3,
                                   .from = "8.4.7",
                                   .to = to,
                                   .strategy = "new-set",
                                   .stop = stop,
                                   .dies = true },
                WAYS_HARD);
}

static void
test_abort_joined(void **state)
{
    (void)state;
    new_set_back("8.4.8", "scale my-db-1 3");
}

static void
test_abort_retired(void **state)
{
    (void)state;
    new_set_back("8.4.7-v2", "scale my-db 1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_abort_joined),
        cmocka_unit_test(test_abort_retired),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
