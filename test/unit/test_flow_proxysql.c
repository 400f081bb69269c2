/* ProxySQL: proxies that hold a configuration and no data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

#define OLD "2.7.3-debian"
#define NEW "3.0.1-debian"

enum { SERVERS, USERS, RULES, MYSQL_VARIABLES };

static void
world_new_proxies(size_t members)
{
    world_new_of("proxysql", members, OLD, "petsets");
}

/* Something that all have besides their file. */
static void
have_rules(int runtime, int disk)
{
    for (size_t i = 0; i < world.members; i++) {
        struct proxy *x = &world.servers[i].proxy;

        x->edited[RULES] = runtime;
        x->runtime[RULES] = runtime;
        x->disk[RULES] = disk;
    }
}

static void
expect_rules(int n)
{
    for (size_t i = 0; i < world.members; i++) {
        assert_int_equal(world.servers[i].proxy.runtime[RULES], n);
        assert_int_equal(world.servers[i].proxy.disk[RULES], n);
    }
}

static void
test_upgrade(void **state)
{
    (void)state;
    world_new_proxies(3);
    world.strict = true;
    fix_expect(flow_run_to(NEW), EXIT_OK);
    fix_changes("create leases\npause\nimages\nevict my-db-0\nevict my-db-1\n"
                "evict my-db-2\nversion\nresume\ndelete leases\n");
    fix_told("gate my-db-0 config");
    fix_told("the backend MySQL behind is Ready");
    fix_told("all proxies have the same servers, users and query rules");
    assert_int_equal(world.pauses, 3);
    fix_is_at(NEW);
    fix_end();
}

/* What was saved and is not in the file comes from another one. */
static void
test_copy(void **state)
{
    (void)state;
    world_new_proxies(3);
    have_rules(5, 5);
    fix_expect(flow_run_to(NEW), EXIT_OK);
    fix_told("copying the query rules from my-db-1");
    fix_told("copying the query rules from my-db-0");
    fix_not_told("copying the users");
    expect_rules(5);
    fix_is_at(NEW);
    fix_end();
}

/* What one answers is run on another: nothing but rows of these tables is. */
static void
test_copy_of_statements(void **state)
{
    (void)state;
    world_new_proxies(3);
    have_rules(5, 5);
    world.servers[1].proxy.tail = "; LOAD ADMIN VARIABLES FROM DISK";
    fix_expect(flow_run_to(NEW), EXIT_INCOMPLETE);
    fix_error("my-db-1: its query rules are not copied: a row has an unexpected form");
    world.servers[1].proxy.tail = NULL;
    fix_expect(flow_run_to(NEW), EXIT_OK);
    expect_rules(5);
    fix_is_at(NEW);
    fix_end();
}

static void
test_unsaved(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_proxies(3);
    have_rules(5, 3);
    world.servers[2].proxy.runtime[MYSQL_VARIABLES] = 4;
    fix_expect(flow_run_to(NEW), EXIT_REFUSED);
    fix_error("config.saved");
    fix_error("my-db-0: 2 of the query rules");
    fix_error("my-db-2: 2 of the query rules, 1 of the MySQL variables");
    fix_changes("");
    rq = fix_request(NEW);
    rq.save_runtime_config = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("my-db-0: query rules saved to disk (2 differed)");
    expect_rules(5);
    fix_is_at(NEW);
    fix_end();
}

static void
change_rules(void)
{
    world.servers[1].proxy.runtime[RULES]++;
}

/* The server's own words are the error. */
static void
test_unsaved_cannot_be_saved(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_proxies(2);
    have_rules(5, 3);
    rq = fix_request(NEW);
    rq.save_runtime_config = true;
    (void)world_rule((struct rule){ .what = "sql my-db-0 save", .status = 403 });
    fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
    fix_error("HTTP 403");
    fix_not_told("saved to disk");
    fix_end();
}

/* It is looked at again just before each one goes. */
static void
test_unsaved_meanwhile(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_proxies(3);
    world_deed("evict my-db-0", 0, change_rules);
    fix_expect(flow_run_to(NEW), EXIT_INCOMPLETE);
    fix_error("my-db-1: 1 of the query rules");
    assert_false(fix_changed("evict my-db-1"));
    world.n_rules = 0;
    world.servers[1].proxy.runtime[RULES]--;
    rq = fix_request(NULL);
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at(NEW);
    fix_end();
}

/* Who does not mind is not asked again on the way. */
static void
test_unsaved_skipped(void **state)
{
    static const char *const skip[] = { "config.saved", NULL };
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_proxies(3);
    have_rules(5, 3);
    rq = fix_request(NEW);
    rq.checks.skipped = skip;
    rq.limits.pod_timeout_ms = 60000;
    fix_expect(flow_run(&rq), EXIT_TIME); /* it is lost, as was said */
    fix_error("3 query rules; expected: 5 query rules");
    fix_end();
}

