/* Every call of the way back of a major upgrade of Postgres fails once, in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
major(size_t members, const char *stop)
{
    torture_ways("postgres", members, "15.20", "17.9", WAYS_HARD, NULL, stop);
}

/* Before anything was done to the data. */
static void
test_abort_early(void **state)
{
    (void)state;
    major(1, "script my-db-0 stop");
    major(3, "script my-db-0 stop");
}

/* The data are converted in a pod with the new images. */
static void
test_abort_converted(void **state)
{
    (void)state;
    major(1, "script my-db-0 swap");
    major(3, "script my-db-0 swap");
}

/* They are in their place, and the new server is about to start. */
static void
test_abort_swapped(void **state)
{
    static const size_t members[] = { 1, 3 };

    (void)state;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        torture_row(&(struct torture){ .engine = "postgres",
                                       .members = members[i],
                                       .from = "15.20",
                                       .to = "17.9",
                                       .stop = "script my-db-0 swap",
                                       .dies = true },
                    WAYS_HARD);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_abort_early),
        cmocka_unit_test(test_abort_converted),
        cmocka_unit_test(test_abort_swapped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
