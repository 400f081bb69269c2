#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/new_set.h"
#include "kubedb/catalog.h"
#include "kubedb/check_registry.h"
#include "kubedb/checks.h"
#include "testdata.h"

/*
 * A case is a folder with a case.json: which world (the folder with db, set and pods) it
 * starts from, what is different there ("change": merged, null removes), and what the
 * rows must say: "SEVERITY TEXT | HINT", with a "!" behind the severity where --force
 * helps. Rows that are not named must be ok; those under "absent" must not be there.
 */
enum { MEMBERS_MAX = 8, RIGHTS_MAX = 8 };

struct world {
    json_t *test, *db, *set, *pods, *ops, *catalog;
    const char *folder;
    struct member_report members[MEMBERS_MAX];
    struct preflight_member seen[MEMBERS_MAX];
    struct source sources[MEMBERS_MAX];
    const char *missing[RIGHTS_MAX];
};

/* RFC 7386. Returns what `to` becomes; steals `to`. */
static json_t *
merge(json_t *to, json_t *change)
{
    const char *key = NULL;
    json_t *value = NULL;

    if (change == NULL) {
        return to;
    }
    if (!json_is_object(change)) {
        json_decref(to);
        return json_is_null(change) ? NULL : json_incref(change);
    }
    json_object_foreach (change, key, value) {
        json_t *was = json_incref(json_object_get(to, key));
        json_t *is = merge(was != NULL ? was : json_object(), value);

        if (is == NULL) {
            json_object_del(to, key);
        } else {
            json_object_set_new(to, key, is);
        }
    }
    return to;
}

static json_t *
load(const char *folder, const char *name, json_t *change)
{
    auto_free char *path = file_join(folder, name);

    return merge(testdata_need(path), change);
}

static void
change_catalog(json_t *catalog, json_t *change)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach (change, name, value) {
        json_t *object = json_mutable(catalog_find(catalog, name));

        assert_non_null(object);
        (void)merge(object, value);
    }
}

static void
load_member(struct world *w, size_t i, const char *pod)
{
    const json_t *member = json_object_get(json_path(w->test, "members"), pod);
    const char *text = json_path_str(member, "text");
    auto_free char *path = mem_printf("%s/members/%s.txt", w->folder, pod);
    auto_free char *file = NULL;
    struct err e = { 0 };

    w->seen[i] = (struct preflight_member){ .pod = pod, .member = &w->members[i] };
    if (json_path(member, "trouble") != NULL) {
        w->seen[i].trouble = json_path_str(member, "trouble");
        return;
    }
    file = *text != '\0' ? mem_strdup(text) : testdata_text(path);
    assert_int_equal(engine_parse_member(file, &w->members[i], &e), 0);
    w->seen[i].answered = true;
    if (json_path(member, "source") != NULL) {
        source_parse(engine_find("mysql"), json_path_str(member, "source"),
                     &w->sources[i]);
        w->seen[i].source = &w->sources[i];
        w->seen[i].lacks = json_path_int(member, "lacks", -1);
    }
}

static void
load_world(struct world *w, const char *folder, const char *path)
{
    json_t *change = NULL;
    auto_free char *catalog = mem_printf("%s/../catalog.json", folder);

    w->test = load(path, "case.json", NULL);
    change = json_path(w->test, "change");
    w->folder = folder;
    w->db = load(folder, "db.json", json_object_get(change, "db"));
    w->set = load(folder, "set.json", json_object_get(change, "set"));
    w->pods = load(folder, "pods.json", json_object_get(change, "pods"));
    w->catalog = testdata_need(catalog);
    change_catalog(w->catalog, json_object_get(change, "catalog"));
    w->ops = json_object_get(w->test, "ops");
    w->ops = json_is_null(w->ops) ? NULL
             : w->ops != NULL     ? json_incref(w->ops)
                                  : json_object();
}

static void
free_world(struct world *w)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        member_report_clear(&w->members[i]);
        source_clear(&w->sources[i]);
    }
    json_decref(w->test);
    json_decref(w->db);
    json_decref(w->set);
    json_decref(w->pods);
    json_decref(w->ops);
    json_decref(w->catalog);
}

static char *
show(const struct preflight_result *r)
{
    static const char *const severities[] = { "ok", "warning", "error" };

    return mem_printf("%s%s %s%s%s", severities[r->severity],
                      check_is_forceable(r->id) && r->severity != CHECK_OK ? "!" : "",
                      r->text, r->hint[0] != '\0' ? " | " : "", r->hint);
}

static const struct preflight_result *
find(const struct preflight_result *r, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(r[i].id, id)) {
            return &r[i];
        }
    }
    return NULL;
}

/* What is reported is as the registry has it. */
static void
compare_registry(const struct engine *en, const struct preflight_result *r)
{
    struct check_row row;

    if (!check_find(en, r->id, &row) || r->severity > row.severity) {
        fail_msg("%s is not as the registry has it", r->id);
    }
}

