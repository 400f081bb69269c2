/* Deleting what a major upgrade of Postgres has kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"
#include "upgrade/cleanup.h"

static struct err err;
static struct cleanup_report report;
static char asked[512];
static bool answer;

static bool
ask(void *ctx, const char *text)
{
    (void)ctx;
    str_copy(asked, sizeof asked, text);
    assert_string_equal(buf_text(&world.log), ""); /* before anything is changed */
    return answer;
}

/* A database whose upgrade from 15 is over. */
static void
begin(size_t members)
{
    world_new_of("postgres", members, "17.9", "petsets");
    world.servers[0].volume.kept = true;
    world.servers[0].volume.started = true;
    world.servers[0].volume.old_data = true;
    world.may_delete = true;
    answer = true;
}

static int
clean_up(bool dry_run)
{
    const struct cleanup_request rq = { .engine = world_engine(),
                                        .name_space = WORLD_NS,
                                        .name = WORLD_DB,
                                        .command_flags = " -n demo",
                                        .dry_run = dry_run,
                                        .confirm = ask };
    auto_kube struct kube *k = kube_new(NULL, &err);
    int got = 0;

    err_clear(&err);
    asked[0] = '\0';
    buf_free(&told.told);
    memset(&told, 0, sizeof told);
    cleanup_report_clear(&report);
    world.run++;
    world.holder[0] = '\0';
    got = cleanup_run(&rq, k, &told, &report, &err);
    if (got < 0) {
        told.err = err;
    }
    assert_null(k->watches);
    return got;
}

static void
end(void)
{
    cleanup_report_clear(&report);
    fix_end();
}

static void
check_refused(const char *text)
{
    assert_int_equal(clean_up(false), -1);
    fix_error(text);
    assert_int_equal(err.code, ERR_REFUSED);
    assert_int_equal(exit_status_for(&err, report.changed), EXIT_REFUSED);
    fix_changes("");
    assert_true(world.servers[0].volume.old_data);
    end();
}

static void
test_deleted(void **state)
{
    (void)state;
    begin(3);
    assert_int_equal(clean_up(false), 0);
    fix_changes("create leases\ndelete my-db-0\ndelete leases\n");
    assert_false(world.servers[0].volume.old_data);
    assert_string_equal(report.pod, "my-db-0");
    assert_int_equal(report.deleted, 1);
    assert_int_equal(report.found.at[0].bytes, 3LL << 30);
    assert_non_null(strstr(asked,
                           "postgres/my-db in namespace demo will lose the data "
                           "that its upgrades kept on my-db-0: the data of version "
                           "15, from before the upgrade to 17: 3.0 GiB"));
    fix_is_at("17.9");
    /* Again: there is nothing, and nobody is asked. */
    assert_int_equal(clean_up(false), 0);
    assert_int_equal(report.found.n, 0);
    assert_string_equal(asked, "");
    end();
}

static void
test_only_looked(void **state)
{
    (void)state;
    begin(1);
    assert_int_equal(clean_up(true), 0);
    assert_int_equal(report.found.n, 1);
    assert_int_equal(report.deleted, 0);
    fix_changes("");
    answer = false;
    assert_int_equal(clean_up(false), -1);
    assert_int_equal(err.code, ERR_USAGE);
    fix_changes("");
    end();
}

static void
test_refused(void **state)
{
    (void)state;
    begin(1);
    world.servers[0].up = false;
    check_refused("my-db-0: no server is running on the data of version 17");
    begin(1);
    world.servers[0].volume.started = false;
    check_refused("my-db-0: an upgrade from 15 to 17 started");
    begin(3);
    world_remove("pods", "my-db-0");
    world.set_asleep = true;
    check_refused("postgres/my-db has no pod my-db-0");
}

/* An upgrade that somebody can go on with, also one to the version that is set. */
static void
test_in_progress(void **state)
{
    (void)state;
    world_new_of("postgres", 1, "15.20", "petsets");
    world_rule((struct rule){ .what = "version", .times = 1, .how = RULE_DIE });
    flow_run_to("17.9");
    world.dead = false;
    world.n_rules = 0;
    buf_free(&world.log);
    world.log.limit = 1U << 20;
    world_wait(60000);
    assert_int_equal(clean_up(false), -1);
    fix_error("an upgrade of postgres/my-db from 15.20 to 17.9 is in progress");
    fix_error("kubectl dbupgrade resume postgres my-db -n demo");
    assert_int_equal(exit_status_for(&err, report.changed), EXIT_REFUSED);
    fix_changes("");
    assert_true(world.servers[0].volume.old_data);
    end();
}

/* The session is cut before the deletion, after it, or when it is looked for. */
static void
test_cut(void **state)
{
    static const struct rule rules[] = {
        { .what = "script my-db-0 delete", .times = 2 },
        { .what = "script my-db-0 delete", .times = 1, .how = RULE_LOSE },
        { .what = "script my-db-0 kept", .after = 2, .times = 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        begin(1);
        world_rule(rules[i]);
        assert_int_equal(clean_up(false), 0);
        assert_true(world.rules[0].seen > rules[i].after);
        assert_int_equal(report.deleted, 1);
        assert_false(world.servers[0].volume.old_data);
        fix_is_at("17.9");
        end();
    }
}

static void
test_locked(void **state)
{
    json_t *lease = NULL;

    (void)state;
    begin(1);
    lease = world_json("{'metadata': {'name': 'dbupgrade-postgreses-my-db', 'namespace': "
                       "'demo', 'annotations': {}}, 'spec': {'holderIdentity': 'dead', "
                       "'leaseDurationSeconds': 15, 'renewTime': "
                       "'2026-11-18T00:00:00.000000Z'}}");
    world_put("leases", lease);
    assert_int_equal(clean_up(false), 0);
    fix_told("took over the lock of dead");
    assert_int_equal(report.deleted, 1);
    assert_null(world_lease());
    end();
}

/* -- what the script prints -- */

static bool
reads(const char *out, struct pg_leavings *l)
{
    return pg_leavings_parse(out, l, &err) == 0;
}

static void
test_rows(void **state)
{
    struct pg_leavings l = { 0 };

    (void)state;
    assert_true(reads("data\t18\nserver\tup\n", &l));
    assert_int_equal(l.n, 0);
    assert_true(reads("data\t18\nserver\tdown\nkept\t15\t17\t5000000000\tyes\n"
                      "kept\t17\t18\t0\tno",
                      &l));
    assert_int_equal(l.data, 18);
    assert_false(l.up);
    assert_int_equal(l.n, 2);
    assert_int_equal(l.at[0].from, 15);
    assert_int_equal(l.at[0].to, 17);
    assert_true(l.at[0].bytes == 5000000000LL && l.at[0].over);
    assert_int_equal(l.at[1].from, 17);
    assert_false(l.at[1].over);
    assert_false(reads("", &l));
    assert_false(reads("server\tup\nkept\t15\t17\n\t5\tyes\n", &l));
    assert_false(reads("server\tup\nkept\t15\t17\t5\n", &l));
    assert_int_equal(err.code, ERR_PROTOCOL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deleted), cmocka_unit_test(test_only_looked),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_in_progress),
        cmocka_unit_test(test_cut),     cmocka_unit_test(test_locked),
        cmocka_unit_test(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
