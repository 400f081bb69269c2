/* Where the images and variables of a journal come from. */
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
#include "kubedb/image_origin.h"
#include "testdata.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* A pod spec whose server has an image and a version. */
#define SPEC(image, version)                                                           \
    "{'containers':[{'name':'postgres','image':'" image                                \
    "','env':[{'name':'PG_VERSION','value':'" version "'},{'name':'MAJOR_PG_VERSION'," \
    "'value':'15'}]}],'initContainers':[{'name':'postgres-init-container','image':"    \
    "'init-" image "'}]}"
#define OWNED(uid, controller) \
    "'metadata':{'ownerReferences':[{'uid':'" uid "','controller':" controller "}]}"

struct world {
    json_t *set, *other, *from, *to, *pods, *revisions;
};

static void
load(struct world *w)
{
    w->set = testdata_quoted("{'spec':{'template':{'spec':" SPEC("set", "15.1") "}}}");
    w->other =
        testdata_quoted("{'spec':{'template':{'spec':" SPEC("other", "15.2") "}}}");
    w->from = testdata_quoted("{'spec':{'version':'15.4','db':{'image':'old'},"
                              "'initContainer':{'image':'old-init'}}}");
    w->to = testdata_quoted("{'spec':{'version':'16.2','db':{'image':'new'}}}");
    w->pods = testdata_quoted(
        "{'ours':{" OWNED("u", "true") ",'spec':" SPEC("pod", "15.3") "},'kept':{" OWNED("u", "false") ",'spec':" SPEC("kept", "15.8") "},'others':{" OWNED(
            "x",
            "true") ",'spec':" SPEC("others",
                                    "15.9") "},'bare':{" OWNED("",
                                                               "true") ",'spec'"
                                                                       ":" SPEC(
                                                                           "bar"
                                                                           "e",
                                                                           "15."
                                                                           "9") "},'"
                                                                                "second':"
                                                                                "{" OWNED("u2", "true") ",'spec':" SPEC(
                                                                                    "seco"
                                                                                    "nd",
                                                                                    "15."
                                                                                    "3") "}}");
    w->revisions = testdata_quoted(
        "[{" OWNED("u", "true") ",'data':{'spec':{'template':{'spec':" SPEC(
            "rev", "15.5") "}}}},{" OWNED("x", "true") ",'data':{'spec':{'template':{'"
                                                       "spec':" SPEC("foreign",
                                                                     "15.7") "}}}}]");
}

static void
unload(struct world *w)
{
    json_decref(w->set);
    json_decref(w->other);
    json_decref(w->from);
    json_decref(w->to);
    json_decref(w->pods);
    json_decref(w->revisions);
}

static struct image_origin
origin_of(const struct world *w)
{
    return (struct image_origin){ .engine = engine_find("postgres"),
                                  .name = "s",
                                  .uid = "u",
                                  .set = w->set,
                                  .other = w->other,
                                  .other_uid = "u2",
                                  .from = w->from,
                                  .to = w->to,
                                  .pods = w->pods,
                                  .revisions = w->revisions };
}

/* A change whose texts are borrowed. */
struct view {
    const char *container;
    bool init;
    const char *variable, *from, *to;
};

static void
add_change(struct image_changes *c, const struct view *v)
{
    c->at = mem_grow(c->at, c->n + 1, sizeof *c->at);
    c->at[c->n++] = (struct image_change){
        .container = mem_strdup(v->container),
        .init = v->init,
        .variable = v->variable != NULL ? mem_strdup(v->variable) : NULL,
        .from = mem_strdup(v->from),
        .to = mem_strdup(v->to),
    };
}

/* -- values -- */

static void
test_unknown(void **state)
{
    static const struct {
        const char *container, *variable, *from;
        bool known, init;
    } rows[] = {
        { "postgres", NULL, "old", true },
        { "postgres", NULL, "new", false },
        { "postgres", NULL, "set", true },
        { "postgres", NULL, "other", true },
        { "postgres", NULL, "pod", true },
        { "postgres", NULL, "second", true },
        { "postgres", NULL, "rev", true },
        { "postgres", NULL, "kept", false },
        { "postgres", NULL, "others", false },
        { "postgres", NULL, "bare", false },
        { "postgres", NULL, "foreign", false },
        { "postgres", NULL, "", false },
        { "exporter", NULL, "old", false },
        { "postgres-init-container", NULL, "old-init", true, true },
        { "postgres-init-container", NULL, "init-pod", true, true },
        { "postgres-init-container", NULL, "new", false, true },
        { "postgres-init-container", NULL, "old-init", false, false },
        { "postgres", "PG_VERSION", "15.4", true },
        { "postgres", "PG_VERSION", "15", false },
        { "postgres", "PG_VERSION", "15.40", false },
        { "postgres", "PG_VERSION", "15.1", true },
        { "postgres", "PG_VERSION", "15.5", true },
        { "postgres", "PG_VERSION", "15.7", false },
        { "postgres", "MAJOR_PG_VERSION", "15", true },
        { "postgres", "MAJOR_PG_VERSION", "16.2", false },
        { "postgres", "MAJOR_PG_VERSION", "1", false },
        { "postgres", "PGDATA", "15.4", false },
    };
    struct world w = { 0 };

    (void)state;
    load(&w);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct image_origin o = origin_of(&w);
        const struct view known = { "postgres", false, NULL, "old", "new" };
        const struct view asked = { rows[i].container, rows[i].init, rows[i].variable,
                                    rows[i].from, "whatever" };
        struct image_changes c = { 0 };
        const struct image_change *got = NULL;

        print_message("# row %zu\n", i);
        add_change(&c, &known);
        add_change(&c, &asked);
        got = image_origin_find_unknown(&o, &c);
        assert_ptr_equal(got, rows[i].known ? NULL : &c.at[1]);
        image_changes_free(&c);
    }
    unload(&w);
}

