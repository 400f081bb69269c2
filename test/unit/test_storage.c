/* Where a pod's data lie, and on which nodes its successor may run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/engine.h"
#include "kubedb/storage.h"

/* JSON from a text with ' for ". */
static json_t *
parsed(const char *text)
{
    auto_free char *copy = mem_strdup(text);
    json_t *o = NULL;

    for (char *c = copy; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    o = json_loads(copy, 0, NULL);
    if (o == NULL) {
        fail_msg("bad JSON: %s", text);
    }
    return o;
}

#define POD(container, volumes)                                                         \
    "{'metadata': {'name': 'p-0'}, 'spec': {'nodeName': 'a', 'containers': "            \
    "[{'name': 'x'}, {'name': 'mysql', " container "}, {'name': 'postgres', " container \
    "}], 'volumes': [{'name': 'tmp', 'emptyDir': {}}, " volumes "]}}"
#define MOUNTS                                                              \
    "'volumeMounts': [{'name': 'tmp', 'mountPath': '/'}, {'name': 'data', " \
    "'mountPath': '/var/lib/mysql/'}, {'name': 'tmp', 'mountPath': '/var/lib/my'}]"

static const struct {
    const char *engine, *pod, *text;
} places[] = {
    { "mysql",
      POD(MOUNTS, "{'name': 'data', 'persistentVolumeClaim': {'claimName': "
                  "'data-p-0'}}"),
      "PVC data-p-0" },
    { "mysql", POD(MOUNTS, "{'name': 'data', 'emptyDir': {'medium': 'Memory'}}"),
      "emptyDir volume data (in memory)" },
    { "mysql", POD(MOUNTS, "{'name': 'data', 'csi': {'driver': 'd'}}"),
      "csi volume data" },
    { "mysql", POD(MOUNTS, "{'name': 'data', 'nfs': {'server': 's'}}"),
      "nfs volume data" },
    { "mysql", POD(MOUNTS, "{'name': 'data', 'hostPath': {'path': '/d'}}"),
      "hostPath /d of node a" },
    { "mysql", POD("'args': ['--datadir=/var/lib/my/x'], " MOUNTS, "{'name': 'data'}"),
      "emptyDir volume tmp" },
    { "mysql", POD("'volumeMounts': []", "{'name': 'data', 'emptyDir': {}}"),
      "the container's own file system (no volume at /var/lib/mysql)" },
    { "mysql",
      POD("'volumeMounts': [{'name': 'data', 'mountPath': '/var/lib', 'subPath': "
          "'s'}]",
          "{'name': 'data', 'emptyDir': {}}"),
      "emptyDir volume data, directory s" },
    { "postgres",
      POD("'env': [{'name': 'PGDATA', 'value': '/pg/data'}], 'volumeMounts': [{'name': "
          "'tmp', 'mountPath': '/pg'}, {'name': 'data', 'mountPath': '/var/pv'}]",
          "{'name': 'data', 'persistentVolumeClaim': {'claimName': 'c'}}"),
      "emptyDir volume tmp" },
    { "postgres",
      POD("'volumeMounts': [{'name': 'data', 'mountPath': '/var/pv'}]",
          "{'name': 'data', 'persistentVolumeClaim': {'claimName': 'c'}}"),
      "PVC c" },
};

static void
test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        auto_json json_t *pod = parsed(places[i].pod);
        struct storage_place place;
        char text[300];

        storage_of_pod(engine_find(places[i].engine), pod, &place);
        assert_string_equal(storage_describe(&place, pod, text, sizeof text),
                            places[i].text);
    }
}

/* The same claim, another directory of it; a template goes before a volume. */
static void
test_moves(void **state)
{
    auto_json json_t *pod = parsed(POD(
        MOUNTS, "{'name': 'data', 'persistentVolumeClaim': {'claimName': 'data-p-0'}}"));
    auto_json json_t *set = parsed(
        "{'spec': {'volumeClaimTemplates': [{'metadata': {'name': 'data'}}], 'template': "
        "{'spec': {'containers': [{'name': 'mysql', 'volumeMounts': [{'name': 'data', "
        "'mountPath': '/var/lib/mysql'}]}], 'volumes': [{'name': 'data', 'emptyDir': "
        "{}}]}}}}");
    struct storage_fault fault = { 0 };
    struct storage_place is;
    struct storage_place next;

    (void)state;
    storage_of_pod(engine_find("mysql"), pod, &is);
    assert_false(storage_of_new_pod(engine_find("mysql"), NULL, "p-0", &next));
    assert_true(storage_of_new_pod(engine_find("mysql"), set, "p-0", &next));
    assert_false(storage_moves(pod, &is, &next, &fault));
    next.sub_path = "elsewhere";
    assert_true(storage_moves(pod, &is, &next, &fault));
    assert_string_equal(fault.text,
                        "p-0 has its data in PVC data-p-0, but its new pod would "
                        "use PVC data-p-0, directory elsewhere");
    assert_true(storage_of_new_pod(engine_find("mysql"), set, "p-1", &next));
    assert_true(storage_moves(pod, &is, &next, &fault));
}

#define NODE(more)                                                                 \
    "{'metadata': {'name': 'a', 'labels': {'zone': 'z', 'size': '5'}}, 'status': " \
    "{'conditions': [{'type': 'Ready', 'status': 'True'}]}, 'spec': {" more "}}"
#define NEEDS(requirement)                                                \
    "[{'metadata': {'name': 'v'}, 'spec': {'nodeAffinity': {'required': " \
    "{'nodeSelectorTerms': [{'matchExpressions': [" requirement "]}]}}}}]"
