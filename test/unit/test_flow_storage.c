/* What members have their data in: nobody's pod goes whose data would go with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
test_claim_deleted(void **state)
{
    static const struct {
        const char *engine, *from, *to;
        size_t members;
    } rows[] = {
        { "mysql", "8.4.7", "8.4.8", 1 },          { "mysql", "8.4.7", "8.4.8", 3 },
        { "postgres", "15.18", "15.20", 1 },       { "postgres", "15.18", "17.9", 1 },
        { "postgres", "15.18", "15.20", 3 },       { "postgres", "15.18", "17.9", 3 },
        { "perconaxtradb", "8.0.40", "8.4.3", 3 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_new_of(rows[i].engine, rows[i].members, rows[i].from, "petsets");
        storage_delete_claim(0);
        fix_expect(flow_run_to(rows[i].to), EXIT_REFUSED);
        fix_error("PVC data-my-db-0 of my-db-0 is being deleted (since ");
        fix_error("storage.claims");
        fix_error("persistentVolumeReclaimPolicy");
        fix_changes("");
        fix_end();
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claim_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
