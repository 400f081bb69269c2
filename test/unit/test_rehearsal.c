/* The pod of a rehearsal: what it takes from a member, and what it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/rehearsal_job.h"

static json_t *
parse(const char *text)
{
    json_t *o = NULL;
    char *copy = mem_strdup(text);

    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '\'') {
            *c = '"';
        }
    }
    o = json_loads(copy, 0, NULL);
    free(copy);
    assert_non_null(o);
    return o;
}

static const char member_text[] =
    "{'metadata': {'name': 'db-0', 'labels': {'app.kubernetes.io/instance': 'db'}}, "
    "'spec': {'nodeName': 'node-a', 'serviceAccountName': 'db', 'nodeSelector': {'disk': "
    "'fast'}, 'tolerations': [{'key': 'db'}], 'imagePullSecrets': [{'name': 'pull'}], "
    "'securityContext': {'fsGroup': 70}, 'affinity': {'podAntiAffinity': {}, "
    "'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': "
    "{'nodeSelectorTerms': []}}}, 'containers': [{'name': 'pg-coordinator'}, {'name': "
    "'postgres', 'image': 'old', 'imagePullPolicy': 'Always', 'env': [{'name': "
    "'POSTGRES_PASSWORD', 'value': 'hush'}], 'securityContext': {'runAsUser': 70}, "
    "'resources': {'requests': {'cpu': '100m', 'memory': '8Gi'}, 'limits': {'memory': "
    "'16Gi'}}}]}}";

static json_t *
make(void)
{
    auto_json json_t *db = parse("{'metadata': {'name': 'db', 'namespace': 'demo', "
                                 "'uid': 'uid-1'}}");
    auto_json json_t *member = parse(member_text);

    return rehearsal_pod(&(struct rehearsal_wish){ .database = "postgres/db",
                                                   .object = db,
                                                   .api = "kubedb.com/v1",
                                                   .kind = "Postgres",
                                                   .member = member,
                                                   .container = "postgres",
                                                   .name = "db-upgrade-rehearsal",
                                                   .old_image = "r/pg:15",
                                                   .new_image = "r/pg:17",
                                                   .by = "me" });
}

static void
check(const json_t *from, const char *path, const char *text)
{
    auto_json json_t *want = parse(text);

    if (!json_equal(json_path(from, path), want)) {
        auto_free char *got = json_dumps(json_path(from, path), JSON_ENCODE_ANY);

        print_error("%s: %s\n", path, got);
    }
    assert_true(json_equal(json_path(from, path), want));
}

static void
test_pod(void **state)
{
    auto_json json_t *pod = make();
    auto_free char *all = json_dumps(pod, 0);

    (void)state;
    assert_true(rehearsal_is_ours(pod));
    assert_null(strstr(all, "hush"));
    assert_null(strstr(all, "podAntiAffinity"));
    check(pod, "metadata.labels",
          "{'app.kubernetes.io/managed-by': 'kubectl-dbupgrade', "
          "'app.kubernetes.io/component': 'upgrade-rehearsal'}");
    check(pod, "metadata.ownerReferences",
          "[{'apiVersion': 'kubedb.com/v1', 'kind': 'Postgres', 'name': 'db', 'uid': "
          "'uid-1'}]");
    check(pod, "spec.securityContext", "{'fsGroup': 70}");
    check(pod, "spec.tolerations", "[{'key': 'db'}]");
    check(pod, "spec.imagePullSecrets", "[{'name': 'pull'}]");
    check(pod, "spec.nodeSelector", "{'disk': 'fast'}");
    check(pod, "spec.affinity.nodeAffinity",
          "{'requiredDuringSchedulingIgnoredDuringExecution': {'nodeSelectorTerms': []}, "
          "'preferredDuringSchedulingIgnoredDuringExecution': [{'weight': 100, "
          "'preference': {'matchFields': [{'key': 'metadata.name', 'operator': 'In', "
          "'values': ['node-a']}]}}]}");
    assert_string_equal(json_path_str(pod, "spec.serviceAccountName"), "db");
    assert_string_equal(json_path_str(pod, "spec.restartPolicy"), "Never");
    assert_true(json_is_false(json_path(pod, "spec.automountServiceAccountToken")));
    assert_int_equal(json_path_int(pod, "spec.activeDeadlineSeconds", 0), 900);
}

/* Files of configuration, and nothing else that the server has. */
static const char template_text[] =
    "{'volumes': [{'name': 'conf', 'secret': {'secretName': 'c'}}, {'name': 'token', "
    "'projected': {'sources': [{'serviceAccountToken': {}}]}}, {'name': 'tls', 'secret': "
    "{'secretName': 't'}}, {'name': 'scripts', 'emptyDir': {}}, {'name': 'mixed', "
    "'projected': {'sources': [{'configMap': {'name': 'm'}}]}}], 'containers': [{'name': "
    "'postgres', 'command': ['sh', '-c', 'run'], 'args': ['--a=b c', '--id=$(ID)', "
    "'--two\\nlines', '--', '-x'], 'volumeMounts': [{'name': 'pvc', 'mountPath': "
    "'/etc/my/data'}, {'name': 'conf', 'mountPath': '/etc/my/a', 'readOnly': true}, "
    "{'name': 'conf', 'mountPath': '/etc/my/b.cnf', 'subPath': 'b.cnf'}, {'name': "
    "'conf', "
    "'mountPath': '/etc/my/c', 'subPathExpr': '$(X)'}, {'name': 'token', 'mountPath': "
    "'/etc/my/token'}, {'name': 'tls', 'mountPath': '/tls'}, {'name': 'scripts', "
    "'mountPath': '/etc/my/s'}, {'name': 'mixed', 'mountPath': '/etc/my/m'}]}]}";

