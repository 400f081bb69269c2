/* Databases that were left paused, with no Lease to tell of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_status.h"

static void
pause_by(const char *message)
{
    auto_json json_t *patch = database_pause_patch(world_db(), message, clock_wall_ms());
    json_t *db = world_edit("mysqls", WORLD_DB);

    (void)json_object_update(json_object_get(db, "status"),
                             json_object_get(patch, "status"));
    world_put("mysqls", db);
}

/* Paused by this program, and no Lease: told with the kind, and how to get out of it. */
static void
test_left_paused(void **state)
{
    auto_free char *patch = NULL;

    (void)state;
    world_new(3);
    pause_by("Paused by somebody else");
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 0);
    pause_by(DATABASE_PAUSE_MARK ": 8.4.7 -> 8.4.8");
    assert_int_equal(look(false, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 0);
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    says("operator left paused; no upgrade is in progress");
    patch = status_unpause_patch(&list.at[0]);
    assert_string_equal(patch, "[{\"op\":\"test\",\"path\":\"/status/conditions/2/type\","
                               "\"value\":\"Paused\"},{\"op\":\"remove\","
                               "\"path\":\"/status/conditions/2\"}]");
    assert_int_equal(look(true, WORLD_NS, WORLD_DB), 0);
    says("operator left paused; no upgrade is in progress");
    assert_true(list.at[0].database.paused);
    lease_put("root@h/1/a", JOURNAL, 0);
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    says("running");
    status_end();
}

/* A run begins between the two lists: nothing is left. */
static void
begin(void)
{
    lease_put("root@h/1/a", JOURNAL, 0);
}

static void
test_begins_meanwhile(void **state)
{
    (void)state;
    world_new(3);
    pause_by(DATABASE_PAUSE_MARK ": 8.4.7 -> 8.4.8");
    (void)world_rule((struct rule){ .what = "list mysqls", .act = begin });
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 0);
    assert_string_equal(list.left_out, "");
    status_end();
}

/* Who may not look at the databases is told so. */
static void
test_cannot_be_seen(void **state)
{
    (void)state;
    world_new(3);
    pause_by(DATABASE_PAUSE_MARK ": 8.4.7 -> 8.4.8");
    (void)world_rule((struct rule){ .what = "list mysqls", .status = 403 });
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 0);
    assert_non_null(strstr(list.left_out, "databases left paused"));
    world.n_rules = 0;
    (void)world_rule((struct rule){ .what = "get leases", .status = 403 });
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 0);
    assert_non_null(strstr(list.left_out, "databases left paused"));
    assert_non_null(strstr(list.left_out, "permission denied"));
    status_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_paused),
        cmocka_unit_test(test_begins_meanwhile),
        cmocka_unit_test(test_cannot_be_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
