#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/catalog.h"
#include "kubedb/workload.h"
#include "testdata.h"

static const struct engine *
mysql(void)
{
    return engine_find("mysql");
}

static json_t *
list_of(json_t *a, json_t *b)
{
    json_t *items = json_array();

    for (size_t i = 0; i < 2; i++) {
        json_t *o = i == 0 ? a : b;

        if (o != NULL) {
            (void)json_array_append_new(items, o);
        }
    }
    return json_pack("{s:o}", "items", items);
}

static void
test_selector(void **state)
{
    auto_free char *selector = workload_selector(mysql(), "my-db");

    (void)state;
    assert_string_equal(selector, "app.kubernetes.io/name=mysqls.kubedb.com,"
                                  "app.kubernetes.io/instance=my-db,"
                                  "app.kubernetes.io/managed-by=kubedb.com");
}

static void
test_find(void **state)
{
    auto_json json_t *none = list_of(NULL, NULL);
    auto_json json_t *one = list_of(testdata_need("mysql/standalone/set.json"),
                                    testdata_need("mysql/group/set.json"));
    auto_json json_t *two = list_of(testdata_need("mysql/group/set.json"),
                                    testdata_need("mysql/group/set.json"));
    json_t *owner = json_path(one, "items.0.metadata.ownerReferences.0");
    json_t *labels = json_path(two, "items.1.metadata.labels");
    struct err e = { 0 };

    (void)state;
    (void)json_object_set_new(owner, "uid", json_string("another"));
    assert_null(workload_find(none, "my-db", "db-uid-1", &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_string_equal(e.msg, "no PetSet or StatefulSet belongs to my-db");
    assert_ptr_equal(workload_find(one, "my-db", "db-uid-1", &e),
                     json_path(one, "items.1"));
    assert_null(workload_find(two, "my-db", "db-uid-1", &e));
    assert_int_equal(e.code, ERR_REFUSED);
    assert_string_equal(e.msg, "my-db has two workloads, my-db and my-db");
    /* The router's set of an InnoDB cluster is not the database's. */
    (void)json_object_set_new(labels, "mysql.kubedb.com/component",
                              json_string("router"));
    assert_ptr_equal(workload_find(two, "my-db", "db-uid-1", &e),
                     json_path(two, "items.0"));
    assert_ptr_equal(workload_find_front(two, engine_find("mysql"), "db-uid-1"),
                     json_path(two, "items.1"));
    assert_null(workload_find_front(one, engine_find("mysql"), "another"));
    /* An owner that is no controller does not count. */
    (void)json_object_set_new(json_path(two, "items.0.metadata.ownerReferences.0"),
                              "controller", json_false());
    assert_null(workload_find(two, "my-db", "db-uid-1", &e));
}

static void
test_parse(void **state)
{
    auto_json json_t *set = testdata_need("mysql/group/set.json");
    struct workload w;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(workload_parse(set, &w, &e), 0);
    assert_string_equal(w.kind, "PetSet");
    assert_string_equal(w.name, "my-db");
    assert_string_equal(w.uid, "set-uid-1");
    assert_string_equal(w.strategy, "OnDelete");
    assert_string_equal(w.update_revision, "my-db-5d8f");
    assert_int_equal(w.replicas, 3);
    /* A status of before the last change says nothing of its revision. */
    (void)json_object_set_new(json_path(set, "metadata"), "generation", json_integer(2));
    assert_int_equal(workload_parse(set, &w, &e), 0);
    assert_string_equal(w.update_revision, "");
    (void)json_object_del(json_path(set, "metadata"), "uid");
    assert_int_equal(workload_parse(set, &w, &e), -1);
    (void)json_object_del(json_path(set, "metadata"), "name");
    assert_int_equal(workload_parse(set, &w, &e), -1);
    assert_string_equal(e.msg, "the workload has no metadata.name");
}

/* A set that is the database's, but not its members', by its labels or its name. */
static json_t *
other_set(const char *name, const char *key, const char *value, const char *uid)
{
    return json_pack("{s:{s:s, s:{s:s, s:s}, s:[{s:s, s:b}]}}", "metadata", "name", name,
                     "labels", "app.kubernetes.io/instance", "my-db", key, value,
                     "ownerReferences", "uid", uid, "controller", 1);
}

static void
test_others(void **state)
{
    static const struct {
        const char *name, *key, *value, *uid;
        bool members, follows;
    } rows[] = {
        { "my-db", "kubedb.com/role", "primary", "u", true, false },
        { "my-db", "kubedb.com/role", "primary", "x", false, false },
        { "my-db-rr", "kubedb.com/role", "read-replica", "u", false, true },
        { "my-db-rr", "kubedb.com/role", "read-replica", "x", false, false },
        { "my-db", "kubedb.com/role", "arbiter", "u", false, false },
        { "my-db", "mysql.kubedb.com/component", "router", "u", false, false },
        { "my-db", "mysql.kubedb.com/component", "database", "u", true, false },
        { "my-db-arbiter", "a", "b", "u", false, false },
        { "my-db-arbiters", "a", "b", "u", true, false },
        { "my-db-x-arbiter", "a", "b", "u", true, false },
        { "x-arbiter", "a", "b", "u", true, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *list = list_of(
            other_set(rows[i].name, rows[i].key, rows[i].value, rows[i].uid), NULL);
        const json_t *out[1] = { NULL };

        print_message("# row %zu\n", i);
        assert_int_equal(workload_is_of_members(json_path(list, "items.0"), "u"),
                         rows[i].members);
        assert_int_equal(workload_find_followers(list, "u", out, 1),
                         rows[i].follows ? 1 : 0);
        assert_ptr_equal(out[0], rows[i].follows ? json_path(list, "items.0") : NULL);
    }
}

/* By name, and how many there are also where there is no room for all. */
static void
test_followers(void **state)
{
    static const char *const names[] = { "c", "a", "d", "b" };
    auto_json json_t *list = list_of(NULL, NULL);
    const json_t *out[4] = { NULL };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        (void)json_array_append_new(
            json_path(list, "items"),
            other_set(names[i], "kubedb.com/role", "read-replica", "u"));
    }
    assert_int_equal(workload_find_followers(list, "u", out, 4), 4);
    for (size_t i = 0; i < 4; i++) {
        const char want[] = { (char)('a' + (char)i), '\0' };

        assert_string_equal(json_path_str(out[i], "metadata.name"), want);
    }
    out[2] = NULL;
    assert_int_equal(workload_find_followers(list, "u", out, 2), 4);
    assert_string_equal(json_path_str(out[0], "metadata.name"), "a");
    assert_string_equal(json_path_str(out[1], "metadata.name"), "c");
    assert_null(out[2]);
    assert_int_equal(workload_find_followers(list, "x", out, 2), 0);
}

/* -- images -- */

struct sample {
    json_t *set, *catalog;
    struct image_changes images;
};

static void
sample_load(struct sample *s, const char *world, const char *version)
{
    auto_free char *path = mem_printf("mysql/%s/set.json", world);
    struct err e = { 0 };

    s->set = testdata_need(path);
    s->catalog = testdata_need("mysql/catalog.json");
    assert_int_equal(workload_images(mysql(), s->set, catalog_find(s->catalog, version),
                                     &s->images, &e),
                     0);
}

static void
sample_free(struct sample *s)
{
    json_decref(s->set);
    json_decref(s->catalog);
    image_changes_free(&s->images);
}

static void
test_images(void **state)
{
    struct sample s = { 0 };

    (void)state;
    sample_load(&s, "group", "5.7.44");
    assert_int_equal(s.images.n, 4); /* the detector is not there */
    assert_int_equal(image_changes_count(&s.images), 2);
    assert_string_equal(s.images.at[0].container, "mysql");
    assert_string_equal(s.images.at[0].from, "registry.example/mysql:8.0.36");
    assert_string_equal(s.images.at[0].to, "registry.example/mysql:5.7.44");
    assert_string_equal(s.images.at[3].container, "mysql-init");
    assert_true(s.images.at[3].init);
    assert_string_equal(s.images.at[3].to, "registry.example/mysql-init:5.7-v9");
    sample_free(&s);
    sample_load(&s, "standalone", "8.4.8");
    assert_int_equal(s.images.n, 3);
    sample_free(&s);
}

/* What a JSON patch does to the template's images. */
static void
apply(json_t *set, const json_t *patch)
{
    size_t i = 0;
    json_t *op = NULL;

    json_array_foreach (patch, i, op) {
        auto_free char *path = mem_strdup(json_path_str(op, "path") + 1);
        const json_t *value = json_object_get(op, "value");
        char *last = NULL;
        json_t *parent = NULL;

        for (char *c = path; *c != '\0'; c++) {
            *c = *c == '/' ? '.' : *c;
        }
        last = strrchr(path, '.');
        *last++ = '\0';
        parent = json_path(set, path);
        assert_non_null(parent);
        if (str_eq(json_path_str(op, "op"), "test")) {
            assert_true(json_equal(json_object_get(parent, last), value));
        } else {
            (void)json_object_set(parent, last, json_mutable(value));
        }
    }
}

static void
test_patch_there_and_back(void **state)
{
    struct sample s = { 0 };
    auto_json json_t *before = NULL;
    auto_json json_t *there = NULL;
    auto_json json_t *back = NULL;
    const json_t *spec = NULL;
    char text[128] = "";

    (void)state;
    sample_load(&s, "group", "5.7.44");
    before = json_deep_copy(s.set);
    spec = json_path(s.set, "spec.template.spec");
    there = workload_images_patch(s.set, &s.images, true);
    assert_string_equal(json_path_str(json_array_get(there, 0), "op"), "test");
    assert_string_equal(json_path_str(json_array_get(there, 0), "path"), "/metadata/uid");
    assert_int_equal(json_array_size(there), 7); /* uid; two images: name, present, new */
    assert_false(workload_has_images(spec, &s.images, true, text, sizeof text));
    assert_string_equal(text, "mysql has registry.example/mysql:8.0.36");
    assert_true(workload_has_images(spec, &s.images, false, NULL, 0));
    apply(s.set, there);
    assert_true(workload_has_images(spec, &s.images, true, NULL, 0));
    assert_false(workload_has_images(spec, &s.images, false, NULL, 0));
    assert_null(workload_images_patch(s.set, &s.images, true));
    back = workload_images_patch(s.set, &s.images, false);
    apply(s.set, back);
    assert_true(json_equal(s.set, before));
    sample_free(&s);
}

static void
test_patch_strategy(void **state)
{
    struct sample s = { 0 };
    auto_json json_t *patch = NULL;

    (void)state;
    sample_load(&s, "group", "8.0.36");
    assert_null(workload_images_patch(s.set, &s.images, true));
    (void)json_object_set_new(json_path(s.set, "spec"), "updateStrategy",
                              json_pack("{s:s, s:{s:i}}", "type", "RollingUpdate",
                                        "rollingUpdate", "partition", 0));
    patch = workload_images_patch(s.set, &s.images, true);
    assert_int_equal(json_array_size(patch), 2);
    apply(s.set, patch);
    assert_string_equal(json_path_str(s.set, "spec.updateStrategy.type"), "OnDelete");
    assert_null(json_path(s.set, "spec.updateStrategy.rollingUpdate"));
    sample_free(&s);
}

static void
test_container_gone(void **state)
{
    struct sample s = { 0 };
    json_t *spec = NULL;
    char text[128] = "";

    (void)state;
    sample_load(&s, "group", "5.7.44");
    spec = json_path(s.set, "spec.template.spec");
    (void)json_object_del(spec, "initContainers");
    assert_false(workload_has_images(spec, &s.images, false, text, sizeof text));
    assert_string_equal(text, "mysql-init has no image");
    sample_free(&s);
}

static void
test_journal(void **state)
{
    static const char *const bad[] = {
        "{}", "[{}]", "[1]", "[{\"container\":\"a\"}]",
        "[{\"container\":\"a\",\"from\":\"b\",\"to\":3}]"
    };
    struct sample s = { 0 };
    struct image_changes got = { 0 };
    struct err e = { 0 };
    auto_json json_t *text = NULL;
    auto_json json_t *again = NULL;

    (void)state;
    sample_load(&s, "group", "5.7.44");
    text = image_changes_to_json(&s.images);
    assert_int_equal(image_changes_from_json(text, &got, &e), 0);
    again = image_changes_to_json(&got);
    assert_true(json_equal(text, again));
    assert_true(got.at[3].init);
    image_changes_free(&got);
    sample_free(&s);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        auto_json json_t *o = json_parse(bad[i], strlen(bad[i]), "row", &e);

        assert_int_equal(image_changes_from_json(o, &got, &e), -1);
        assert_int_equal(got.n, 0);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selector),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_followers),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_patch_there_and_back),
        cmocka_unit_test(test_patch_strategy),
        cmocka_unit_test(test_container_gone),
        cmocka_unit_test(test_journal),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("workload", tests, NULL, NULL);
}