/* What another version has is not what this set had, wherever it stands; what one of the
 * two has, too, is. */
static void
test_of_other_version(void **state)
{
    static const struct {
        const char *image;
        bool known;
    } rows[] = { { "old", true }, { "new", true }, { "rev", false }, { "pod", false } };
    struct world w = { 0 };

    (void)state;
    load(&w);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct view asked = { "postgres", false, NULL, rows[i].image, "whatever" };
        struct image_origin o = origin_of(&w);
        struct image_changes c = { 0 };
        auto_json json_t *catalog =
            json_pack("{s:[O, O, {s:{s:{s:s}}}]}", "items", w.from, w.to, "spec", "db",
                      "image", rows[i].image);

        o.catalog = catalog;
        add_change(&c, &asked);
        if (strcmp(rows[i].image, "new") == 0) {
            json_t *spec = json_path(w.pods, "ours.spec.containers.0");

            (void)json_object_set_new(spec, "image", json_string("new"));
        }
        assert_int_equal(image_origin_find_unknown(&o, &c) == NULL, rows[i].known);
        image_changes_free(&c);
    }
    unload(&w);
}

/* -- rows -- */

static void
test_check(void **state)
{
    static const struct {
        size_t n;
        struct view at[3];
        bool whole;
        const char *why; /* NULL: they are rows of the engine's */
    } rows[] = {
        { 0, { { 0 } }, false, NULL },
        { 0, { { 0 } }, true, "the previous image of container postgres of workload s" },
        { 1, { { "postgres", false, NULL, "a", "b" } }, true, NULL },
        { 1,
          { { "postgres", false, "PG_VERSION", "a", "b" } },
          true,
          "the previous image of" },
        { 1, { { "exporter", false, NULL, "a", "b" } }, true, "the previous image of" },
        { 1,
          { { "postgres", true, NULL, "a", "b" } },
          false,
          "names init container postgres of workload s, which an upgrade of postgres" },
        { 1, { { "other", false, NULL, "a", "b" } }, false, "names container other" },
        { 1,
          { { "postgres", false, "PGDATA", "a", "b" } },
          false,
          "names variable PGDATA of container postgres" },
        { 1,
          { { "exporter", false, "PG_VERSION", "a", "b" } },
          false,
          "names variable PG_VERSION of container exporter" },
        { 2,
          { { "postgres", false, NULL, "a", "b" },
            { "postgres", false, NULL, "c", "d" } },
          false,
          "names container postgres of workload s twice" },
        { 3,
          { { "postgres", false, NULL, "a", "b" },
            { "exporter", false, NULL, "a", "b" },
            { "postgres", false, NULL, "c", "d" } },
          false,
          "names container postgres of workload s twice" },
        { 3,
          { { "postgres", false, NULL, "a", "b" },
            { "postgres", false, "PG_VERSION", "a", "b" },
            { "postgres", false, "MAJOR_PG_VERSION", "a", "b" } },
          true,
          NULL },
        { 2,
          { { "postgres", false, NULL, "a", "b" },
            { "postgres-init-container", true, NULL, "a", "b" } },
          true,
          NULL },
    };
    struct world w = { 0 };

    (void)state;
    load(&w);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct image_origin o = origin_of(&w);
        struct image_changes c = { 0 };
        struct err e = { 0 };

        print_message("# row %zu\n", i);
        for (size_t k = 0; k < rows[i].n; k++) {
            add_change(&c, &rows[i].at[k]);
        }
        assert_int_equal(image_origin_check_rows(&o, &c, rows[i].whole, &e),
                         rows[i].why != NULL ? -1 : 0);
        assert_true(rows[i].why == NULL || strstr(e.msg, rows[i].why) != NULL);
        image_changes_free(&c);
    }
    unload(&w);
}

/* The rows of what is in front are others. */
static void
test_front(void **state)
{
    static const struct view router = { "mysql-router", false, NULL, "a", "b" };
    static const struct view server = { "mysql", false, NULL, "a", "b" };
    struct image_changes routers = { 0 };
    struct image_changes servers = { 0 };
    struct image_origin o = { .engine = engine_find("mysql"), .name = "s", .uid = "u" };
    struct err e = { 0 };

    (void)state;
    add_change(&routers, &router);
    add_change(&servers, &server);
    assert_int_equal(image_origin_check_rows(&o, &servers, true, &e), 0);
    assert_int_equal(image_origin_check_rows(&o, &routers, false, &e), -1);
    o.front = true;
    assert_int_equal(image_origin_check_rows(&o, &routers, true, &e), 0);
    assert_int_equal(image_origin_check_rows(&o, &servers, false, &e), -1);
    image_changes_free(&routers);
    image_changes_free(&servers);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_of_other_version),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_front),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
