/* Images and variables of a Postgres' set: what the catalogue wants, and the patch. */
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
#include "kubedb/workload.h"
#include "testdata.h"

static const char set_text[] =
    "{'metadata':{'name':'pg','uid':'u'},'spec':{'updateStrategy':{'type':'OnDelete'},"
    "'template':{'spec':{'containers':[{'name':'side','image':'side'},{'name':'postgres',"
    "'image':'old','env':[{'name':'PGDATA','value':'/x'},{'name':'PG_VERSION','value':"
    "'15.4'},{'name':'MAJOR_PG_VERSION','valueFrom':{}}]}],'initContainers':[{'name':"
    "'postgres-init-container','image':'same','env':[{'name':'MAJOR_PG_VERSION','value':"
    "'15'}]}]}}}}";
static const char version_text[] =
    "{'metadata':{'name':'16.2'},'spec':{'version':'16.2','db':{'image':'new'},"
    "'initContainer':{'image':'same'},'coordinator':{'image':'none has it'}}}";

static const struct engine *
pg(void)
{
    return engine_find("postgres");
}

static void
load(struct image_changes *c, json_t **set)
{
    auto_json json_t *version = testdata_quoted(version_text);
    struct err e = { 0 };

    *set = testdata_quoted(set_text);
    assert_int_equal(workload_images(pg(), *set, version, c, &e), 0);
}

static void
test_wanted(void **state)
{
    auto_json json_t *set = NULL;
    auto_json json_t *is = NULL;
    auto_json json_t *want = testdata_quoted(
        "[{'container':'postgres','init':false,'from':'old','to':'new'},"
        "{'container':'postgres-init-container','init':true,'from':'same','to':'same'},"
        "{'container':'postgres-init-container','init':true,'variable':"
        "'MAJOR_PG_VERSION','from':'15','to':'16'},"
        "{'container':'postgres','init':false,'variable':'PG_VERSION','from':'15.4','to':"
        "'16.2'}]");
    struct image_changes c = { 0 };

    (void)state;
    load(&c, &set);
    is = image_changes_to_json(&c);
    assert_true(json_equal(is, want));
    assert_int_equal(image_changes_count(&c), 1);
    assert_int_equal(image_changes_count_variables(&c), 2);
    image_changes_free(&c);
    assert_int_equal(c.n, 0);
    assert_null(c.at);
}

static void
test_refused(void **state)
{
    static const struct {
        const char *set, *version, *why;
    } rows[] = {
        { "{'metadata':{'name':'pg'}}", version_text,
          "the pods of pg have no container postgres" },
        { set_text, "{'metadata':{'name':'16.2'}}",
          "version 16.2 defines no image for container postgres (db.image)" },
        { set_text, "{'metadata':{'name':'16.2'},'spec':{'db':{'image':'new'}}}",
          "version 16.2 defines no image for container postgres-init-container "
          "(initContainer.image)" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *set = testdata_quoted(rows[i].set);
        auto_json json_t *version = testdata_quoted(rows[i].version);
        struct image_changes c = { 0 };
        struct err e = { 0 };

        assert_int_equal(workload_images(pg(), set, version, &c, &e), -1);
        assert_string_equal(e.msg, rows[i].why);
        assert_int_equal(c.n, 0);
    }
}

#define TEST(path, value)    "{'op':'test','path':'" path "','value':'" value "'}"
#define REPLACE(path, value) "{'op':'replace','path':'" path "','value':'" value "'}"
#define SPEC                 "/spec/template/spec/"

static void
test_patch(void **state)
{
    auto_json json_t *set = NULL;
    auto_json json_t *want = testdata_quoted(
        "[" TEST("/metadata/uid", "u") "," TEST(SPEC "containers/1/name", "postgres") "," TEST(SPEC "containers/1/image", "old") "," REPLACE(SPEC "containers/1/image", "new") "," TEST(SPEC "initContainers/0/name", "postgres-init-container") "," TEST(
            SPEC "initContainers/0/env/0/name",
            "MAJOR_PG_VERSION") "," TEST(SPEC "initContainers/0/env/0/value",
                                         "15") "," REPLACE(SPEC
                                                           "initContainers/0/env/0/value",
                                                           "16") "," TEST(SPEC "container"
                                                                               "s/1/name",
                                                                          "postgres") "," TEST(SPEC
                                                                                               "containers/1/env/1/name",
                                                                                               "PG_VERSION") "," TEST(SPEC
                                                                                                                      "containers/1/env/1/value",
                                                                                                                      "15.4") "," REPLACE(SPEC
                                                                                                                                          "containers/1/env/1/value",
                                                                                                                                          "16.2") "]");
    auto_json json_t *is = NULL;
    struct image_changes c = { 0 };

    (void)state;
    load(&c, &set);
    is = workload_images_patch(set, &c, true);
    assert_true(json_equal(is, want));
    assert_null(workload_images_patch(set, &c, false));
    image_changes_free(&c);
}

/* The first that is otherwise is told. */
static void
test_has(void **state)
{
    static const struct {
        const char *path, *value; /* of the set's pods; NULL: nothing is changed */
        bool wanted;
        const char *text; /* NULL: they have them */
    } rows[] = {
        { NULL, NULL, false, NULL },
        { NULL, NULL, true, "postgres has old" },
        { "containers.1.image", "x", false, "postgres has x" },
        { "containers.1.image", "", false, "postgres has no image" },
        { "containers.1.image", "new", true,
          "postgres-init-container has MAJOR_PG_VERSION=15" },
        { "containers.1.env.1.value", "x", false, "postgres has PG_VERSION=x" },
        { "initContainers.0.image", "x", false, "postgres-init-container has x" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *set = NULL;
        json_t *spec = NULL;
        struct image_changes c = { 0 };
        char text[100] = "";

        print_message("# row %zu\n", i);
        load(&c, &set);
        spec = json_path(set, "spec.template.spec");
        if (rows[i].path != NULL) {
            auto_free char *path = mem_strdup(rows[i].path);
            char *last = strrchr(path, '.');

            *last = '\0';
            (void)json_object_set_new(json_path(spec, path), last + 1,
                                      json_string(rows[i].value));
        }
        assert_int_equal(workload_has_images(spec, &c, rows[i].wanted, text, sizeof text),
                         rows[i].text == NULL);
        assert_int_equal(workload_has_images(spec, &c, rows[i].wanted, NULL, 0),
                         rows[i].text == NULL);
        assert_string_equal(text, rows[i].text != NULL ? rows[i].text : "");
        image_changes_free(&c);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_patch),
        cmocka_unit_test(test_has),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("images", tests, NULL, NULL);
}