static void
compare(const json_t *test, const struct engine *en, const struct preflight_result *r,
        size_t n)
{
    const char *id = NULL;
    json_t *want = NULL;
    size_t i = 0;

    for (i = 0; i < n; i++) {
        compare_registry(en, &r[i]);
        if (json_object_get(json_path(test, "expect"), r[i].id) == NULL &&
            r[i].severity != CHECK_OK) {
            auto_free char *is = show(&r[i]);

            fail_msg("unexpected %s: %s", r[i].id, is);
        }
    }
    json_object_foreach (json_path(test, "expect"), id, want) {
        const struct preflight_result *at = find(r, n, id);
        auto_free char *is = at != NULL ? show(at) : mem_strdup("no such row");

        if (!str_eq(is, json_string_value(want))) {
            fail_msg("%s is  %s\nbut should be  %s", id, is, json_string_value(want));
        }
    }
    json_array_foreach (json_path(test, "absent"), i, want) {
        if (find(r, n, json_string_value(want)) != NULL) {
            fail_msg("%s should not be there", json_string_value(want));
        }
    }
}

static size_t
load_members(struct world *w)
{
    const char *name = json_path_str(w->set, "metadata.name");
    long long replicas = json_path_int(w->set, "spec.replicas", 0);
    static char names[MEMBERS_MAX][64];

    for (long long i = 0; i < replicas; i++) {
        auto_free char *pod = mem_printf("%s-%lld", name, i);

        str_copy(names[i], sizeof names[i], pod);
        load_member(w, (size_t)i, names[i]);
    }
    return (size_t)replicas;
}

enum { DONORS_MAX = 3 };

struct new_set_world {
    struct new_set_donor donors[DONORS_MAX];
    struct preflight_new_set facts;
};

/* What a case says of an upgrade by a new set. */
static void
load_new_set(const json_t *test, struct new_set_world *n, struct preflight_facts *f)
{
    const json_t *is = json_path(test, "new_set");
    size_t i = 0;
    json_t *donor = NULL;

    if (is == NULL) {
        return;
    }
    json_array_foreach (json_path(is, "donors"), i, donor) {
        struct new_set_donor *d = &n->donors[i];

        new_set_parse_donor(json_path_str(donor, "text"), d);
        str_copy(d->version, sizeof d->version, json_path_str(donor, "version"));
    }
    n->facts = (struct preflight_new_set){
        .set = "my-db-1",
        .old = "my-db",
        .old_gone = json_path_true(is, "old_gone"),
        .old_serving = (size_t)json_path_int(is, "old_serving", 3),
        .donors = n->donors,
        .n_donors = i,
        .bytes = json_path_int(is, "bytes", -1),
        .quotas = json_path(is, "quotas"),
    };
    f->course.converts = false;
    f->new_set = &n->facts;
}

static void
test_case(const char *path)
{
    struct new_set_world new_set = { 0 };
    struct world w = { 0 };
    auto_json json_t *test = load(path, "case.json", NULL);
    auto_free char *folder = mem_printf("mysql/%s", json_path_str(test, "world"));
    const struct engine *en = engine_find("mysql");
    struct preflight_result r[PREFLIGHT_MAX];
    struct database db = { 0 };
    struct workload set = { 0 };
    struct image_changes images = { 0 };
    struct err e = { 0 };
    const char *from = json_path_str(test, "from");
    struct preflight_facts f = {
        .engine = en, .db = &db, .flags = " -n demo", .set.images = &images
    };
    size_t i = 0;
    json_t *item = NULL;

    load_world(&w, folder, path);
    assert_int_equal(database_parse(en, w.db, &db, &e), 0);
    f.object = w.db;
    f.version.catalog = w.catalog;
    f.version.wanted = json_path_str(test, "target");
    f.version.from = catalog_find(w.catalog, *from != '\0' ? from : db.version);
    f.version.to = catalog_find(w.catalog, f.version.wanted);
    f.course.resuming = json_path_true(test, "resuming");
    f.course.back = json_path_true(test, "back");
    load_new_set(test, &new_set, &f);
    f.ops = w.ops;
    f.pods = w.pods;
    f.budgets = json_path(test, "budgets");
    json_array_foreach (json_path(test, "missing"), i, item) {
        w.missing[i] = json_string_value(item);
    }
    f.missing_rights = w.missing;
    if (w.set != NULL) {
        assert_int_equal(workload_parse(w.set, &set, &e), 0);
        f.set.object = w.set;
        f.set.workload = &set;
        f.members = w.seen;
        f.n_members = load_members(&w);
        if (f.version.to != NULL &&
            workload_images(en, w.set, f.version.to, &images, &e) < 0) {
            f.set.trouble = e.msg;
        }
    } else {
        f.set.trouble = "no PetSet or StatefulSet belongs to my-db";
    }
    compare(test, f.engine, r, preflight_run(&f, r, PREFLIGHT_MAX));
    image_changes_free(&images);
    free_world(&w);
}

static void
test_cases(void **state)
{
    (void)state;
    testdata_each("mysql/preflight", test_case);
}

static void
test_few_results(void **state)
{
    struct preflight_result r[2];
    struct database db = { .name = "my-db", .deleting = true, .version = "8.0.36" };
    struct preflight_facts f = { .engine = engine_find("mysql"),
                                 .db = &db,
                                 .flags = " -n demo",
                                 .version.wanted = "8.4.8" };

    (void)state;
    assert_int_equal(preflight_run(&f, r, 2), 2);
    assert_string_equal(r[0].id, "version.known");
    assert_string_equal(r[1].id, "database.deleting");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_few_results),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("preflight", tests, NULL, NULL);
}
