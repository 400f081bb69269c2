/* Asking a run from elsewhere: what the run does with it, and what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "double_fixture.h"
#include "upgrade/control.h"

#define CTL     "kubectl-dbupgrade/ctl"
#define JOURNAL "{\"version\": 2, \"from\": \"8.4.7\", \"to\": \"8.4.8\", \"uid\": \"u\"}"

static struct err err;
static char holder[192];

static void
lease_set(const char *key, const char *value)
{
    json_t *lease = world_edit("leases", FIX_LEASE);
    json_t *all = json_path(lease, "metadata.annotations");

    if (value == NULL) {
        (void)json_object_del(all, key);
    } else {
        (void)json_object_set_new(all, key, json_string(value));
    }
    world_put("leases", lease);
}

static const char *
lease_ctl(void)
{
    const char *s = json_string_value(
        json_object_get(json_path(world_lease(), "metadata.annotations"), CTL));

    return s != NULL ? s : "";
}

/* The run takes what it was asked, and remembers it. */
static char taken[256];

static void
take(void)
{
    str_copy(taken, sizeof taken, lease_ctl());
    lease_set(CTL, NULL);
}

static void
start(const char *by)
{
    world_new(1);
    fix_lease(by, JOURNAL);
    taken[0] = '\0';
}

static int
ask(const char *verb)
{
    const struct control_request rq = { .engine = world_engine(),
                                        .name_space = WORLD_NS,
                                        .name = WORLD_DB,
                                        .verb = control_find(verb),
                                        .command_flags = " -n demo" };
    auto_kube struct kube *k = kube_new(NULL, &err);

    assert_non_null(rq.verb);
    err_clear(&err);
    return control_ask(&rq, k, holder, sizeof holder, &err);
}

static void
at(long long ms, void (*deed)(void))
{
    world.deed = deed;
    world.deed_at = double_now + ms;
}

static void
test_verbs(void **state)
{
    (void)state;
    assert_null(control_find("stop"));
    assert_null(control_find(""));
    assert_string_equal(control_find("pause")->word, "pause");
}

static void
test_taken(void **state)
{
    auto_json json_t *said = NULL;

    (void)state;
    start("root@h/1/a");
    at(3000, take);
    assert_int_equal(ask("pause"), 0);
    assert_string_equal(holder, "root@h/1/a");
    said = json_loads(taken, 0, NULL);
    assert_string_equal(json_path_str(said, "verb"), "pause");
    assert_non_null(strchr(json_path_str(said, "by"), '@'));
    assert_true(clock_parse_rfc3339(json_path_str(said, "at")) > 0);
    assert_string_equal(lease_ctl(), "");
    fix_end();
}

static void
test_nothing_to_ask(void **state)
{
    (void)state;
    world_new(1);
    assert_int_equal(ask("pause"), -1);
    assert_int_equal(err.code, ERR_REFUSED);
    assert_string_equal(err.msg, "no upgrade of mysql/my-db is in progress");
    start("");
    assert_int_equal(ask("abort"), -1);
    assert_int_equal(err.code, ERR_REFUSED);
    assert_non_null(strstr(err.msg, "is stopped"));
    assert_non_null(strstr(err.hint, "kubectl dbupgrade resume mysql my-db -n demo\n"));
    assert_non_null(strstr(err.hint, "kubectl dbupgrade abort mysql my-db -n demo\n"));
    assert_string_equal(lease_ctl(), "");
    assert_string_equal(err.detail, "");
    fix_end();
}

static void
test_no_answer(void **state)
{
    long long before = 0;

    (void)state;
    start("root@h/1/a");
    before = double_now;
    assert_int_equal(ask("abort"), -1);
    assert_in_range(double_now - before, 30000, 32000);
    assert_int_equal(err.code, ERR_TIMEOUT);
    assert_string_equal(
        err.msg,
        "root@h/1/a, which runs the upgrade of mysql/my-db, did not answer for 30s");
    assert_string_equal(err.reason, "NO_ANSWER");
    assert_non_null(strstr(err.hint, "kubectl dbupgrade status mysql my-db -n demo"));
    assert_non_null(strstr(err.hint, "kubectl dbupgrade abort mysql my-db -n demo\n"));
    assert_string_equal(err.detail, "the request was withdrawn\n");
    assert_string_equal(lease_ctl(), "");
    fix_end();
}

