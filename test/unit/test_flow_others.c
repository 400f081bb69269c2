/* What others do to the database while it is upgraded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

#define LOG_FIRST "create leases\npause\nimages\nevict my-db-2\n"

/* Something happens while the first member comes back. */
static void
run_while(void (*what)(void), int status)
{
    world_new(3);
    world_deed("evict my-db-2", 7000, what);
    fix_expect(flow_run_to("8.4.8"), status);
    assert_null(world.deed_after);
}

/* -- images -- */

/* A reconcile that began before the pause takes the images back: they are set again. */
static void
test_late_reconcile(void **state)
{
    (void)state;
    for (long long ms = 100; ms <= 5000; ms += 700) {
        world_new(3);
        world.late_ms = ms;
        fix_expect(flow_run_to("8.4.8"), EXIT_OK);
        assert_int_equal(world.late_at, 0);
        fix_is_at("8.4.8");
        fix_end();
    }
}

static void
test_images_reverted_in_the_roll(void **state)
{
    (void)state;
    run_while(operator_set_images, EXIT_OK);
    fix_told("note the workload was reverted by another client (mysql has "
             "r.example/mysql:8.4.7)");
    fix_is_at("8.4.8");
    fix_end();
}

/* The images go back between the eviction and the new pod: it comes up as it was, and
 * is restarted once more. */
static void
test_images_reverted_before_the_new_pod(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "evict my-db-0", .times = 1, .act = operator_set_images });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* An operator that does not care for the pause. */
static void
test_images_reverted_for_ever(void **state)
{
    (void)state;
    world_new(3);
    world.operator_rude = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("IMAGES_REVERTED");
    fix_error("reverted");
    assert_false(fix_changed("evict"));
    fix_end();
}

/* Mirrors that lag for a while are no sabotage. */
static void
mirrors_stall(void)
{
    world.mirrors_stale_ms = 10000;
    world.mirrors_stale_until = double_now + world.mirrors_stale_ms;
}

static void
test_mirrors_stall(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){ .what = "images", .act = mirrors_stall });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_not_told("reverted");
    fix_changes(LOG_FIRST "evict my-db-0\nleave-group my-db-1\nevict my-db-1\nversion\n"
                          "resume\ndelete leases\n");
    fix_end();
}

/* What the mirrors do not show for long cannot be built upon. */
static void
mirrors_die(void)
{
    world.mirrors_stale_ms = 10LL * 60 * 60 * 1000;
    world.mirrors_stale_until = double_now + world.mirrors_stale_ms;
}

static void
test_mirrors_die(void **state)
{
    (void)state;
    run_while(mirrors_die, EXIT_TIME);
    fix_end();
}

/* -- the database -- */

static void
unpause(void)
{
    json_t *db = world_edit("mysqls", WORLD_DB);

    fix_unpause(db);
    world_put("mysqls", db);
}

static void
test_pause_removed(void **state)
{
    (void)state;
    run_while(unpause, EXIT_INCOMPLETE);
    fix_error("PAUSE_LOST");
    fix_changes(LOG_FIRST "release\n");
    assert_false(told.paused);
    world.operator_asleep = false;
    fix_end();
}

