/* The pod that a set's controller will make, and what refuses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "kubedb/pod_made.h"

static json_t *
parse(const char *quoted)
{
    auto_free char *text = mem_strdup(quoted);
    struct err e = { 0 };
    json_t *o = NULL;

    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    o = json_parse(text, strlen(text), "test", &e);
    assert_non_null(o);
    return o;
}

static void
test_made(void **state)
{
    auto_json json_t *set = parse(
        "{'metadata': {'name': 'db', 'namespace': 'demo', 'uid': 'u1'}, 'spec': "
        "{'serviceName': 'db-pods', 'volumeClaimTemplates': [{'metadata': {'name': "
        "'data'}}, {'metadata': {'name': 'wal'}}], 'template': {'metadata': {'labels': "
        "{'app': 'db'}, 'annotations': {'sidecar.istio.io/inject': 'true'}}, 'spec': "
        "{'volumes': [{'name': 'data', 'emptyDir': {}}], 'containers': [{'name': 'mysql',"
        " 'image': 'a:1', 'env': [{'name': 'V', 'value': '1'}]}]}}}, 'status': "
        "{'updateRevision': 'db-77'}}");
    struct image_change at[] = {
        { .container = (char[]){ "mysql" },
          .from = (char[]){ "a:1" },
          .to = (char[]){ "a:2" } },
        { .container = (char[]){ "mysql" },
          .variable = (char[]){ "V" },
          .from = (char[]){ "1" },
          .to = (char[]){ "2" } },
    };
    const struct image_changes images = { .n = 2, .at = at };
    struct pod_made m = { .set = set,
                          .petset = true,
                          .images = &images,
                          .wanted = true,
                          .member = "db-1",
                          .name = "db-1-try" };
    auto_json json_t *pod = pod_made(&m);
    auto_json json_t *want = parse(
        "{'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'db-1-try', "
        "'namespace': 'demo', 'labels': {'app': 'db', "
        "'statefulset.kubernetes.io/pod-name': 'db-1', 'apps.kubernetes.io/pod-index': "
        "'1', 'controller-revision-hash': 'db-77'}, 'annotations': "
        "{'sidecar.istio.io/inject': 'true'}, 'ownerReferences': [{'apiVersion': "
        "'apps.k8s.appscode.com/v1', 'kind': 'PetSet', 'name': 'db', 'uid': 'u1', "
        "'controller': true}]}, 'spec': {'hostname': 'db-1', 'subdomain': 'db-pods', "
        "'volumes': [{'name': 'data', 'persistentVolumeClaim': {'claimName': "
        "'data-db-1'}}, {'name': 'wal', 'persistentVolumeClaim': {'claimName': "
        "'wal-db-1'}}], 'containers': [{'name': 'mysql', 'image': 'a:2', 'env': "
        "[{'name': 'V', 'value': '2'}]}]}}");

    (void)state;
    assert_true(json_equal(pod, want));
    assert_string_equal(json_path_str(set, "spec.template.spec.containers.0.image"),
                        "a:1");
}

static void
test_refs(void **state)
{
    auto_json json_t *spec = parse(
        "{'serviceAccountName': 'sa', 'imagePullSecrets': [{'name': 'pull'}], "
        "'volumes': [{'name': 'v', 'secret': {'secretName': 's', 'optional': true}}, "
        "{'name': 'p', 'projected': {'sources': [{'configMap': {'name': 'c', 'items': "
        "[{'key': 'k'}]}}, {'serviceAccountToken': {'path': 't'}}]}}], "
        "'initContainers': [{'name': 'i', 'envFrom': [{'secretRef': {'name': 's'}}, "
        "{'configMapRef': {'name': 'o', 'optional': true}}]}], 'containers': [{'name': "
        "'m', 'env': [{'name': 'A', 'valueFrom': {'secretKeyRef': {'name': 's', 'key': "
        "'user'}}}, {'name': 'B', 'valueFrom': {'fieldRef': {'fieldPath': 'x'}}}]}]}");
    static const struct {
        enum pod_ref_kind kind;
        const char *name, *key;
        bool optional;
    } want[] = {
        { POD_REF_ACCOUNT, "sa", NULL, false },
        { POD_REF_SECRET, "s", NULL, false }, /* the init container needs it */
        { POD_REF_CONFIG_MAP, "c", NULL, false },
        { POD_REF_CONFIG_MAP, "c", "k", false },
        { POD_REF_CONFIG_MAP, "o", NULL, true },
        { POD_REF_SECRET, "s", "user", false },
        { POD_REF_SECRET, "pull", NULL, true },
    };
    struct pod_ref refs[16];
    size_t n = pod_refs(spec, refs, 16);

    (void)state;
    assert_int_equal(n, sizeof want / sizeof *want);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(refs[i].kind, want[i].kind);
        assert_string_equal(refs[i].name, want[i].name);
        assert_int_equal(refs[i].optional, want[i].optional);
        assert_int_equal(refs[i].key != NULL, want[i].key != NULL);
    }
    assert_true(pod_refs(spec, refs, 2) > 2);
    assert_int_equal(pod_refs(NULL, refs, 16), 0);
}

