/* A journal that somebody else wrote: it is a wish, and never a fact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_innodb.h"
#include "double_journal.h"

/* -- its form -- */

static const struct {
    const char *path, *value, *why;
} strange[] = {
    { "extra", "1", "extra" },
    { "images.1.extra", "1", "images[1].extra" },
    { "version", "\"4\"", "version" },
    { "version", "0", "version" },
    { "pods", "[]", "pods" },
    { "pods.my-db-0.bytes", "4611686018427387904", "pods.my-db-0.bytes" },
    { "pods.my-db-0.bytes", "-4611686018427387904", "pods.my-db-0.bytes" },
    { "pods.my-db-0.bytes", "1.5", "pods.my-db-0.bytes" },
    { "images", "{}", "images" },
    { "images.1.init", "0", "images[1].init" },
    { "images.1.from", "\"r.example/mysql:1 x\"", "images[1].from" },
    { "direction", "\"sideways\"", "direction" },
    { "set", "\"../secrets/x\"", "set" },
    { "to", "\"8.4.8/../x\"", "to" },
    { "by", "\"bob\\u001b[2Jalice\"", "by" },
    { "by", "\"bob\\u202ealice\"", "by" },
    { "started", "\"yesterday\"", "started" },
    { "kind", "\"Postgres\"", "kind" },
    { "name", "\"other\"", "name" },
    { "new_set", "{}", "new_set" },
};

static void
test_strange(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        journal_of_group();
        journal_plant(strange[i].path, strange[i].value);
        journal_is_refused(flow_run_to(NULL), strange[i].why);
    }
}

static void
refuse_text(const char *begin, const char *text, size_t n, const char *end)
{
    auto_buf struct buf whole = BUF_LIMIT(16U << 20);

    (void)!buf_puts(&whole, begin);
    for (size_t i = 0; i < n; i++) {
        (void)!buf_puts(&whole, text);
    }
    (void)!buf_puts(&whole, end);
    journal_of_group();
    journal_put(buf_text(&whole));
    fix_expect(flow_run_to(NULL), EXIT_REFUSED);
    buf_reset(&world.violations); /* it was the test that took the journal away */
    journal_is_refused(EXIT_REFUSED, "cannot be read");
}

static void
test_huge(void **state)
{
    (void)state;
    refuse_text("{\"version\": 4, \"x\": \"", "x", 10U << 20, "\"}");
    refuse_text("", "[", 100000, "");
    refuse_text("{\"version\": ", "[", 1000, "");
    refuse_text("{\"images\": [0", ", {}", 20000, "]}");
    refuse_text("{\"version\": 4", ", \"version\": 4", 1, "}");
}

static const struct {
    const char *value;
    const char *why;
} replicas[] = {
    { "4611686018427387904", "new_set.replicas" },
    { "-4611686018427387904", "new_set.replicas" },
    { "0", "new_set.replicas" },
    { "33", "new_set.replicas" },
    { "\"3\"", "new_set.replicas" },
    { "32", "32 members" },
    { "1", "1 member" },
};

static void
test_replicas(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof replicas / sizeof *replicas; i++) {
        journal_of_new_set("scale my-db-1 1", false);
        journal_plant("new_set.replicas", replicas[i].value);
        journal_is_refused(flow_run_to(NULL), replicas[i].why);
    }
}

/* -- images -- */

static const struct {
    const char *path, *value;
    bool abort;
    const char *why;
} planted[] = {
    { "images.1.from", "\"" EVIL "\"", true, EVIL },
    { "images.0.from", "\"" EVIL "\"", true, EVIL },
    { "images.0.from", "\"" EVIL "\"", false, EVIL },
    { "images.0.to", "\"" EVIL "\"", true, EVIL },
    { "images.0.to", "\"" EVIL "\"", false, EVIL },
    { "images.0.container", "\"sidecar\"", true, "container sidecar" },
    { "images.0.init", "true", true, "container mysql" },
    { "images.0.variable", "\"LD_PRELOAD\"", true, "LD_PRELOAD" },
    { "images", "[]", true, "container mysql" },
};

