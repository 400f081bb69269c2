/* Whether a member of a MySQL or a Postgres gets all data anew: foretold, consented to,
 * watched. A Galera's are in test_flow_transfer.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
world_new_group(void)
{
    world_new(3);
    world.copy.plugin = true;
}

static void
world_new_standbys(void)
{
    world_new_of("postgres", 3, "15.18", "petsets");
}

/* A group's member that clones when it lacks one transaction, and somebody writes. */
static void
test_threshold(void **state)
{
    (void)state;
    world_new_group();
    world.copy.threshold = 1;
    fix_expect(flow_run_to(FIX_TO), EXIT_REFUSED);
    fix_error("health.transfer: my-db-2: clone expected, about 10.0 GiB from my-db-0");
    fix_error("it copies when it lacks 1 transactions");
    fix_error("to allow it: --max-copy 11Gi (--yes does not cover it); to avoid it: SET "
              "PERSIST group_replication_clone_threshold = DEFAULT, on this member");
    fix_changes("");
    fix_end();
}

/* A standby whose primary keeps a second's WAL. */
static void
test_wal(void **state)
{
    (void)state;
    world_new_standbys();
    world.room = 10000;
    fix_expect(flow_run_to("15.20"), EXIT_REFUSED);
    fix_error("health.transfer: my-db-2: base backup expected, about 10.0 GiB from "
              "my-db-0");
    fix_error("the other members keep 1s of WAL; it is away for about 2m00s");
    fix_error("to avoid it: ALTER SYSTEM SET wal_keep_size");
    fix_changes("");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_wal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
