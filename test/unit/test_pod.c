#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "domain/pod.h"
#include "testdata.h"

static void
test_parse(void **state)
{
    auto_json json_t *pods = testdata_need("mysql/group/pods.json");
    json_t *o = json_object_get(pods, "my-db-1");
    struct pod p;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(pod_parse(engine_find("mysql"), o, &p, &e), 0);
    assert_string_equal(p.name, "my-db-1");
    assert_string_equal(p.uid, "pod-uid-1");
    assert_string_equal(p.phase, "Running");
    assert_string_equal(p.node, "node-b");
    assert_string_equal(p.revision, "my-db-5d8f");
    assert_string_equal(p.role, "primary");
    assert_string_equal(p.ip, "10.0.0.11");
    assert_int_equal(p.ordinal, 1);
    assert_int_equal(p.containers, 3);
    assert_int_equal(p.ready_containers, 3);
    assert_int_equal(p.restarts, 0);
    assert_true(p.ready && !p.deleting);
    assert_true(str_starts(p.image_id, "registry.example/mysql@"));
}

static void
test_parse_old_role(void **state)
{
    auto_json json_t *o =
        json_pack("{s:{s:s, s:s, s:{s:s}}}", "metadata", "name", "my-db-0", "uid", "u",
                  "labels", "mysql.kubedb.com/role", "primary");
    struct pod p;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(pod_parse(engine_find("mysql"), o, &p, &e), 0);
    assert_string_equal(p.role, "primary");
    assert_false(p.ready);
}

static void
test_parse_incomplete(void **state)
{
    auto_json json_t *nameless = json_object();
    auto_json json_t *uidless = json_pack("{s:{s:s}}", "metadata", "name", "my-db-0");
    struct pod p;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(pod_parse(engine_find("mysql"), nameless, &p, &e), -1);
    assert_string_equal(e.msg, "a pod has no metadata.name");
    assert_int_equal(pod_parse(engine_find("mysql"), uidless, &p, &e), -1);
    assert_string_equal(e.msg, "a pod has no metadata.uid");
    assert_int_equal(pod_parse(engine_find("mysql"), NULL, &p, &e), -1);
}

static void
test_ordinal(void **state)
{
    static const struct {
        const char *name;
        int ordinal;
    } rows[] = { { "my-db-0", 0 },  { "my-db-10", 10 },         { "my-db-1-2", 2 },
                 { "mydb", -1 },    { "my-db-x", -1 },          { "my-db-", -1 },
                 { "my-db--1", 1 }, { "my-db-99999999999", -1 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *o =
            json_pack("{s:{s:s, s:s}}", "metadata", "name", rows[i].name, "uid", "u");
        struct pod p;
        struct err e = { 0 };

        assert_int_equal(pod_parse(engine_find("mysql"), o, &p, &e), 0);
        assert_int_equal(p.ordinal, rows[i].ordinal);
    }
}

/* test/data/mysql/pods.json: what a pod does, and whether it is broken, ten minutes past
 * ten. */
static void
test_row(const json_t *row)
{
    long long now = clock_parse_rfc3339("2026-11-21T10:10:00Z");
    const json_t *pod = json_path(row, "pod");
    const json_t *broken = json_path(row, "broken");
    char doing[256];
    char container[64] = "x";
    struct err e = { 0 };

    assert_string_equal(pod_doing(pod, now, doing, sizeof doing),
                        json_path_str(row, "doing"));
    assert_int_equal(pod_is_broken(pod, now, container, sizeof container, &e),
                     broken != NULL);
    assert_string_equal(container, json_path_str(broken, "container"));
    assert_string_equal(e.reason, json_path_str(broken, "reason"));
    assert_string_equal(e.msg, json_path_str(broken, "msg"));
    assert_string_equal(e.detail, json_path_str(broken, "detail"));
    assert_int_equal(e.code, broken != NULL ? ERR_UNHEALTHY : ERR_NONE);
}

static void
test_rows(void **state)
{
    auto_json json_t *rows = testdata_need("mysql/pods.json");
    size_t i = 0;
    json_t *row = NULL;

    (void)state;
    json_array_foreach (rows, i, row) {
        print_message("# %s\n", json_path_str(row, "name"));
        test_row(row);
    }
    assert_true(i > 0);
}

/* Whether its node still prepares a pod. */
static void
test_creating(void **state)
{
    static const struct {
        const char *pod;
        bool creating;
    } rows[] = {
        { "{'spec':{'nodeName':'n'},'status':{'phase':'Pending'}}", true },
        { "{'spec':{},'status':{'phase':'Pending'}}", false },
        { "{'spec':{'nodeName':'n'},'status':{'phase':'Running'}}", false },
        { "{'metadata':{'deletionTimestamp':'x'},'spec':{'nodeName':'n'},'status':"
          "{'phase':'Pending'}}",
          false },
        { "{'spec':{'nodeName':'n'},'status':{'phase':'Pending','initContainerStatuses':"
          "[{'state':{'waiting':{'reason':'PodInitializing'}}}],'containerStatuses':"
          "[{'state':{'waiting':{'reason':'ContainerCreating'}}}]}}",
          true },
        { "{'spec':{'nodeName':'n'},'status':{'phase':'Pending','initContainerStatuses':"
          "[{'state':{'running':{}}}]}}",
          false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *pod = testdata_quoted(rows[i].pod);

        assert_int_equal(pod_is_creating(pod), rows[i].creating);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_old_role),
        cmocka_unit_test(test_parse_incomplete),
        cmocka_unit_test(test_ordinal),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_creating),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pod", tests, NULL, NULL);
}