static void
test_judged(void **state)
{
    auto_json json_t *old = parse(
        "{'spec': {'initContainers': [{'name': 'i', 'resources': {'requests': {'cpu': "
        "'3'}}}, {'name': 'proxy', 'restartPolicy': 'Always', 'resources': {'requests': "
        "{'cpu': '100m'}}}], 'containers': [{'name': 'm', 'resources': {'requests': "
        "{'cpu': '1', 'memory': '1Gi'}, 'limits': {'memory': '2Gi'}}}]}}");
    static const struct {
        int status;
        const char *msg;
        enum pod_verdict with, without;
    } rows[] = {
        { 403, "exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3",
          POD_TAKEN, POD_REFUSED },
        { 403, "exceeded quota: q, requested: pods=2, used: pods=3, limited: pods=3",
          POD_REFUSED, POD_REFUSED },
        { 403,
          "exceeded quota: q, requested: limits.memory=2Gi,requests.memory=1Gi, "
          "used: limits.memory=6Gi,requests.memory=3Gi, limited: "
          "limits.memory=6Gi,requests.memory=3Gi",
          POD_TAKEN, POD_REFUSED },
        { 403,
          "exceeded quota: q, requested: requests.memory=2Gi, used: "
          "requests.memory=3Gi, limited: requests.memory=3Gi",
          POD_REFUSED, POD_REFUSED },
        { 403, "exceeded quota: q, requested: cpu=3, used: cpu=9, limited: cpu=9",
          POD_TAKEN, POD_REFUSED },
        { 403, "exceeded quota: q, requested: cpu=3", POD_REFUSED, POD_REFUSED },
        { 403, "exceeded quota: , requested: , used: , limited: ", POD_REFUSED,
          POD_REFUSED },
        { 403, "pods is forbidden: User \"u\" cannot create resource \"pods\"",
          POD_NOT_TOLD, POD_NOT_TOLD },
        { 403, "violates PodSecurity", POD_REFUSED, POD_REFUSED },
        { 400, "admission webhook \"w\" does not support dry run: no", POD_NOT_TOLD,
          POD_NOT_TOLD },
        { 400, "admission webhook \"w\" denied the request: no", POD_REFUSED,
          POD_REFUSED },
        { 400, "strict decoding error: unknown field", POD_NOT_TOLD, POD_NOT_TOLD },
        { 500, "failed calling webhook \"w\"", POD_REFUSED, POD_REFUSED },
        { 500, "etcdserver: leader changed", POD_NOT_TOLD, POD_NOT_TOLD },
        { 0, "connection refused", POD_NOT_TOLD, POD_NOT_TOLD },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = { 0 };

        err_set(&e, ERR_API, "%s", rows[i].msg);
        e.status = rows[i].status;
        print_message("# row %zu\n", i);
        assert_int_equal(pod_judge_refusal(&e, old), rows[i].with);
        assert_int_equal(pod_judge_refusal(&e, NULL), rows[i].without);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made),
        cmocka_unit_test(test_refs),
        cmocka_unit_test(test_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
