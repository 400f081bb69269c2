/* The way back: asked for later, asked for in mid-run, or because a member cannot start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* An upgrade that ended before a call; the world is then as an interrupted run left it.
 */
static void
stop_before(size_t members, const char *from, const char *to, const char *call)
{
    world_new_at(members, from, "petsets");
    (void)world_rule((struct rule){ .what = call, .status = 403 });
    assert_int_not_equal(flow_run_to(to), EXIT_OK);
    world.n_rules = 0;
    buf_reset(&world.log);
}

/* -- abort -- */

static void
test_abort(void **state)
{
    (void)state;
    stop_before(3, "8.4.7", "8.4.8", "evict my-db-0");
    world.strict = true;
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    assert_true(told.ok);
    fix_told("plan-step restart my-db-2   secondary [] undo -");
    fix_told("plan-step verify my-db-1, which already has these images");
    fix_told("start 8.4.8 -> 8.4.7 of 8\n");
    fix_told("note rolling back the upgrade from 8.4.7 to 8.4.8");
    fix_told("check return.members ok: 1 of 3 members to be rolled back to 8.4.7");
    fix_told("summary mysql/my-db is back at 8.4.7, verified");
    fix_not_told("check version.path");
    fix_changes("replace leases\nimages\nevict my-db-2\nresume\ndelete leases\n");
    fix_is_at("8.4.7");
    fix_end();
}

/* Wherever the upgrade stood. */
static void
test_abort_anywhere(void **state)
{
    static const char *const calls[] = { "pause",         "images",
                                         "evict my-db-2", "evict my-db-0",
                                         "evict my-db-1", "version" };

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        stop_before(3, "8.4.7", "8.4.8", calls[i]);
        fix_expect(flow_abort(), EXIT_WALKED_BACK);
        fix_is_at("8.4.7");
        fix_end();
    }
}

static void
test_abort_standalone(void **state)
{
    (void)state;
    stop_before(1, "8.4.7", "8.4.8", "version");
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    fix_end();
}

/* Nothing is changed by an abort that is refused. */
static void
check_refused(int status, const char *text)
{
    fix_expect(flow_abort(), status);
    fix_error(text);
    fix_changes("");
    assert_null(strstr(told.resume, "abort"));
}

static void
test_abort_refused(void **state)
{
    (void)state;
    world_new(3);
    check_refused(EXIT_REFUSED, "no upgrade of mysql/my-db is in progress");
    fix_error("there is nothing to roll back");
    fix_end();
    stop_before(3, "8.4.7", "8.4.8", "resume");
    check_refused(EXIT_REFUSED, "spec.version is already 8.4.8");
    fix_error("return.version");
    fix_end();
    /* From one series to the next the data cannot go back ... */
    stop_before(3, "8.0.43", "8.4.7", "evict my-db-0");
    check_refused(EXIT_REFUSED,
                  "my-db-2 ran 8.4.7: a server of 8.0.43 can no longer open");
    fix_error("return.members");
    fix_error("kubectl dbupgrade resume mysql my-db -n demo");
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.7");
    fix_end();
    /* ... but before any member was restarted it can. */
    stop_before(3, "8.0.43", "8.4.7", "evict my-db-2");
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_is_at("8.0.43");
    fix_end();
}

static void
test_abort_without_catalogue(void **state)
{
    (void)state;
    stop_before(3, "8.4.7", "8.4.8", "evict my-db-0");
    world_remove("mysqlversions", "8.4.7");
    check_refused(EXIT_REFUSED, "the catalog has no MySQLVersion");
    world_new(1);
    fix_end();
}

/* A member whose new image could not be pulled never had its data opened. */
static void
test_abort_of_what_never_ran(void **state)
{
    struct upgrade_request rq = fix_request("8.4.7");

    (void)state;
    world_new_at(3, "8.0.43", "petsets");
    world.bad_image = "r.example/mysql:8.4.7";
    rq.no_rescue = true;
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    fix_error("POD_IMAGE_PULL");
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_is_at("8.0.43");
    fix_end();
}

