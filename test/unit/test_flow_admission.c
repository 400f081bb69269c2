/* Pods that would not come back: found before the first one goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

/* -- admission -- */

static void
world_refuses(int status, const char *says)
{
    world_new(3);
    world.try_status = status;
    world.try_says = says;
}

#define FORBIDDEN "pods \"my-db-2-x\" is forbidden: "

static void
test_refused(void **state)
{
    static const struct {
        int status;
        const char *says, *shown;
    } rows[] = {
        { 403, FORBIDDEN "violates PodSecurity \"restricted:latest\": runAsNonRoot",
          "is refused: violates PodSecurity \"restricted:latest\"" },
        { 500, "Internal error occurred: failed calling webhook \"v.example\": refused",
          "repair the webhook" },
        { 422, "Pod \"x\" is invalid: ValidatingAdmissionPolicy 'p' denied request: no",
          "denied request: no" },
        { 403, FORBIDDEN "no PriorityClass with name high was found", "PriorityClass" },
        { 403, FORBIDDEN "error looking up service account demo/x: not found",
          "service account" },
        { 403,
          FORBIDDEN "exceeded quota: q, requested: pods=1, used: pods=4, limited: "
                    "pods=3",
          "exceeded quota" },
        { 403,
          FORBIDDEN "exceeded quota: q, requested: requests.cpu=1, used: "
                    "requests.cpu=3, limited: requests.cpu=3",
          "exceeded quota" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_refuses(rows[i].status, rows[i].says);
        fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
        fix_error("pod.admission");
        fix_error(rows[i].shown);
        fix_changes("");
        assert_int_equal(world.tries, 1);
        fix_end();
    }
}

/* The pod that goes first makes room for the one that comes. */
static void
test_quota_of_the_old_pod(void **state)
{
    (void)state;
    world_refuses(403, FORBIDDEN "exceeded quota: q, requested: pods=1, used: pods=3, "
                                 "limited: pods=3");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check pod.admission ok");
    fix_is_at("8.4.8");
    fix_end();
}

static void
check_warned(const char *text)
{
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check pod.admission warning: not tried");
    fix_told(text);
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_not_tried(void **state)
{
    (void)state;
    world_refuses(400, "admission webhook \"v.example\" does not support dry run");
    check_warned("does not support dry run");
    world_refuses(0, NULL);
    world.denied = "create pods";
    check_warned("not allowed: create pods");
    world_refuses(503, "the server is overloaded");
    check_warned("overloaded");
}

static void
test_forced(void **state)
{
    static const char *const skipped[] = { "pod.admission", NULL };
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_refuses(403, FORBIDDEN "violates PodSecurity");
    rq.checks.skipped = skipped;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* -- what pods refer to -- */

static void
world_refers(const char *path, const char *value)
{
    json_t *set = NULL;

    world_new(3);
    set = world_edit("petsets", WORLD_DB);
    world_set_path(set, path, world_json("%s", value));
    world_put("petsets", set);
    world_wait(2000);
}

static void
put(const char *resource, const char *name)
{
    world_put(resource, world_json("{'metadata': {'name': '%s'}, 'data': {'user': 'eA==',"
                                   " 'password': 'eA=='}}",
                                   name));
}

#define VOLUMES "spec.template.spec.volumes"

static void
test_missing(void **state)
{
    static const struct {
        const char *path, *value, *shown;
    } rows[] = {
        { VOLUMES, "[{'name': 'auth', 'secret': {'secretName': 'gone'}}]",
          "missing: Secret gone (volume auth)" },
        { VOLUMES, "[{'name': 'conf', 'configMap': {'name': 'gone'}}]",
          "missing: ConfigMap gone (volume conf)" },
        { VOLUMES,
          "[{'name': 'all', 'projected': {'sources': [{'secret': {'name': 'there', "
          "'items': [{'key': 'user'}, {'key': 'ca.crt'}]}}]}}]",
          "missing: key ca.crt of Secret there (volume all)" },
        { VOLUMES, "[{'name': 'd', 'persistentVolumeClaim': {'claimName': 'gone'}}]",
          "missing: PersistentVolumeClaim gone (volume d)" },
        { VOLUMES,
          "[{'name': 'c', 'csi': {'driver': 'd', 'nodePublishSecretRef': {'name': "
          "'gone'}}}]",
          "missing: Secret gone (volume c)" },
        { "spec.template.spec.serviceAccountName", "'gone'",
          "missing: ServiceAccount gone (the pod)" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].value[0] == '\'') {
            world_new(3);
            world_change("petsets", WORLD_DB, rows[i].path, json_string("gone"));
            world_wait(2000);
        } else {
            world_refers(rows[i].path, rows[i].value);
        }
        put("secrets", "there");
        fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
        fix_error("pod.references");
        fix_error(rows[i].shown);
        fix_changes("");
        fix_end();
    }
}

static void
test_there(void **state)
{
    (void)state;
    world_refers(VOLUMES,
                 "[{'name': 'a', 'secret': {'secretName': 'there', 'items': [{'key': "
                 "'user'}]}}, {'name': 'b', 'secret': {'secretName': 'gone', 'optional': "
                 "true}}, {'name': 'c', 'configMap': {'name': 'there'}}]");
    put("secrets", "there");
    put("configmaps", "there");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check pod.references ok: 3 objects that the pods refer to exist");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_no_right(void **state)
{
    (void)state;
    world_refers(VOLUMES, "[{'name': 'a', 'secret': {'secretName': 'there'}}, {'name': "
                          "'b', 'secret': {'secretName': 'other'}}]");
    (void)world_rule((struct rule){ .what = "get secrets", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check pod.references warning: not checked whether objects of the pods "
             "exist: not allowed: get secrets");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_pull_secret(void **state)
{
    (void)state;
    world_refers("spec.template.spec.imagePullSecrets", "[{'name': 'gone'}]");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check pod.references warning: imagePullSecrets names Secret gone");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_quota_of_the_old_pod),
        cmocka_unit_test(test_not_tried), cmocka_unit_test(test_forced),
        cmocka_unit_test(test_missing),   cmocka_unit_test(test_there),
        cmocka_unit_test(test_no_right),  cmocka_unit_test(test_pull_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
