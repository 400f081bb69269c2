/* What is in progress: Leases read and judged, and what is looked at beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_status.h"

static void
test_nothing(void **state)
{
    (void)state;
    world_new(1);
    assert_int_equal(look(false, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 0);
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 0);
    assert_int_equal(look(true, WORLD_NS, WORLD_DB), 0);
    assert_int_equal(list.n, 0);
    assert_int_equal(look(true, WORLD_NS, "other"), -1);
    assert_int_equal(status_err.code, ERR_NOT_FOUND);
    status_end();
}

static void
test_running(void **state)
{
    const struct status_row *r = NULL;
    long long before = 0;

    (void)state;
    world_new(3);
    lease_put("root@h/1/a", JOURNAL, 3000);
    lease_annotate("kubectl-dbupgrade/step", "3/9 restart my-db-2");
    before = double_now;
    assert_int_equal(look(false, NULL, NULL), 0);
    assert_true(double_now - before < 100); /* no need to watch it */
    says("running");
    r = &list.at[0];
    assert_ptr_equal(r->engine, world_engine());
    assert_string_equal(r->name, WORLD_DB);
    assert_string_equal(r->name_space, WORLD_NS);
    assert_string_equal(r->journal.from, "8.4.7");
    assert_string_equal(r->journal.to, "8.4.8");
    assert_string_equal(r->journal.step, "3/9 restart my-db-2");
    assert_string_equal(r->lock.holder, "root@h/1/a");
    assert_string_equal(r->journal.by, "eve@h/1/a");
    assert_false(r->journal.back);
    assert_in_range(r->lock.seen_ms, 3000, 3100);
    assert_int_equal(r->n_members, 0);
    assert_null(r->objects.database);
    status_end();
}

static void
test_held_and_asked(void **state)
{
    (void)state;
    world_new(3);
    lease_put("root@h/1/a", JOURNAL, 0);
    lease_annotate("kubectl-dbupgrade/held", "eve@h/7");
    lease_annotate("kubectl-dbupgrade/ctl", "{\"verb\": \"abort\", \"by\": \"joe@h/8\"}");
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    says("paused before the next member by eve@h/7");
    assert_int_equal(list.at[0].state, STATUS_HELD);
    assert_string_equal(list.at[0].lock.asked, "abort");
    assert_string_equal(list.at[0].lock.asked_by, "joe@h/8");
    status_end();
}

static void
test_stopped_and_back(void **state)
{
    auto_free char *back = mem_strdup(JOURNAL);

    (void)state;
    memcpy(strstr(back, "\"forward\""), "\"back\"   ", 9);
    world_new(3);
    lease_put("", back, 24LL * 3600 * 1000);
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    says("stopped: resume or abort it");
    assert_true(list.at[0].journal.back);
    status_end();
}

/* Nobody renews it: it is watched, and then said to be dead. */
static void
test_dead(void **state)
{
    long long before = 0;

    (void)state;
    world_new(3);
    lease_put("root@h/1/a", JOURNAL, 180000);
    before = double_now;
    assert_int_equal(look(false, WORLD_NS, NULL), 0);
    assert_in_range(double_now - before, 5000, 8000);
    says("lock not renewed for 3m00s: the run is dead and can be taken over");
    lease_put("root@h/1/a", JOURNAL, -3600000);
    assert_int_equal(look(false, WORLD_NS, NULL), 0);
    says("lock not renewed while watched: the run is dead and can be taken over");
    status_end();
}

/* The holder's clock is an hour behind or ahead: it is seen to renew. */
static long long skew;

static void
renew(void)
{
    lease_put("root@h/1/a", JOURNAL, skew);
}

static void
test_clocks(void **state)
{
    (void)state;
    world_new(3);
    skew = 3600000;
    lease_put("root@h/1/a", JOURNAL, skew + 1000);
    world.deed = renew;
    world.deed_at = double_now + 3000;
    assert_int_equal(look(false, WORLD_NS, NULL), 0);
    assert_int_equal(list.at[0].state, STATUS_RUNNING);
    says("running (its clock is 1h00m behind the local one)");
    skew = -3600000;
    lease_put("root@h/1/a", JOURNAL, skew + 1000);
    world.deed_at = double_now + 3000;
    assert_int_equal(look(false, WORLD_NS, NULL), 0);
    assert_int_equal(list.at[0].state, STATUS_RUNNING);
    assert_true(list.at[0].lock.alive);
    status_end();
}

static void
finish(void)
{
    world_remove("leases", FIX_LEASE);
}