/* What nobody else has cannot be copied: the others are left alone. */
static void
test_lost(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_proxies(3);
    world.servers[0].proxy.runtime[RULES] = world.servers[0].proxy.disk[RULES] = 5;
    rq = fix_request(NEW);
    rq.limits.pod_timeout_ms = 60000;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_told("my-db-1: its query rules differ from those of my-db-0");
    fix_error("3 query rules; expected: 5 query rules");
    assert_false(fix_changed("evict my-db-1"));
    fix_end();
}

static void
test_one(void **state)
{
    (void)state;
    world_new_proxies(1);
    fix_expect(flow_run_to(NEW), EXIT_OK);
    fix_told("its disk is deleted with its pod");
    assert_int_equal(world.pauses, 0);
    fix_is_at(NEW);
    fix_end();
}

/* -- clients -- */

static void
test_drain(void **state)
{
    (void)state;
    world_new_proxies(3);
    world.servers[0].proxy.clients = 4;
    fix_expect(flow_run_to(NEW), EXIT_OK);
    fix_told("draining: accepts no new clients");
    fix_not_told("disconnected");
    fix_end();
}

static void
test_drain_in_vain(void **state)
{
    (void)state;
    world_new_proxies(3);
    world.servers[1].proxy.clients = 4;
    world.stubborn = 2;
    fix_expect(flow_run_to(NEW), EXIT_OK);
    fix_told("my-db-1 still has 2 clients, which will be disconnected");
    fix_is_at(NEW);
    fix_end();
}

static void
test_no_drain(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_proxies(3);
    rq = fix_request(NEW);
    rq.limits.drain_timeout_ms = 0;
    fix_expect(flow_run(&rq), EXIT_OK);
    assert_int_equal(world.pauses, 0);
    fix_end();
}

/* A proxy whose pod may not go after all takes clients again. */
static void
test_stays(void **state)
{
    (void)state;
    world_new_proxies(3);
    (void)world_rule((struct rule){ .what = "evict my-db-1", .status = 403 });
    fix_expect(flow_run_to(NEW), EXIT_INCOMPLETE);
    fix_told("my-db-1 accepts clients again");
    assert_false(world.servers[1].proxy.paused);
    world.n_rules = 0;
    buf_reset(&world.log);
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_is_at(OLD);
    fix_end();
}

/* So does one that a run left behind that was killed. */
static void
test_killed(void **state)
{
    (void)state;
    world_new_proxies(3);
    (void)world_rule((struct rule){ .what = "evict my-db-1", .how = RULE_DIE });
    (void)flow_run_to(NEW);
    assert_true(world.servers[1].proxy.paused);
    world.n_rules = 0;
    world.dead = false;
    double_forget_signals();
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_told("my-db-1 accepts clients again");
    assert_false(world.servers[1].proxy.paused);
    fix_is_at(OLD);
}

/* -- what is wrong before -- */

static void
spoil_backend(void)
{
    world_change("mysqls", "behind", "status.phase", json_string("Critical"));
}

static void
spoil_binding(void)
{
    (void)json_object_del(json_object_get(world.objects, "appbindings"), "behind");
}

static void
spoil_proxy(void)
{
    world.servers[2].says = "NO SERVER ONLINE";
}

static void
check_refused(void (*spoil)(void), const char *why)
{
    world_new_proxies(3);
    spoil();
    fix_expect(flow_run_to(NEW), EXIT_REFUSED);
    fix_error(why);
    fix_changes("");
    fix_end();
}

static void
test_refused(void **state)
{
    (void)state;
    check_refused(spoil_backend, "backend.ready: the backend MySQL behind is Critical");
    check_refused(spoil_binding, "backend.ready: AppBinding behind");
    check_refused(spoil_proxy, "health.members: my-db-2 is NO SERVER ONLINE");
}

static void
test_rescue(void **state)
{
    (void)state;
    world_new_proxies(3);
    have_rules(5, 5);
    world.bad_image = "r.example/proxysql:" NEW;
    fix_expect(flow_run_to(NEW), EXIT_WALKED_BACK);
    fix_error("POD_IMAGE_PULL");
    expect_rules(5);
    fix_is_at(OLD);
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_copy_of_statements),
        cmocka_unit_test(test_unsaved),
        cmocka_unit_test(test_unsaved_meanwhile),
        cmocka_unit_test(test_unsaved_skipped),
        cmocka_unit_test(test_unsaved_cannot_be_saved),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_one),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_drain_in_vain),
        cmocka_unit_test(test_no_drain),
        cmocka_unit_test(test_stays),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_rescue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