/* ... and the next run pauses it again, and goes on. */
static void
test_pause_removed_then_resumed(void **state)
{
    (void)state;
    run_while(unpause, EXIT_INCOMPLETE);
    world.operator_asleep = false;
    world.n_rules = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* Another tool pauses it as well: that pause is not ours to end. */
static void
pause_over(void)
{
    size_t i = 0;
    json_t *db = world_edit("mysqls", WORLD_DB);
    json_t *c = json_array_find(json_path(db, "status.conditions"), "type", "Paused", &i);

    (void)json_object_set_new(c, "message", json_string("Paused by KubeDB CLI tool"));
    world_put("mysqls", db);
}

static void
test_paused_by_another(void **state)
{
    (void)state;
    run_while(pause_over, EXIT_INCOMPLETE);
    fix_error("paused by another client");
    fix_changes(LOG_FIRST "release\n");
    assert_true(world_paused());
    fix_end();
}

static void
request(void)
{
    world_put("mysqlopsrequests",
              world_json("{'metadata': {'name': 'restart-it'}, 'spec': {'type': "
                         "'Restart', 'databaseRef': {'name': 'my-db'}}, 'status': "
                         "{'phase': 'Pending'}}"));
    world_put("mysqlopsrequests",
              world_json("{'metadata': {'name': 'another'}, 'spec': {'type': 'Restart', "
                         "'databaseRef': {'name': 'another-db'}}, 'status': {}}"));
}

static void
test_ops_request(void **state)
{
    (void)state;
    run_while(request, EXIT_INCOMPLETE);
    fix_error("OPS_REQUEST");
    fix_error("MySQLOpsRequest restart-it (Restart, phase \"Pending\") was created");
    fix_changes(LOG_FIRST "release\n");
    fix_end();
}

static void
request_of_another(void)
{
    request();
    world_remove("mysqlopsrequests", "restart-it");
}

static void
test_ops_request_of_another(void **state)
{
    (void)state;
    run_while(request_of_another, EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
delete_database(void)
{
    world_remove("mysqls", WORLD_DB);
}

static void
test_database_deleted(void **state)
{
    (void)state;
    run_while(delete_database, EXIT_INCOMPLETE);
    fix_error("was deleted during the run");
    assert_string_equal(told.resume, "");
    assert_non_null(strstr(told.state, "there is nothing to resume"));
    fix_changes(LOG_FIRST "delete leases\n");
    fix_end();
}

/* Another one of the same name. */
static void
replace_database(void)
{
    world_remove("mysqls", WORLD_DB);
    world.operator_asleep = true;
    fix_database("8.4.7");
}

static void
test_database_replaced(void **state)
{
    (void)state;
    run_while(replace_database, EXIT_INCOMPLETE);
    fix_error("DATABASE_GONE");
    fix_changes(LOG_FIRST "delete leases\n");
    fix_end();
}

static void
being_deleted(void)
{
    world_change("mysqls", WORLD_DB, "metadata.deletionTimestamp",
                 json_string("2026-11-18T00:00:00Z"));
}

static void
halt(void)
{
    world_change("mysqls", WORLD_DB, "spec.halted", json_true());
}

static void
test_database_going(void **state)
{
    (void)state;
    run_while(being_deleted, EXIT_INCOMPLETE);
    fix_error("is being deleted");
    fix_end();
    run_while(halt, EXIT_INCOMPLETE);
    fix_error("is being halted");
    fix_changes(LOG_FIRST "release\n");
    fix_end();
}

/* The database goes while its members are asked, before anything was changed. */
static void
test_database_deleted_in_preflight(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule(
        (struct rule){ .what = "sql my-db-1 measures", .act = delete_database });
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("deleted during the run");
    fix_changes("");
    fix_end();
}

static void
check_deleted_after(const char *change, long long wait_ms)
{
    world_new(1);
    world_deed(change, wait_ms, delete_database);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    assert_null(world_lease());
    fix_end();
}

static void
test_database_deleted_at_every_step(void **state)
{
    (void)state;
    check_deleted_after("pause", 500);
    check_deleted_after("images", 1000);
    check_deleted_after("evict my-db-0", 1000);
    check_deleted_after("resume", 500);
    check_deleted_after("resume", 2500);
}

/* -- the set -- */

static void
delete_set(void)
{
    world_remove("petsets", WORLD_DB);
}

static void
scale(void)
{
    world_change("petsets", WORLD_DB, "spec.replicas", json_integer(5));
}

static void
test_set_deleted_or_scaled(void **state)
{
    (void)state;
    run_while(delete_set, EXIT_INCOMPLETE);
    fix_error("SET_GONE");
    fix_changes(LOG_FIRST "release\n");
    fix_end();
    run_while(scale, EXIT_INCOMPLETE);
    fix_error("workload my-db was scaled from 3 to 5 during the run");
    fix_changes(LOG_FIRST "release\n");
    fix_end();
}

/* Nobody says that the set's template was seen. */
static void
test_set_controller_asleep(void **state)
{
    (void)state;
    world_new(3);
    world.set_asleep = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_TIME);
    fix_error("its controller observed generation 1 of 2");
    fix_changes("create leases\npause\nimages\nrelease\n");
    fix_end();
}

/* Nobody resumes: the operator is not there. */
static void
test_operator_asleep(void **state)
{
    (void)state;
    world_new(3);
    world.operator_asleep = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_TIME);
    fix_error("the operator observed generation 1 of 2");
    assert_false(told.paused);
    world.operator_asleep = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_reconcile),
        cmocka_unit_test(test_images_reverted_in_the_roll),
        cmocka_unit_test(test_images_reverted_before_the_new_pod),
        cmocka_unit_test(test_images_reverted_for_ever),
        cmocka_unit_test(test_mirrors_stall),
        cmocka_unit_test(test_mirrors_die),
        cmocka_unit_test(test_pause_removed),
        cmocka_unit_test(test_pause_removed_then_resumed),
        cmocka_unit_test(test_paused_by_another),
        cmocka_unit_test(test_ops_request),
        cmocka_unit_test(test_ops_request_of_another),
        cmocka_unit_test(test_database_deleted),
        cmocka_unit_test(test_database_replaced),
        cmocka_unit_test(test_database_going),
        cmocka_unit_test(test_database_deleted_in_preflight),
        cmocka_unit_test(test_database_deleted_at_every_step),
        cmocka_unit_test(test_set_deleted_or_scaled),
        cmocka_unit_test(test_set_controller_asleep),
        cmocka_unit_test(test_operator_asleep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
