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
#include "engine/engine.h"
#include "engine/postgres.h"
#include "kubedb/catalog.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"
#include "testdata.h"

/* -- the template: images and variables, wherever they are -- */

static json_t *
parse(const char *text)
{
    struct err e = { 0 };
    json_t *o = json_parse(text, strlen(text), "a test's text", &e);

    assert_non_null(o);
    return o;
}

static json_t *
sample_set(void)
{
    return parse(
        "{\"metadata\":{\"name\":\"pg\"},\"spec\":{\"updateStrategy\":{\"type\":"
        "\"OnDelete\"},\"template\":{\"spec\":{"
        "\"initContainers\":[{\"name\":\"postgres-init-container\",\"image\":"
        "\"registry.example/"
        "postgres-init:0.21.0\",\"env\":[{\"name\":\"MAJOR_PG_VERSION\","
        "\"value\":\"15\"}]}],"
        "\"containers\":[{\"name\":\"pg-coordinator\",\"image\":"
        "\"registry.example/pg-coordinator:v0.51.0\",\"env\":[{\"name\":\"A\",\"value\":"
        "\"1\"},{\"name\":\"MAJOR_PG_VERSION\",\"value\":\"15\"}]},"
        "{\"name\":\"postgres\",\"image\":\"registry.example/postgres:15.8-bookworm\","
        "\"env\":[{\"name\":\"PG_VERSION\",\"value\":\"15.8\"},{\"name\":"
        "\"MAJOR_PG_VERSION\",\"value\":\"15\"}]},"
        "{\"name\":\"sidecar\",\"image\":\"x\",\"env\":[{\"name\":\"PG_VERSION\","
        "\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"x\"}}}]}]}}}}");
}

static const json_t *
version_object(const json_t *catalog, const char *name)
{
    const json_t *o = catalog_find(catalog, name);

    assert_non_null(o);
    return o;
}

struct sample {
    json_t *set, *catalog;
    struct image_changes changes;
};

static void
sample_make(struct sample *s, const char *to)
{
    struct err e = { 0 };

    s->set = sample_set();
    s->catalog = testdata_need("postgres/catalog.json");
    assert_int_equal(workload_images(engine_find("pg"), s->set,
                                     version_object(s->catalog, to), &s->changes, &e),
                     0);
}

static void
sample_free(struct sample *s)
{
    json_decref(s->set);
    json_decref(s->catalog);
    image_changes_free(&s->changes);
}

static const char *
wanted(const struct sample *s, const char *container, const char *variable)
{
    for (size_t i = 0; i < s->changes.n; i++) {
        const struct image_change *c = &s->changes.at[i];

        if (str_eq(c->container, container) && str_eq(c->variable, variable)) {
            return c->to;
        }
    }
    return NULL;
}

static void
test_variables(void **state)
{
    struct sample s = { 0 };

    (void)state;
    sample_make(&s, "17.9-bookworm");
    assert_string_equal(wanted(&s, "postgres", NULL),
                        "registry.example/postgres:17.9-bookworm");
    assert_string_equal(wanted(&s, "postgres", "PG_VERSION"), "17.9");
    assert_string_equal(wanted(&s, "postgres", "MAJOR_PG_VERSION"), "17");
    assert_string_equal(wanted(&s, "pg-coordinator", "MAJOR_PG_VERSION"), "17");
    assert_string_equal(wanted(&s, "postgres-init-container", "MAJOR_PG_VERSION"), "17");
    assert_null(wanted(&s, "pg-coordinator", "PG_VERSION")); /* it has none */
    assert_null(wanted(&s, "sidecar", "PG_VERSION"));        /* no literal value */
    assert_int_equal(image_changes_count(&s.changes), 1);
    assert_int_equal(image_changes_count_variables(&s.changes), 4);
    sample_free(&s);
}

/* A test of name, and of value, before each value that is replaced. */
static void
test_patch(void **state)
{
    static const char *const want[] = {
        "test /spec/template/spec/initContainers/0/name postgres-init-container",
        "test /spec/template/spec/initContainers/0/env/0/name MAJOR_PG_VERSION",
        "test /spec/template/spec/initContainers/0/env/0/value 15",
        "replace /spec/template/spec/initContainers/0/env/0/value 17",
        "test /spec/template/spec/containers/0/name pg-coordinator",
        "test /spec/template/spec/containers/0/env/1/name MAJOR_PG_VERSION",
        "test /spec/template/spec/containers/0/env/1/value 15",
        "replace /spec/template/spec/containers/0/env/1/value 17",
        "test /spec/template/spec/containers/1/env/0/value 15.8",
        "replace /spec/template/spec/containers/1/env/0/value 17.9",
        ("replace /spec/template/spec/containers/1/image "
         "registry.example/postgres:17.9-bookworm"),
    };
    struct sample s = { 0 };
    auto_json json_t *patch = NULL;
    auto_free char *all = mem_strdup("\n");
    size_t i = 0;
    json_t *op = NULL;

    (void)state;
    sample_make(&s, "17.9-bookworm");
    patch = workload_images_patch(s.set, &s.changes, true);
    assert_int_equal(json_array_size(patch), 1 + 3 + 4 * 4);
    json_array_foreach (patch, i, op) {
        char *more = mem_printf("%s%s %s %s\n", all, json_path_str(op, "op"),
                                json_path_str(op, "path"), json_path_str(op, "value"));

        free(all);
        all = more;
    }
    for (i = 0; i < sizeof want / sizeof *want; i++) {
        auto_free char *line = mem_printf("\n%s\n", want[i]);

        print_message("# %s\n", want[i]);
        assert_non_null(strstr(all, line));
    }
    assert_null(workload_images_patch(s.set, &s.changes, false)); /* has the old ones */
    sample_free(&s);
}

