/* The end of a major upgrade of Postgres: what is missing, and the user's own command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
begin(size_t members)
{
    world_new_of("postgres", members, "15.20", "petsets");
}

/* What the new server lacks ends the last step, and the old data stay: until it is there,
 * or is accepted. */
static void
test_lacks(void **state)
{
    static const char *const skip[] = { "pg.complete", NULL };
    struct upgrade_request rq = { 0 };

    (void)state;
    for (int accepted = 0; accepted < 2; accepted++) {
        begin(1);
        world.may_delete = true;
        world.lacks = "missing\t[\"slot\", \"app\", \"s\", \"it is not there\"]\n";
        rq = fix_request("17.9");
        rq.major.delete_old_data = true;
        fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
        assert_string_equal(told.err.reason, "PG_INCOMPLETE");
        assert_true(world.servers[0].volume.old_data);
        world.lacks = accepted ? world.lacks : NULL;
        rq.checks.skipped = accepted ? skip : NULL;
        fix_expect(flow_run(&rq), EXIT_OK);
        fix_is_at("17.9");
        assert_false(world.servers[0].volume.old_data);
        fix_end();
    }
}

/* The user's own command is run when the new cluster serves; until it has gone well. */
static void
test_hook(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    begin(3);
    rq = fix_request("17.9");
    rq.major.after = "pgbackrest --stanza=main stanza-upgrade";
    world.after_fails = true;
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    assert_string_equal(told.err.reason, "PG_HOOK");
    assert_non_null(strstr(told.err.msg, "it ended with status 25: stanza upgraded"));
    world.after_fails = false;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("note my-db-0: --after-upgrade: stanza upgraded");
    fix_is_at("17.9");
    fix_end();
    begin(1);
    fix_expect(flow_run_to("17.9"), EXIT_OK);
    assert_null(strstr(buf_text(&world.log), "after my-db"));
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lacks),
        cmocka_unit_test(test_hook),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