static void
test_planted_images(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        journal_of_group();
        assert_int_equal(world.servers[0].up, true);
        journal_plant(planted[i].path, planted[i].value);
        journal_is_refused(planted[i].abort ? flow_abort() : flow_run_to(NULL),
                           planted[i].why);
    }
}

/* The way back is walked by `resume`, too, when the journal says so. */
static void
test_planted_direction(void **state)
{
    (void)state;
    journal_of_group();
    journal_plant("direction", "\"back\"");
    journal_plant("images.0.from", "\"" EVIL "\"");
    journal_is_refused(flow_run_to(NULL), EVIL);
}

/* A Postgres with read replicas, interrupted behind its images. */
static void
journal_of_replicas(void)
{
    world_new_with("postgres", (struct fix_size){ .members = 2, .followers = 2 }, "15.18",
                   "petsets");
    (void)world_rule((struct rule){ .what = "evict my-db-0", .status = 403 });
    fix_expect(flow_run_to("15.20"), EXIT_INCOMPLETE);
    journal_ready();
}

static void
journal_of_routers(void)
{
    world_new_innodb();
    (void)world_rule((struct rule){ .what = "evict my-db-1", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    journal_ready();
}

static void
journal_of_made(void)
{
    journal_of_new_set("scale my-db-1 2", false);
}

/* The sets beside the members'. */
static void
test_planted_elsewhere(void **state)
{
    static const struct {
        void (*begin)(void);
        const char *path;
    } rows[] = {
        { journal_of_replicas, "followers.0.images.0.from" },
        { journal_of_replicas, "followers.0.images.0.to" },
        { journal_of_routers, "front.images.0.from" },
        { journal_of_routers, "front.images.0.to" },
        { journal_of_made, "new_set.images.0.from" },
        { journal_of_made, "new_set.images.0.to" },
        { journal_of_made, "images.0.from" },
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        rows[i / 2].begin();
        journal_plant(rows[i / 2].path, "\"" EVIL "\"");
        journal_is_refused(i % 2 == 0 ? flow_run_to(NULL) : flow_abort(), EVIL);
    }
}

/* An old set that was deleted has no revisions, and nothing goes back to it. */
static void
test_mirror_of_deleted_set(void **state)
{
    (void)state;
    journal_of_new_set("version", false);
    assert_null(world_find("petsets", WORLD_DB));
    journal_plant("images.0.from", "\"mirror.example/mysql@sha256:0a1b\"");
    journal_plant("new_set.images.0.from", "\"mirror.example/mysql@sha256:0a1b\"");
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* Twice the same container: the second would win. */
static void
test_planted_twice(void **state)
{
    auto_free char *text = NULL;
    auto_json json_t *j = NULL;

    (void)state;
    journal_of_group();
    j = world_journal();
    (void)json_array_append_new(json_object_get(j, "images"),
                                json_deep_copy(json_path(j, "images.0")));
    text = json_text(j);
    journal_put(text);
    journal_is_refused(flow_abort(), "container mysql twice");
}

/* The place of a variable among the images, as a path. */
static const char *
path_of_variable(const char *member)
{
    static char path[64];
    auto_json json_t *j = world_journal();
    size_t i = 0;

    (void)json_array_find(json_object_get(j, "images"), "variable", "PG_VERSION", &i);
    (void)snprintf(path, sizeof path, "images.%zu.%s", i, member);
    return path;
}

static void
test_planted_variable(void **state)
{
    static const struct {
        const char *member, *value, *why;
    } rows[] = {
        { "from", "\"99.9\"", "99.9" },
        { "variable", "\"LD_PRELOAD\"", "LD_PRELOAD" },
        { "container", "\"pg-coordinator\"", "pg-coordinator" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_new_of("postgres", 3, "15.18", "petsets");
        (void)world_rule((struct rule){ .what = "evict my-db-1", .status = 403 });
        fix_expect(flow_run_to("15.20"), EXIT_INCOMPLETE);
        journal_ready();
        journal_plant(path_of_variable(rows[i].member), rows[i].value);
        journal_is_refused(flow_abort(), rows[i].why);
    }
}

/* The set's images from before are of a mirror, and the catalogue knows nothing of it. */
static void
mirrored(void)
{
    journal_of_group();
    journal_plant("images.0.from", "\"mirror.example/mysql@sha256:0a1b\"");
}

static json_t *
revision_with(const char *owner, const char *image)
{
    return world_json(
        "{'metadata': {'name': 'my-db-7c9', 'namespace': 'demo', 'ownerReferences': "
        "[{'kind': 'PetSet', 'name': 'my-db', 'uid': '%s', 'controller': true}]}, "
        "'data': "
        "{'spec': {'template': {'spec': {'containers': [{'name': 'mysql', 'image': "
        "'%s'}]}}}}}",
        owner, image);
}

static json_t *
revision(const char *owner)
{
    return revision_with(owner, "mirror.example/mysql@sha256:0a1b");
}

static void
test_mirror(void **state)
{
    (void)state;
    mirrored();
    world_put("controllerrevisions",
              revision(json_path_str(world_set(), "metadata.uid")));
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* The set was at an older version once, and its revision is kept: what the catalogue says
 * of that one is not what the set had before this upgrade. */
static void
test_older_version(void **state)
{
    const char *older = "r.example/mysql:8.0.43";

    (void)state;
    for (int i = 0; i < 4; i++) {
        journal_of_group();
        journal_plant("images.0.from", "\"r.example/mysql:8.0.43\"");
        if (i < 2) {
            world_put("controllerrevisions",
                      revision_with(json_path_str(world_set(), "metadata.uid"), older));
        } else {
            json_t *pod = world_edit("pods", "my-db-1");

            (void)json_object_set_new(
                json_array_find(json_path(pod, "spec.containers"), "name", "mysql", NULL),
                "image", json_string(older));
            world_put("pods", pod);
        }
        journal_is_refused(i % 2 == 0 ? flow_abort() : flow_run_to(NULL), older);
    }
}

/* Revisions of another set, or no right to see any. */
static void
test_mirror_unknown(void **state)
{
    (void)state;
    mirrored();
    world_put("controllerrevisions", revision("uid-of-another"));
    journal_is_refused(flow_run_to(NULL), "mirror.example/mysql@sha256:0a1b");
    mirrored();
    (void)world_rule((struct rule){ .what = "list controllerrevisions", .status = 403 });
    journal_is_refused(flow_run_to(NULL), "list controllerrevisions.apps");
}

/* A pod of the set that was not restarted yet still has it. */
static void
test_mirror_in_pod(void **state)
{
    json_t *pod = NULL;

    (void)state;
    mirrored();
    pod = world_edit("pods", "my-db-1");
    (void)json_object_set_new(
        json_array_find(json_path(pod, "spec.containers"), "name", "mysql", NULL),
        "image", json_string("mirror.example/mysql@sha256:0a1b"));
    world_put("pods", pod);
    (void)world_rule((struct rule){ .what = "list controllerrevisions", .status = 403 });
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_end();
}

/* One that only looks like the set's. */
static void
test_mirror_in_foreign_pod(void **state)
{
    json_t *pod = NULL;

    (void)state;
    mirrored();
    pod =
        world_json("{'metadata': {'name': 'my-db-9', 'namespace': 'demo', 'labels': %s}, "
                   "'spec': {'containers': [{'name': 'mysql', 'image': "
                   "'mirror.example/mysql@sha256:0a1b'}]}}",
                   "{}");
    world_set_path(pod, "metadata.labels", fix_labels());
    world_put("pods", pod);
    journal_is_refused(flow_run_to(NULL), "mirror.example/mysql@sha256:0a1b");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strange),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_replicas),
        cmocka_unit_test(test_planted_images),
        cmocka_unit_test(test_planted_direction),
        cmocka_unit_test(test_planted_elsewhere),
        cmocka_unit_test(test_mirror_of_deleted_set),
        cmocka_unit_test(test_planted_twice),
        cmocka_unit_test(test_planted_variable),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_older_version),
        cmocka_unit_test(test_mirror_unknown),
        cmocka_unit_test(test_mirror_in_pod),
        cmocka_unit_test(test_mirror_in_foreign_pod),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
