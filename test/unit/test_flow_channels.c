/* Channels by which members of a MySQL group replicate from a server elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* Member 1 leads a group of three, and replicates by a channel. */
static void
world_new_channel(const char *name, bool runs)
{
    world_new(3);
    world.servers[1].channel = (struct server_channel){ .name = name, .runs = runs };
}

/* Found before anything is changed: its member could not join its group again. */
static void
test_refused(void **state)
{
    (void)state;
    world_new_channel("ext", true);
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_changes("");
    fix_end();
}

/* One that is stopped starts with its server all the same. */
static void
test_refused_stopped(void **state)
{
    (void)state;
    world_new_channel("ext", false);
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_changes("");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_stopped),
    };

    return cmocka_run_group_tests_name("flow_channels", tests, NULL, NULL);
}