static void
test_ends_while_watched(void **state)
{
    (void)state;
    world_new(3);
    lease_put("root@h/1/a", JOURNAL, 180000);
    world.deed = finish;
    world.deed_at = double_now + 3000;
    assert_int_equal(look(false, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 0);
    status_end();
}

static void
test_interrupted(void **state)
{
    (void)state;
    world_new(3);
    lease_put("root@h/1/a", JOURNAL, 180000);
    sig_request(2);
    assert_int_equal(look(false, WORLD_NS, NULL), -1);
    assert_int_equal(status_err.code, ERR_INTERRUPTED);
    status_end();
}

/* One that cannot be read does not hide the others. */
static void
test_strange_journals(void **state)
{
    char said[512];
    json_t *other = NULL;

    (void)state;
    world_new(3);
    lease_put("root@h/1/a", JOURNAL, 0);
    other = world_edit("leases", FIX_LEASE);
    world_set_path(other, "metadata.name", json_string("dbupgrade-mysqls-b"));
    (void)json_object_set_new(json_path(other, "metadata.annotations"),
                              "kubectl-dbupgrade/journal", json_string("{\"ver"));
    world_put("leases", other);
    other = world_edit("leases", FIX_LEASE);
    world_set_path(other, "metadata.name", json_string("dbupgrade-oracles-c"));
    (void)json_object_set_new(
        json_path(other, "metadata.annotations"), "kubectl-dbupgrade/journal",
        json_string("{\"version\": 99, \"from\": \"1\", \"to\": \"2\"}"));
    world_put("leases", other);
    other = world_edit("leases", FIX_LEASE);
    world_set_path(other, "metadata.name", json_string("leader"));
    world_put("leases", other);
    assert_int_equal(look(false, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 3);
    assert_string_equal(status_database(&list.at[0], said, sizeof said), "mysql/b");
    assert_string_equal(status_say(&list.at[0], said, sizeof said),
                        "the journal cannot be read");
    assert_string_equal(status_database(&list.at[1], said, sizeof said), "mysql/my-db");
    assert_int_equal(list.at[1].state, STATUS_RUNNING);
    assert_string_equal(status_database(&list.at[2], said, sizeof said), "oracles-c");
    assert_string_equal(
        status_say(&list.at[2], said, sizeof said),
        "written by a newer kubectl-dbupgrade (format 99; this one reads up to 5)");
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    assert_int_equal(list.n, 2);
    status_end();
}

/* With a name: the database and its members. */
static void
test_details(void **state)
{
    const struct status_row *r = NULL;
    json_t *pod = NULL;
    size_t i = 0;
    json_t *c = NULL;

    (void)state;
    world_new(3);
    lease_put("root@h/1/a", JOURNAL, 0);
    pod = world_edit("pods", "my-db-2");
    json_array_foreach (json_path(pod, "spec.containers"), i, c) {
        if (str_eq(json_path_str(c, "name"), "mysql")) {
            (void)json_object_set_new(c, "image", json_string("r.example/mysql:8.4.8"));
        }
    }
    world_set_path(pod, "metadata.labels",
                   json_pack("{s:s}", "kubedb.com/role", "standby"));
    world_put("pods", pod);
    assert_int_equal(look(true, WORLD_NS, WORLD_DB), 0);
    says("running");
    r = &list.at[0];
    assert_string_equal(r->database.version, "8.4.7");
    assert_string_equal(r->database.phase, "Ready");
    assert_false(r->database.paused);
    assert_string_equal(r->left_out, "");
    assert_int_equal(r->n_members, 3);
    assert_string_equal(r->members[0].name, "my-db-0");
    assert_int_equal(r->members[0].images, STATUS_OLD);
    assert_string_equal(r->members[1].role, "");
    assert_string_equal(r->members[2].role, "standby");
    assert_true(r->members[1].ready);
    assert_int_equal(r->members[2].images, STATUS_NEW);
    status_end();
}

static void
test_forbidden(void **state)
{
    (void)state;
    world_new(3);
    lease_put("root@h/1/a", JOURNAL, 0);
    (void)world_rule((struct rule){ .what = "get mysqls", .status = 403 });
    (void)world_rule((struct rule){ .what = "list pods", .status = 403 });
    (void)world_rule((struct rule){ .what = "list mysqls", .status = 403 });
    assert_int_equal(look(true, WORLD_NS, WORLD_DB), 0);
    says("running");
    assert_string_equal(
        list.at[0].left_out,
        "the database: permission denied; the members: permission denied");
    assert_int_equal(look(true, WORLD_NS, NULL), 0);
    says("running");
    assert_string_equal(list.left_out, "databases left paused: permission denied");
    (void)world_rule((struct rule){ .what = "list leases", .status = 403 });
    assert_int_equal(look(false, NULL, NULL), -1);
    assert_int_equal(status_err.code, ERR_FORBIDDEN);
    assert_non_null(
        strstr(status_err.hint, "list leases.coordination.k8s.io in all namespaces"));
    status_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_running),
        cmocka_unit_test(test_held_and_asked),
        cmocka_unit_test(test_stopped_and_back),
        cmocka_unit_test(test_dead),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_ends_while_watched),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_strange_journals),
        cmocka_unit_test(test_details),
        cmocka_unit_test(test_forbidden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
