/* Every call of an upgrade of a Postgres with read replicas fails once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

static void
torture_replicas(const char *to, const char *stop, size_t ways)
{
    torture_row(&(struct torture){ .engine = "postgres",
                                   .members = 2,
                                   .followers = 1,
                                   .from = "15.18",
                                   .to = to,
                                   .stop = stop },
                ways);
}

static void
test_upgrade(void **state)
{
    (void)state;
    torture_replicas("15.20", NULL, WAYS);
}

static void
test_abort(void **state)
{
    (void)state;
    torture_replicas("15.20", "version", 2);
}

/* Killed in the midst of the read replica's restart. */
static void
test_abort_early(void **state)
{
    (void)state;
    torture_row(&(struct torture){ .engine = "postgres",
                                   .members = 2,
                                   .followers = 1,
                                   .from = "15.18",
                                   .to = "15.20",
                                   .stop = "evict my-db-rr-reports-0",
                                   .dies = true },
                1);
}

/* The read replica copies the new data anew. */
static void
test_major(void **state)
{
    (void)state;
    torture_row(&(struct torture){ .engine = "postgres",
                                   .members = 2,
                                   .followers = 1,
                                   .from = "15.20",
                                   .to = "17.9" },
                1);
}

/* The data are in their place, converted, and the read replica still has its own. */
static void
test_abort_major(void **state)
{
    (void)state;
    torture_row(&(struct torture){ .engine = "postgres",
                                   .members = 2,
                                   .followers = 1,
                                   .from = "15.20",
                                   .to = "17.9",
                                   .stop = "script my-db-0 swap",
                                   .dies = true },
                1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade),     cmocka_unit_test(test_abort),
        cmocka_unit_test(test_abort_early), cmocka_unit_test(test_major),
        cmocka_unit_test(test_abort_major),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