#define ANY   "[{'metadata': {'name': 'v'}, 'spec': {}}]"
#define PLAIN "{'spec': {}}"

static const struct {
    const char *node, *pod, *volumes, *why; /* "": it takes the pod */
} nodes[] = {
    { NODE(""), PLAIN, ANY, "" },
    { NODE(""), PLAIN, NEEDS("{'key': 'zone', 'operator': 'In', 'values': ['y', 'z']}"),
      "" },
    { NODE(""), PLAIN, NEEDS("{'key': 'zone', 'operator': 'In', 'values': ['y']}"),
      "cannot use PersistentVolume v" },
    { NODE(""), PLAIN, NEEDS("{'key': 'zone', 'operator': 'NotIn', 'values': ['z']}"),
      "cannot use PersistentVolume v" },
    { NODE(""), PLAIN, NEEDS("{'key': 'gone', 'operator': 'NotIn', 'values': ['z']}"),
      "" },
    { NODE(""), PLAIN, NEEDS("{'key': 'zone', 'operator': 'Exists'}"), "" },
    { NODE(""), PLAIN, NEEDS("{'key': 'gone', 'operator': 'Exists'}"),
      "cannot use PersistentVolume v" },
    { NODE(""), PLAIN, NEEDS("{'key': 'zone', 'operator': 'DoesNotExist'}"),
      "cannot use PersistentVolume v" },
    { NODE(""), PLAIN, NEEDS("{'key': 'size', 'operator': 'Gt', 'values': ['4']}"), "" },
    { NODE(""), PLAIN, NEEDS("{'key': 'size', 'operator': 'Gt', 'values': ['5']}"),
      "cannot use PersistentVolume v" },
    { NODE(""), PLAIN, NEEDS("{'key': 'size', 'operator': 'Lt', 'values': ['6']}"), "" },
    { NODE(""), PLAIN, NEEDS("{'key': 'zone', 'operator': 'Lt', 'values': ['6']}"),
      "cannot use PersistentVolume v" },
    { NODE(""), PLAIN, NEEDS("{'key': 'zone', 'operator': 'Later'}"), "" },
    { NODE(""), "{'spec': {'nodeSelector': {'zone': 'z'}}}", ANY, "" },
    { NODE(""), "{'spec': {'nodeSelector': {'zone': 'y'}}}", ANY,
      "does not fit the pod's node selector" },
    { NODE(""),
      "{'spec': {'affinity': {'nodeAffinity': "
      "{'requiredDuringSchedulingIgnoredDuringExecution': {'nodeSelectorTerms': "
      "[{'matchFields': [{'key': 'metadata.name', 'operator': 'In', 'values': "
      "['b']}]}]}}}}}",
      ANY, "does not fit the pod's node selector" },
    { NODE("'unschedulable': true"), PLAIN, ANY, "is cordoned" },
    { NODE("'unschedulable': true"),
      "{'spec': {'tolerations': [{'operator': 'Exists'}]}}", ANY, "" },
    { NODE("'taints': [{'key': 'k', 'value': 'v', 'effect': 'NoSchedule'}]"), PLAIN, ANY,
      "has the taint k:NoSchedule" },
    { NODE("'taints': [{'key': 'k', 'value': 'v', 'effect': 'NoSchedule'}]"),
      "{'spec': {'tolerations': [{'key': 'k', 'value': 'v'}]}}", ANY, "" },
    { NODE("'taints': [{'key': 'k', 'value': 'v', 'effect': 'NoSchedule'}]"),
      "{'spec': {'tolerations': [{'key': 'k', 'value': 'w'}]}}", ANY,
      "has the taint k:NoSchedule" },
    { NODE("'taints': [{'key': 'k', 'effect': 'NoExecute'}]"),
      "{'spec': {'tolerations': [{'key': 'k', 'operator': 'Exists', 'effect': "
      "'NoSchedule'}]}}",
      ANY, "has the taint k:NoExecute" },
    { NODE("'taints': [{'key': 'k', 'effect': 'PreferNoSchedule'}]"), PLAIN, ANY, "" },
    { "{'metadata': {'name': 'a', 'deletionTimestamp': 't'}}", PLAIN, ANY,
      "is being deleted" },
    { "{'metadata': {'name': 'a'}, 'status': {'conditions': [{'type': 'Ready', 'status': "
      "'Unknown'}]}}",
      PLAIN, ANY, "is not Ready" },
};

static void
test_nodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        auto_json json_t *node = parsed(nodes[i].node);
        auto_json json_t *pod = parsed(nodes[i].pod);
        auto_json json_t *volumes = parsed(nodes[i].volumes);
        char why[128] = "";

        print_message("# row %zu\n", i);
        assert_int_equal(storage_node_takes(node, pod, volumes, why, sizeof why),
                         nodes[i].why[0] == '\0');
        assert_string_equal(why, nodes[i].why);
    }
}

static void
test_local(void **state)
{
    auto_json json_t *plain = parsed("{'spec': {'hostPath': {'path': '/d'}}}");
    auto_json json_t *list = parsed(NEEDS("{'key': 'zone', 'operator': 'Exists'}"));

    (void)state;
    assert_true(storage_is_of_node(plain));
    assert_false(storage_has_affinity(plain));
    assert_true(storage_has_affinity(json_array_get(list, 0)));
    assert_false(storage_is_of_node(json_array_get(list, 0)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_local),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
