/* Somebody who sets back what the run has set, and who that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* As the API server writes it down: who set a field last. */
static void
set_by(json_t *object, const char *manager, const char *how, const char *fields)
{
    world_set_path(
        object, "metadata.managedFields",
        world_json("[{'manager': 'kubectl-dbupgrade', 'operation': 'Update', 'time': "
                   "'2026-11-18T00:00:01Z', 'fieldsV1': {'f:spec': {}}}, {'manager': "
                   "'other', 'operation': 'Update', 'time': '2026-11-18T00:00:09Z', "
                   "'fieldsV1': {'f:spec': {'f:other': {}}}}, {'manager': '%s', "
                   "'operation': '%s', 'time': '2026-11-18T00:00:05Z', 'fieldsV1': %s}]",
                   manager, how, fields));
}

static const char *git_manager;

/* A controller that applies what git says, every three seconds. */
static void
set_back(void)
{
    json_t *db = world_edit("mysqls", WORLD_DB);

    world.deed_at = double_now + 3000;
    if (str_eq(json_path_str(db, "spec.version"), "8.4.7")) {
        json_decref(db);
        return;
    }
    world_set_path(db, "spec.version", json_string("8.4.7"));
    world_set_path(db, "metadata.labels",
                   world_json("{'kustomize.toolkit.fluxcd.io/name': 'databases', "
                              "'kustomize.toolkit.fluxcd.io/namespace': 'flux-system', "
                              "'helm.toolkit.fluxcd.io/name': 'bad; name', "
                              "'app.kubernetes.io/instance': 'argo'}"));
    set_by(db, git_manager, "Apply", "{'f:spec': {'f:version': {}}}");
    world_put("mysqls", db);
}

static void
run_with_git(const char *manager, const char *after, long long wait_ms)
{
    long long began = 0;

    world_new(3);
    git_manager = manager;
    began = double_now;
    world_deed(after, wait_ms, set_back);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("VERSION_REVERTED");
    fix_error("set back to 8.4.7");
    fix_error(manager);
    fix_error("kubectl dbupgrade resume mysql my-db -n demo");
    assert_true(double_now - began < 90000);
    fix_end();
}

static void
test_version_set_back(void **state)
{
    (void)state;
    run_with_git("kustomize-controller", "resume", 500);
    run_with_git("kustomize-controller", "resume", 2900);
    run_with_git("argocd-controller", "pause", 2000);
    run_with_git("python-requests", "version", 1);
    run_with_git("helm-controller", "version", 0);
}

static void
test_advice(void **state)
{
    static const struct {
        const char *manager, *advice;
    } rows[] = {
        { "kustomize-controller", "flux suspend kustomization databases -n flux-system" },
        { "helm-controller", "flux suspend helmrelease NAME" },
        { "argocd-controller", "argocd app set argo --sync-policy none" },
        { "argocd-application-controller", "argocd app set argo --sync-policy none" },
        { "python-requests", "stop it" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_new(3);
        git_manager = rows[i].manager;
        world_deed("resume", 500, set_back);
        fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
        fix_error(rows[i].advice);
        fix_error("8.4.8");
        fix_end();
    }
}

/* Once the reason is gone, the run goes on from there. */
static void
test_resumed(void **state)
{
    (void)state;
    world_new(3);
    git_manager = "kustomize-controller";
    world_deed("resume", 500, set_back);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    world.deed_at = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* In mid-run it is no version of this run's at all. */
static void
set_another(void)
{
    json_t *db = world_edit("mysqls", WORLD_DB);

    world_set_path(db, "spec.version", json_string("9.7.4"));
    set_by(db, "kubectl-edit", "Update", "{'f:spec': {'f:version': {}}}");
    world_put("mysqls", db);
}

static void
test_another_version(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 3000, set_another);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("VERSION_REVERTED");
    fix_error("kubectl-edit");
    assert_false(fix_changed("evict my-db-0"));
    fix_end();
}

/* -- the set -- */

static void
change_set(const char *path, json_t *value, const char *fields)
{
    json_t *set = world_edit("petsets", WORLD_DB);

    world_set_path(set, path, value);
    set_by(set, "kubectl-edit", "Update", fields);
    world_put("petsets", set);
}

static void
roll_by_itself(void)
{
    change_set("spec.updateStrategy", world_json("{'type': 'RollingUpdate'}"),
               "{'f:spec': {'f:updateStrategy': {'f:type': {}}}}");
}

/* The set's controller would restart the members as it likes. */
static void
test_strategy_set_back(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 3000, roll_by_itself);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("update strategy is RollingUpdate");
    fix_told("kubectl-edit");
    assert_string_equal(json_path_str(world_set(), "spec.updateStrategy.type"),
                        "OnDelete");
    fix_is_at("8.4.8");
    fix_end();
}

static void
scale(void)
{
    change_set("spec.replicas", json_integer(5), "{'f:spec': {'f:replicas': {}}}");
}

static void
test_scaled_by(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 3000, scale);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("SET_SCALED");
    fix_error("kubectl-edit (Update at 2026-11-18T00:00:05Z)");
    fix_end();
}

/* After the resume nothing sets images again: who took them is told, and soon. */
static void
take_images(void)
{
    json_t *set = world_edit("petsets", WORLD_DB);

    world.operator_asleep = true;
    (void)operator_image(json_path(set, "spec.template.spec"), "containers", "mysql",
                         "r.example/mysql:8.4.7");
    set_by(set, "kubectl-edit", "Update",
           "{'f:spec': {'f:template': {'f:spec': {'f:containers': {'k:{\\\"name\\\":"
           "\\\"mysql\\\"}': {'f:image': {}}}}}}}");
    world_put("petsets", set);
}

static void
test_images_taken_at_the_end(void **state)
{
    long long began = 0;

    (void)state;
    world_new(3);
    world_deed("resume", 2000, take_images);
    began = double_now;
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("IMAGES_REVERTED");
    fix_error("mysql has r.example/mysql:8.4.7");
    fix_error("kubectl-edit");
    assert_true(double_now - began < 120000);
    fix_end();
}

static void
unpause(void)
{
    json_t *db = world_edit("mysqls", WORLD_DB);

    fix_unpause(db);
    set_by(db, "kubectl-patch", "Update", "{'f:status': {'f:conditions': {}}}");
    world_put("mysqls", db);
}

static void
test_unpaused_by(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 3000, unpause);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("PAUSE_LOST");
    fix_error("kubectl-patch");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_set_back),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_another_version),
        cmocka_unit_test(test_strategy_set_back),
        cmocka_unit_test(test_scaled_by),
        cmocka_unit_test(test_images_taken_at_the_end),
        cmocka_unit_test(test_unpaused_by),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