static void
test_configuration(void **state)
{
    auto_json json_t *template = parse(template_text);
    auto_json json_t *member = parse(member_text);
    auto_free char *lines = rehearsal_config(template, "postgres", "/etc/my");
    auto_free char *none = rehearsal_config(NULL, "postgres", "/etc/my");
    auto_json json_t *pod =
        rehearsal_pod(&(struct rehearsal_wish){ .database = "mysql/db",
                                                .api = "kubedb.com/v1",
                                                .kind = "MySQL",
                                                .member = member,
                                                .container = "postgres",
                                                .name = "db-r",
                                                .new_image = "r/my:9",
                                                .template = template,
                                                .places = "/etc/my",
                                                .by = "me" });

    (void)state;
    assert_string_equal(lines, "file /etc/my/a\nfile /etc/my/b.cnf\nfile /etc/my/m\n"
                               "option --a=b c\n");
    assert_string_equal(none, "");
    assert_int_equal(json_array_size(json_path(pod, "spec.containers")), 1);
    assert_string_equal(json_path_str(pod, "spec.containers.0.image"), "r/my:9");
    check(pod, "spec.containers.0.volumeMounts",
          "[{'name': 'upgrade-rehearsal', 'mountPath': '/var/pv'}, {'name': 'conf', "
          "'mountPath': '/etc/my/a', 'readOnly': true}, {'name': 'conf', 'mountPath': "
          "'/etc/my/b.cnf', 'subPath': 'b.cnf'}, {'name': 'mixed', 'mountPath': "
          "'/etc/my/m'}]");
    check(pod, "spec.volumes",
          "[{'name': 'upgrade-rehearsal', 'emptyDir': {'sizeLimit': '4Gi'}}, {'name': "
          "'conf', 'secret': {'secretName': 'c'}}, {'name': 'mixed', 'projected': "
          "{'sources': [{'configMap': {'name': 'm'}}]}}]");
}

static void
test_containers(void **state)
{
    auto_json json_t *pod = make();
    const json_t *containers = json_path(pod, "spec.containers");
    static const char *const images[] = { "r/pg:15", "r/pg:17" };

    (void)state;
    assert_int_equal(json_array_size(containers), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *c = json_array_get(containers, i);

        assert_string_equal(json_path_str(c, "image"), images[i]);
        assert_string_equal(json_path_str(c, "imagePullPolicy"), "Always");
        check(c, "securityContext", "{'runAsUser': 70}");
        check(c, "env", "[{'name': 'PGDATA', 'value': '/var/pv/data'}]");
        check(c, "resources",
              "{'requests': {'cpu': '100m', 'memory': '256Mi'}, 'limits': {'memory': "
              "'16Gi'}}");
    }
}

/* A member that says nothing of where it wants to be. */
static void
test_plain(void **state)
{
    auto_json json_t *db = parse("{'metadata': {'name': 'db', 'uid': 'u'}}");
    auto_json json_t *member = parse("{'spec': {'containers': [{'name': 'postgres'}]}}");
    auto_json json_t *pod = rehearsal_pod(
        &(struct rehearsal_wish){ "d", db, "kubedb.com/v1", "Postgres", member,
                                  "postgres", "n", "o", "w", "b", NULL, NULL });

    (void)state;
    assert_null(json_path(pod, "spec.tolerations"));
    check(json_array_get(json_path(pod, "spec.containers"), 0), "resources",
          "{'requests': {}, 'limits': {}}");
}

static void
test_ours(void **state)
{
    auto_json json_t *other = parse("{'metadata': {'labels': "
                                    "{'app.kubernetes.io/managed-by': 'kubedb.com'}}}");

    (void)state;
    assert_false(rehearsal_is_ours(other));
    assert_false(rehearsal_is_ours(NULL));
}

static void
test_quantity(void **state)
{
    static const struct {
        const char *text;
        double is;
    } rows[] = {
        { "250m", 0.25 },    { "1", 1 },        { "0.5", 0.5 }, { "1e3", 1000 },
        { "256Mi", 0x1p28 }, { "2Gi", 0x1p31 }, { "2G", 2e9 },  { "1Ki", 1024 },
        { "", -1 },          { "much", -1 },    { "1Xi", -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(rehearsal_quantity(rows[i].text) == rows[i].is);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pod),        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_containers), cmocka_unit_test(test_plain),
        cmocka_unit_test(test_ours),       cmocka_unit_test(test_quantity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
