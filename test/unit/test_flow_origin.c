/* Images in a journal that somebody else wrote: they must be the catalogue's, or the
 * sets' own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_innodb.h"
#include "double_journal.h"

static const struct {
    const char *path, *value;
    bool abort;
    const char *why;
} planted[] = {
    { "images.1.from", "\"" EVIL "\"", true, EVIL },
    { "images.0.from", "\"" EVIL "\"", true, EVIL },
    { "images.0.from", "\"" EVIL "\"", false, EVIL },
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

/* What images are to become is the catalogue's, whatever a journal says: it stands in the
 * way of nothing, is set nowhere, and does not stay on the Lease. */
static void
test_planted_goal(void **state)
{
    static const struct {
        void (*begin)(void);
        const char *path;
    } rows[] = {
        { journal_of_group, "images.0.to" },
        { journal_of_replicas, "followers.0.images.0.to" },
        { journal_of_routers, "front.images.0.to" },
        { journal_of_made, "new_set.images.0.to" },
        { journal_of_made, "images.0.to" },
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        auto_json json_t *j = NULL;
        auto_free char *text = NULL;

        rows[i / 2].begin();
        journal_plant(rows[i / 2].path, "\"" EVIL "\"");
        (void)world_rule((struct rule){ .what = "resume", .status = 403 });
        fix_expect(i % 2 == 0 ? flow_run_to(NULL) : flow_abort(), EXIT_INCOMPLETE);
        j = world_journal();
        text = json_text(j);
        assert_null(strstr(text, EVIL));
        world.n_rules = 0;
        fix_expect(i % 2 == 0 ? flow_run_to(NULL) : flow_abort(),
                   i % 2 == 0 ? EXIT_OK : EXIT_WALKED_BACK);
        fix_end();
    }
}

/* The catalogue's image is corrected while an upgrade rests that has set none yet. */
static void
test_catalog_corrected(void **state)
{
    (void)state;
    for (int abort = 0; abort < 2; abort++) {
        world_new(3);
        (void)world_rule((struct rule){ .what = "images", .status = 403 });
        fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
        journal_ready();
        world_change("mysqlversions", "8.4.8", "spec.initContainer.image",
                     json_string("r.example/init:0.2.1"));
        world_change("mysqlversions", "8.4.8", "spec.coordinator.image",
                     json_string("r.example/coordinator:0.2.1"));
        fix_expect(abort == 1 ? flow_abort() : flow_run_to(NULL),
                   abort == 1 ? EXIT_WALKED_BACK : EXIT_OK);
        fix_end();
    }
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
        { journal_of_routers, "front.images.0.from" },
        { journal_of_made, "new_set.images.0.from" },
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
    journal_is_refused(flow_abort(), "container mysql of workload my-db twice");
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

/* Who upgrades a set with a mirror's images is told in time what a run that goes on would
 * need; nobody else is. */
static void
test_right_to_revisions(void **state)
{
    const char *missing = "rbac warning: not allowed: list controllerrevisions.apps";

    (void)state;
    for (int mirror = 0; mirror < 2; mirror++) {
        world_new(1);
        world.denied = "list controllerrevisions";
        if (mirror == 1) {
            json_t *set = world_edit("petsets", WORLD_DB);

            (void)json_object_set_new(
                json_array_find(json_path(set, "spec.template.spec.containers"), "name",
                                "mysql", NULL),
                "image", json_string("mirror.example/mysql@sha256:0a1b"));
            world_put("petsets", set);
        }
        fix_expect(flow_run_to("8.4.8"), EXIT_OK);
        if (mirror == 1) {
            fix_told(missing);
        } else {
            fix_not_told(missing);
        }
        fix_end();
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted_images),
        cmocka_unit_test(test_planted_direction),
        cmocka_unit_test(test_planted_goal),
        cmocka_unit_test(test_catalog_corrected),
        cmocka_unit_test(test_planted_elsewhere),
        cmocka_unit_test(test_mirror_of_deleted_set),
        cmocka_unit_test(test_planted_twice),
        cmocka_unit_test(test_planted_variable),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_older_version),
        cmocka_unit_test(test_mirror_unknown),
        cmocka_unit_test(test_mirror_in_pod),
        cmocka_unit_test(test_mirror_in_foreign_pod),
        cmocka_unit_test(test_right_to_revisions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
