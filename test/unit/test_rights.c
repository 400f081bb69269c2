/* Which rights an upgrade needs, and whether rules grant them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/checks.h"

static bool
has_right(const struct preflight_right *r, size_t n, const char *verb, const char *group,
          const char *resource)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(r[i].verb, verb) && str_eq(r[i].group, group) &&
            str_eq(r[i].resource, resource)) {
            return true;
        }
    }
    return false;
}

static void
test_rights(void **state)
{
    struct preflight_right r[48];
    struct preflight_right more[64];
    const struct engine *en = engine_find("mysql");
    size_t n = preflight_rights(en, PREFLIGHT_PETSET, r, 48);

    (void)state;
    assert_true(has_right(r, n, "get", "kubedb.com", "mysqls"));
    assert_true(has_right(r, n, "patch", "kubedb.com", "mysqls/status"));
    assert_true(has_right(r, n, "list", "catalog.kubedb.com", "mysqlversions"));
    assert_true(has_right(r, n, "patch", "apps.k8s.appscode.com", "petsets"));
    assert_false(has_right(r, n, "patch", "apps", "statefulsets"));
    assert_true(has_right(r, n, "create", "", "pods/eviction"));
    assert_true(has_right(r, n, "get", "", "pods/exec"));
    assert_true(has_right(r, n, "create", "", "pods/exec"));
    assert_true(has_right(r, n, "update", "coordination.k8s.io", "leases"));
    assert_true(has_right(r, n, "delete", "", "pods")); /* those that serve nobody */
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(r[i].cluster, str_eq(r[i].resource, "mysqlversions") ||
                                           str_eq(r[i].resource, "persistentvolumes") ||
                                           str_eq(r[i].resource, "nodes"));
        assert_int_equal(
            r[i].optional,
            str_eq(r[i].resource, "pods/log") || str_eq(r[i].resource, "events") ||
                str_eq(r[i].group, "policy") || str_eq(r[i].resource, "nodes") ||
                str_starts(r[i].resource, "persistentvolume") ||
                (str_eq(r[i].resource, "pods") &&
                 (str_eq(r[i].verb, "patch") || str_eq(r[i].verb, "delete") ||
                  str_eq(r[i].verb, "create"))));
    }
    assert_true(has_right(r, n, "create", "", "pods")); /* in a dry run */
    assert_false(has_right(r, n, "get", "", "pods"));
    n = preflight_rights(en, PREFLIGHT_PETSET | PREFLIGHT_REHEARSAL, r, 48);
    assert_true(has_right(r, n, "create", "", "pods"));
    assert_true(has_right(r, n, "get", "", "pods"));
    n = preflight_rights(en, 0, r, 48);
    assert_true(has_right(r, n, "patch", "apps", "statefulsets"));
    assert_false(has_right(r, n, "patch", "apps.k8s.appscode.com", "petsets"));
    assert_int_equal(preflight_rights(en, PREFLIGHT_PETSET, r, 3), 3);
    n = preflight_rights(en, PREFLIGHT_PETSET | PREFLIGHT_BY_NEW_SET, more, 64);
    assert_true(has_right(more, n, "create", "apps.k8s.appscode.com", "petsets"));
    assert_true(has_right(more, n, "delete", "", "persistentvolumeclaims"));
    assert_false(has_right(more, n, "delete", "apps", "statefulsets"));
    assert_int_equal(preflight_rights(en, PREFLIGHT_OWN_IMAGES, more, 64),
                     preflight_rights(en, 0, r, 48) + 1);
    n = preflight_rights(en, PREFLIGHT_BY_NEW_SET, more, 64);
    assert_true(has_right(more, n, "delete", "apps", "statefulsets"));
}

static const struct {
    const char *rule;
    const char *verb, *group, *resource;
    bool granted;
} grants[] = {
    { "{'verbs':['*'],'apiGroups':['*'],'resources':['*']}", "patch", "kubedb.com",
      "mysqls/status", true },
    { "{'verbs':['get','list'],'apiGroups':[''],'resources':['pods']}", "list", "",
      "pods", true },
    { "{'verbs':['get','list'],'apiGroups':[''],'resources':['pods']}", "create", "",
      "pods/exec", false },
    { "{'verbs':['create'],'apiGroups':[''],'resources':['pods/exec']}", "create", "",
      "pods/exec", true },
    { "{'verbs':['create'],'apiGroups':[''],'resources':['*/exec']}", "create", "",
      "pods/exec", true },
    { "{'verbs':['create'],'apiGroups':[''],'resources':['*/exec']}", "create", "",
      "pods/eviction", false },
    { "{'verbs':['patch'],'apiGroups':['kubedb.com'],'resources':['mysqls'],"
      "'resourceNames':['my-db']}",
      "patch", "kubedb.com", "mysqls", false },
    { "{'verbs':['patch'],'apiGroups':['kubedb.com'],'resources':['mysqls'],"
      "'resourceNames':[]}",
      "patch", "kubedb.com", "mysqls", true },
    { "{'verbs':['patch'],'apiGroups':['apps'],'resources':['mysqls']}", "patch",
      "kubedb.com", "mysqls", false },
    { "{'verbs':['get'],'resources':[1]}", "get", "", "pods", false },
};

static void
test_granted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof grants / sizeof *grants; i++) {
        auto_free char *text = mem_printf("{'resourceRules':[%s]}", grants[i].rule);
        auto_json json_t *status = NULL;
        struct err e = { 0 };

        for (char *c = text; *c != '\0'; c++) {
            *c = *c == '\'' ? '"' : *c;
        }
        status = json_parse(text, strlen(text), "row", &e);
        print_message("# row %zu\n", i);
        assert_int_equal(
            preflight_granted(
                status, &(struct preflight_right){ .verb = grants[i].verb,
                                                   .group = grants[i].group,
                                                   .resource = grants[i].resource }),
            grants[i].granted);
    }
    assert_false(preflight_granted(NULL, &(struct preflight_right){ .verb = "get" }));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_granted),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
