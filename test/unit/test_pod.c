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
#include "kubedb/pod.h"
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
    } rows[] = {
        { "my-db-0", 0 },       { "my-db-10", 10 },          { "my-db-1-2", 2 },
        { "mydb", -1 },         { "my-db-x", -1 },           { "my-db-", -1 },
        { "my-db--1", 1 },      { "my-db-99999999999", -1 }, { "my-db-1000000", 1000000 },
        { "my-db-1000001", -1 }
    };

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
        { "{'spec':{'nodeName':'n'},'status':{'phase':'Pending','containerStatuses':"
          "[{'restartCount':1,'state':{'waiting':{'reason':'ContainerCreating'}}}]}}",
          false },
        { "{'spec':{'nodeName':'n'},'status':{'phase':'Pending','containerStatuses':"
          "[{'state':{'waiting':{'reason':'ErrImagePull'}}}]}}",
          false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *pod = testdata_quoted(rows[i].pod);

        assert_int_equal(pod_is_creating(pod), rows[i].creating);
    }
}

/* Whether the server's program began in it: then its data are of its version. */
static void
test_has_run(void **state)
{
    static const struct {
        const char *status; /* of the server's container */
        bool has;
    } rows[] = {
        { "{}", false },
        { "{'state':{'waiting':{'reason':'ContainerCreating'}}}", false },
        { "{'state':{'running':{}}}", true },
        { "{'state':{'terminated':{'exitCode':1,'reason':'Error'}}}", true },
        { "{'state':{'terminated':{'exitCode':0}}}", true },
        { "{'state':{'terminated':{'exitCode':128,'reason':'StartError'}}}", false },
        { "{'state':{'terminated':{'reason':'ContainerCannotRun'}}}", false },
        { "{'state':{'terminated':{'reason':'ContainerStatusUnknown'}}}", false },
        { "{'state':{'waiting':{}},'lastState':{'terminated':{'reason':'Error'}}}",
          true },
        { "{'state':{'waiting':{}},'lastState':{'terminated':{'reason':'StartError'}}}",
          false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *status = testdata_quoted(rows[i].status);
        auto_json json_t *pod = NULL;
        auto_json json_t *other = NULL;

        print_message("# row %zu\n", i);
        (void)json_object_set_new(status, "name", json_string("mysql"));
        pod = json_pack("{s:{s:[O]}}", "status", "containerStatuses", status);
        assert_int_equal(pod_has_run(engine_find("mysql"), pod), rows[i].has);
        (void)json_object_set_new(status, "name", json_string("exporter"));
        other = json_pack("{s:{s:[o]}}", "status", "containerStatuses", status);
        assert_false(pod_has_run(engine_find("mysql"), other));
    }
}

/* What a pod does, and whether it is broken, at the bounds; ten minutes past ten. */
static void
test_bounds(void **state)
{
#define WAITS(reason) "{'name':'c','state':{'waiting':{'reason':'" reason "'}}}"
#define STATUS(list, what) \
    "{'spec':{'containers':[{},{}]},'status':{'" list "':[" what "]}}"
#define ENDED(code, n)              \
    "{'name':'c','restartCount':" n \
    ",'state':{'terminated':{'reason':'R','exitCode':" code "}}}"
#define GOES(time, grace) \
    "{'metadata':{'deletionTimestamp':'2026-11-21T10:" time "Z'" grace "}}"
#define NO_NODE(status, reason, time)                                                 \
    "{'status':{'conditions':[{'type':'PodScheduled','status':'" status               \
    "','reason':'" reason "','message':'m','lastTransitionTime':'2026-11-21T10:" time \
    "Z'}]}}"
    static const struct {
        const char *pod, *doing;
        const char *reason; /* NULL: it is not broken */
    } rows[] = {
        { STATUS("containerStatuses", ENDED("0", "3")), "not ready 0/2", NULL },
        { STATUS("containerStatuses", ENDED("1", "0")), "c: R (exit 1, 0 restarts)",
          NULL },
        { STATUS("containerStatuses", ENDED("1", "1")), "c: R (exit 1, 1 restart)",
          NULL },
        { STATUS("containerStatuses", ENDED("2", "2")), "c: R (exit 2, 2 restarts)",
          NULL },
        { STATUS("containerStatuses", WAITS("Odd")), "c: Odd", NULL },
        { STATUS("containerStatuses", ENDED("0", "0") "," WAITS("ErrImagePull")),
          "c: ErrImagePull", "POD_IMAGE_PULL" },
        { STATUS("initContainerStatuses", WAITS("RunContainerError")),
          "c: RunContainerError", "POD_CONFIG" },
        { STATUS("containerStatuses",
                 "{'name':'c','state':{'waiting':{'reason':'CrashLoopBackOff'}},"
                 "'lastState':{'terminated':{'reason':'OOMKilled','exitCode':137}}}"),
          "c: CrashLoopBackOff (exit 137, 0 restarts)", "POD_OOM" },
        { STATUS("containerStatuses",
                 "{'name':'c','state':{'waiting':{'reason':'RunContainerError'}},"
                 "'lastState':{'terminated':{'reason':'OOMKilled','exitCode':137}}}"),
          "c: RunContainerError (exit 137, 0 restarts)", "POD_CONFIG" },
        { "{'status':{'conditions':[{'type':'Ready','status':'True'}],"
          "'containerStatuses':[{'ready':true},{'ready':false}]}}",
          "Ready 1/0", NULL },
        { GOES("09:58", ""), "terminating since 2s", NULL },
        { GOES("10:00", ""), "terminating since 0ms", NULL },
        { GOES("10:01", ""), "terminating since 0ms", NULL },
        { GOES("10:01", ",'deletionGracePeriodSeconds':1"), "terminating since 0ms",
          NULL },
        { GOES("10:01", ",'deletionGracePeriodSeconds':2"), "terminating since 1s",
          NULL },
        { GOES("09:58", ",'deletionGracePeriodSeconds':-1"), "terminating since 2s",
          NULL },
        { GOES("09:58", ",'deletionGracePeriodSeconds':31622400"), "terminating since 2s",
          NULL },
        { NO_NODE("False", "Unschedulable", "08:00"), "Pending: m", "POD_UNSCHEDULABLE" },
        { NO_NODE("False", "Unschedulable", "08:01"), "Pending: m", NULL },
        { NO_NODE("False", "SchedulingGated", "08:00"), "Pending: m", NULL },
        { NO_NODE("True", "", "08:00"), "not ready 0/0", NULL },
        { "{'status':{'phase':'Failed','reason':'Evicted','message':'m'}}",
          "Failed: Evicted m", "POD_FAILED" },
        { "{'metadata':{'deletionTimestamp':'2026-11-21T10:10:00Z'},'status':{'phase':"
          "'Failed'}}",
          "terminating since 0ms", NULL },
    };
    long long now = clock_parse_rfc3339("2026-11-21T10:10:00Z");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *pod = testdata_quoted(rows[i].pod);
        char text[256];
        struct err e = { 0 };

        print_message("# row %zu\n", i);
        assert_string_equal(pod_doing(pod, now, text, sizeof text), rows[i].doing);
        assert_int_equal(pod_is_broken(pod, now, text, sizeof text, &e),
                         rows[i].reason != NULL);
        assert_string_equal(e.reason, rows[i].reason != NULL ? rows[i].reason : "");
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
        cmocka_unit_test(test_has_run),
        cmocka_unit_test(test_bounds),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pod", tests, NULL, NULL);
}
