/* The plan of the largest database that a run takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* A row for each standby and each step: its text is whole. */
static void
test_many_standbys(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_of("postgres", WORLD_PODS, "15.20", "petsets");
    rq = fix_request("17.9");
    rq.dry_run = DRY_RUN_CLIENT;
    rq.major.delete_old_data = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    assert_int_equal(told.plan_steps, 82);
    fix_told("plan-step lock my-db, pause the operator on Postgres/my-db []");
    fix_told("plan-step restart my-db-63   re-cloned from my-db-0 []");
    fix_told("plan-step delete the old data []");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_standbys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