/* A pod with the new image but an old variable is not there yet. */
static void
test_has(void **state)
{
    struct sample s = { 0 };
    char text[256] = "";
    const json_t *spec = NULL;

    (void)state;
    sample_make(&s, "17.9-bookworm");
    spec = json_path(s.set, "spec.template.spec");
    assert_true(workload_has_images(spec, &s.changes, false, NULL, 0));
    (void)json_object_set_new(json_path(spec, "containers.1"), "image",
                              json_string("registry.example/postgres:17.9-bookworm"));
    assert_false(workload_has_images(spec, &s.changes, true, text, sizeof text));
    assert_string_equal(text, "postgres-init-container has MAJOR_PG_VERSION=15");
    sample_free(&s);
}

static void
test_journal(void **state)
{
    struct sample s = { 0 };
    struct image_changes got = { 0 };
    auto_json json_t *text = NULL;
    auto_json json_t *again = NULL;
    struct err e = { 0 };

    (void)state;
    sample_make(&s, "15.12-bookworm");
    text = image_changes_to_json(&s.changes);
    assert_int_equal(image_changes_from_json(text, &got, &e), 0);
    again = image_changes_to_json(&got);
    assert_true(json_equal(text, again));
    assert_int_equal(image_changes_count_variables(&got), 1); /* the major one stays */
    image_changes_free(&got);
    sample_free(&s);
}

/* -- topology -- */

static void
test_modes(void **state)
{
    static const struct {
        const char *value;
        long long replicas;
        enum engine_topology topology;
    } cases[] = {
        { "", -1, TOPOLOGY_STANDALONE },
        { "", 1, TOPOLOGY_STANDALONE },
        { "", 3, TOPOLOGY_STANDBYS },
        { "Standalone", 1, TOPOLOGY_STANDALONE },
        { "Cluster", 1, TOPOLOGY_STANDALONE },
        { "Cluster", 2, TOPOLOGY_STANDBYS },
        { "RemoteReplica", 1, TOPOLOGY_UNSUPPORTED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct engine_mode *m =
            engine_find_mode(engine_find("pg"), cases[i].value, "", cases[i].replicas);

        print_message("# \"%s\" with %lld\n", cases[i].value, cases[i].replicas);
        assert_non_null(m);
        assert_int_equal(m->topology, cases[i].topology);
    }
}

static void
test_serves(void **state)
{
    static const struct {
        const char *state;
        enum member_role role;
        bool serves;
    } cases[] = {
        { "RUNNING", MEMBER_PRIMARY, true },
        { "STREAMING", MEMBER_SECONDARY, true },
        { "RECOVERING", MEMBER_SECONDARY, false },
        { "RUNNING", MEMBER_SECONDARY, false },
        { "STREAMING", MEMBER_PRIMARY, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct member_report m = { .role = cases[i].role };

        str_copy(m.state, sizeof m.state, cases[i].state);
        print_message("# row %zu\n", i);
        assert_int_equal(engine_member_serves(TOPOLOGY_STANDBYS, &m), cases[i].serves);
        assert_true(engine_member_sees(&m, 3, 0)); /* it knows of no others */
    }
}

/* What a server printed, and what it means. */
static void
test_member(void **state)
{
    struct member_report m = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(
        engine_parse_member("version\t15.20\nid\t7539301774223847469\nstate\tSTREAMING\n"
                            "role\tSECONDARY\nwritable\t0\nqueue\t4096\nmembers\t0\n"
                            "online\t0\nposition\t0/5000148\n",
                            &m, &e),
        0);
    assert_string_equal(m.state, "STREAMING");
    assert_int_equal(m.role, MEMBER_SECONDARY);
    assert_int_equal(m.queue, 4096);
    assert_int_equal(m.members, 0);
    assert_false(m.writable);
    assert_string_equal(m.position, "0/5000148");
    member_report_clear(&m);
}

static void
test_return(void **state)
{
    const struct engine *en = engine_find("pg");

    (void)state;
    assert_true(engine_may_return(en, "15.20", "15.18"));
    assert_false(engine_may_return(en, "17.9", "15.20"));
    assert_null(engine_path_refusal(en, "15.18", "15.20"));
    assert_int_equal(engine_procedure_for(en, "15.18", "15.20"), PROCEDURE_ROLL);
    assert_int_equal(engine_procedure_for(en, "15.18", "17.9"), PROCEDURE_PG_UPGRADE);
    assert_int_equal(engine_procedure_for(engine_find("my"), "8.4.8", "9.7.1"),
                     PROCEDURE_ROLL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables), cmocka_unit_test(test_patch),
        cmocka_unit_test(test_has),       cmocka_unit_test(test_journal),
        cmocka_unit_test(test_modes),     cmocka_unit_test(test_serves),
        cmocka_unit_test(test_member),    cmocka_unit_test(test_return),
    };

    return cmocka_run_group_tests_name("postgres", tests, NULL, NULL);
}