static void
test_interrupted(void **state)
{
    (void)state;
    start("root@h/1/a");
    sig_request(2);
    assert_int_equal(ask("abort"), -1);
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_string_equal(lease_ctl(), "");
    fix_end();
}

/* The double calls a patch without a holder "release".
 *
 * The run takes it in the very moment in which it would be taken back. */
static void
test_last_moment(void **state)
{
    (void)state;
    start("root@h/1/a");
    (void)world_rule(
        (struct rule){ .what = "release", .after = 1, .times = 1, .act = take });
    assert_int_equal(ask("pause"), 0);
    assert_non_null(strstr(taken, "pause"));
    fix_end();
}

static void
stop(void)
{
    world_change("leases", FIX_LEASE, "spec.holderIdentity", json_string(""));
}

static void
finish(void)
{
    world_remove("leases", FIX_LEASE);
}

static void
test_run_ends(void **state)
{
    (void)state;
    start("root@h/1/a");
    at(2000, stop);
    assert_int_equal(ask("pause"), -1);
    assert_int_equal(err.code, ERR_REFUSED);
    assert_string_equal(err.reason, "RUN_ENDED");
    assert_string_equal(lease_ctl(), "");
    start("root@h/1/a");
    at(2000, finish);
    assert_int_equal(ask("pause"), -1);
    assert_string_equal(err.reason, "RUN_ENDED");
    assert_null(world_lease());
    fix_end();
}

/* Somebody else's request comes first, and is not lost. */
static void
take_both(void)
{
    take();
    assert_string_equal(taken, "{\"verb\": \"abort\"}");
    at(3000, take);
}

static void
test_others_first(void **state)
{
    (void)state;
    start("root@h/1/a");
    lease_set(CTL, "{\"verb\": \"abort\"}");
    at(2000, take_both);
    assert_int_equal(ask("pause"), 0);
    assert_non_null(strstr(taken, "pause"));
    start("root@h/1/a");
    lease_set(CTL, "{\"verb\": \"abort\"}");
    assert_int_equal(ask("pause"), -1);
    assert_int_equal(err.code, ERR_TIMEOUT);
    assert_string_equal(lease_ctl(), "{\"verb\": \"abort\"}");
    assert_string_equal(err.detail, "");
    fix_end();
}

/* The run renews just then, replies are lost, the API server is away for a while. */
static void
touch(void)
{
    world_change("leases", FIX_LEASE, "spec.renewTime", json_string("now"));
}

static void
test_trouble(void **state)
{
    (void)state;
    start("root@h/1/a");
    at(9000, take);
    (void)world_rule((struct rule){ .what = "release", .times = 1, .act = touch });
    (void)world_rule((struct rule){ .what = "release", .times = 1, .how = RULE_LOSE });
    (void)world_rule((struct rule){ .what = "get leases", .after = 2, .times = 5 });
    assert_int_equal(ask("continue"), 0);
    assert_non_null(strstr(taken, "continue"));
    fix_end();
    start("root@h/1/a");
    (void)world_rule((struct rule){ .what = "release", .status = 403 });
    assert_int_equal(ask("continue"), -1);
    assert_int_equal(err.code, ERR_FORBIDDEN);
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verbs),          cmocka_unit_test(test_taken),
        cmocka_unit_test(test_nothing_to_ask), cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_interrupted),    cmocka_unit_test(test_last_moment),
        cmocka_unit_test(test_run_ends),       cmocka_unit_test(test_others_first),
        cmocka_unit_test(test_trouble),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