/* An abort that is cut off: every way to go on goes back, and forward is refused. */
static void
test_abort_cut_off(void **state)
{
    (void)state;
    stop_before(3, "8.4.7", "8.4.8", "version");
    (void)world_rule((struct rule){ .what = "evict my-db-0", .status = 403 });
    fix_expect(flow_abort(), EXIT_INCOMPLETE);
    assert_non_null(strstr(told.resume, "dbupgrade abort mysql my-db"));
    world.n_rules = 0;
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error(
        "a rollback of the upgrade of mysql/my-db from 8.4.7 to 8.4.8 is in progress");
    fix_error("resume it:  kubectl dbupgrade abort mysql my-db");
    fix_expect(flow_run_to(NULL), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    fix_end();
}

static void
test_abort_dry(void **state)
{
    struct upgrade_request rq = fix_request(NULL);

    (void)state;
    stop_before(3, "8.4.7", "8.4.8", "evict my-db-0");
    rq.abort = true;
    rq.dry_run = DRY_RUN_CLIENT;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("plan rollback | ");
    fix_told("| kubectl dbupgrade abort mysql my-db -n demo\n");
    fix_told("plan-step set the old images on PetSet/my-db");
    fix_changes("");
    assert_true(world_paused());
    fix_end();
}

/* -- a member that cannot start -- */

static void
test_rescue_all(void **state)
{
    (void)state;
    world_new(3);
    world.bad_image = "r.example/mysql:8.4.8";
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    assert_false(told.ok);
    fix_error("POD_IMAGE_PULL");
    fix_told("warning my-db-2: container mysql: ImagePullBackOff");
    assert_non_null(strstr(told.state, "all members run 8.4.7 again"));
    assert_string_equal(told.resume, "");
    fix_is_at("8.4.7");
    fix_end();
}

/* A reply that is lost in the midst of it. */
static void
test_rescue_disturbed(void **state)
{
    static const char *const calls[] = { "images", "evict" };

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        world_new(3);
        world.bad_image = "r.example/mysql:8.4.8";
        (void)world_rule(
            (struct rule){ .what = calls[i], .after = 1, .times = 1, .how = RULE_LOSE });
        fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
        fix_is_at("8.4.7");
        fix_end();
    }
}

static void
test_rescue_standalone(void **state)
{
    (void)state;
    world_new(1);
    world.bad_image = "r.example/mysql:8.4.8";
    fix_expect(flow_run_to("8.4.8"), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    fix_end();
}

static void
spoil_image(void)
{
    world.bad_image = "r.example/mysql:8.4.8";
}

/* One member is new already: the one that fails is old again, and the rest stays. */
static void
test_rescue_one(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-0", 0, spoil_image);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("POD_IMAGE_PULL");
    fix_error("my-db-0 is running its previous images again, verified");
    assert_string_equal(world.servers[0].version, "8.4.7");
    assert_string_equal(world.servers[2].version, "8.4.8");
    assert_true(observe_serves(0) && world_paused());
    world.bad_image = NULL;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* The server ran, and its data is of the next series: nothing is made worse. */
static void
test_rescue_refused(void **state)
{
    (void)state;
    world_new_at(3, "8.0.43", "petsets");
    world.servers[2].crashes = true;
    fix_expect(flow_run_to("8.4.7"), EXIT_INCOMPLETE);
    fix_error("POD_CRASHLOOP");
    fix_error("my-db-2 was not rolled back: its server may have opened the data");
    assert_false(fix_changed("evict my-db-2\nevict my-db-2"));
    fix_end();
}

/* It does not get well with the old images either. */
static void
test_rescue_in_vain(void **state)
{
    (void)state;
    world_new(3);
    world.servers[2].crashes = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("POD_CRASHLOOP");
    fix_error("restoring its previous images failed");
    /* Its trouble is another one: mended, the upgrade goes on. */
    world.servers[2].crashes = false;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* Nor does the API server take what it needs: that is tried for two minutes. */
static void
test_rescue_away(void **state)
{
    long long began = 0;

    (void)state;
    world_new(3);
    world_deed("evict my-db-0", 0, spoil_image);
    (void)world_rule((struct rule){ .what = "images", .after = 1, .status = 503 });
    began = double_now;
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("restoring its previous images failed");
    fix_error("HTTP 503");
    assert_in_range(double_now - began, 2 * 60 * 1000, 8 * 60 * 1000);
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_abort_anywhere),
        cmocka_unit_test(test_abort_standalone),
        cmocka_unit_test(test_abort_refused),
        cmocka_unit_test(test_abort_without_catalogue),
        cmocka_unit_test(test_abort_of_what_never_ran),
        cmocka_unit_test(test_abort_cut_off),
        cmocka_unit_test(test_abort_dry),
        cmocka_unit_test(test_rescue_all),
        cmocka_unit_test(test_rescue_disturbed),
        cmocka_unit_test(test_rescue_standalone),
        cmocka_unit_test(test_rescue_one),
        cmocka_unit_test(test_rescue_refused),
        cmocka_unit_test(test_rescue_away),
        cmocka_unit_test(test_rescue_in_vain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
