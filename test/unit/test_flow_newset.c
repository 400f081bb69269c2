/* Upgrades of a MySQL group by a new set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_newset_runs.h"

#define JOIN                                                                   \
    "create leases\npause\ncreate petsets\nscale my-db-1 1\nscale my-db-1 2\n" \
    "scale my-db-1 3\n"

static void
test_same_version(void **state)
{
    (void)state;
    world_new_set();
    world.strict = true;
    fix_expect(run_new_set("8.4.7-v2"), EXIT_OK);
    fix_changes(JOIN "set-as-primary my-db-1\nscale my-db 2\nscale my-db 1\nscale my-db "
                     "0\ndelete petsets\nversion\nresume\ndelete leases\n");
    fix_told("pod my-db-1-0 starting: its workload creates it");
    fix_told("role my-db-1-0 primary\nrole my-db-1 secondary\npod my-db-1 waiting");
    fix_is_at("8.4.7-v2");
    fix_end();
}

static void
test_higher_version(void **state)
{
    (void)state;
    world_new_set();
    world.strict = true;
    fix_expect(run_new_set("8.4.8"), EXIT_OK);
    fix_changes(JOIN "set-as-primary my-db-1\nscale my-db 2\nscale my-db 1\nleave-group "
                     "my-db-0\nscale my-db 0\ndelete petsets\nversion\nresume\ndelete "
                     "leases\n");
    fix_is_at("8.4.8");
    fix_end();
}

/* A run that dies at a call, and the abort of what it left. */
static void
abort_at(const char *to, const char *what)
{
    world_new_set();
    world.strict = true;
    (void)world_rule((struct rule){ .what = what, .how = RULE_DIE_AFTER });
    fix_expect(run_new_set(to), EXIT_INTERRUPTED);
    torture_revive();
    buf_reset(&world.log);
    fix_expect(run_abort(), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    assert_null(world_find("petsets", WORLD_MADE));
    assert_null(world_find("persistentvolumeclaims", "data-my-db-1-0"));
    assert_non_null(world_find("persistentvolumeclaims", "data-my-db-0"));
    assert_int_equal(json_path_int(world_set(), "spec.replicas", 0), 3);
}

static void
test_abort_joined(void **state)
{
    (void)state;
    abort_at("8.4.7-v2", "scale my-db-1 2");
    abort_at("8.4.8", "scale my-db-1 3");
    fix_end();
}

static void
test_abort_made(void **state)
{
    (void)state;
    abort_at("8.4.8", "create petsets");
    fix_end();
}

/* Old members join again, and lead again. */
static void
test_abort_retired(void **state)
{
    (void)state;
    abort_at("8.4.7-v2", "scale my-db 0");
    fix_changes("replace leases\nscale my-db 1\nscale my-db 2\nscale my-db 3\n"
                "set-as-primary my-db-1-0\nscale my-db-1 2\nscale my-db-1 1\n"
                "scale my-db-1 0\n"
                "delete persistentvolumeclaims\ndelete persistentvolumeclaims\n"
                "delete persistentvolumeclaims\ndelete petsets\nresume\n"
                "delete leases\n");
    abort_at("8.4.8", "scale my-db 1");
    fix_end();
}

/* Clients read the old data until somebody deletes them. */
static void
test_claims_stay(void **state)
{
    (void)state;
    world_new_set();
    fix_expect(run_new_set("8.4.8"), EXIT_OK);
    fix_told("the data of 8.4.7 are kept; when they are no longer needed:  kubectl "
             "delete pvc -n demo data-my-db-0 data-my-db-1 data-my-db-2");
    assert_int_equal(json_object_size(world_all("persistentvolumeclaims")), 6);
    fix_end();
}

static void
test_delete_old_data(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new_set();
    rq.strategy = "new-set";
    rq.major.delete_old_data = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_not_told("are kept; when");
    assert_int_equal(json_object_size(world_all("persistentvolumeclaims")), 3);
    assert_non_null(world_find("persistentvolumeclaims", "data-my-db-1-2"));
    fix_end();
}

/* What was begun in place has no other set whose data could be old. */
static void
test_delete_old_data_in_place(void **state)
{
    struct upgrade_request rq = fix_request(NULL);

    (void)state;
    world_new_set();
    (void)world_rule((struct rule){ .what = "evict my-db-0", .how = RULE_DIE_AFTER });
    fix_expect(flow_run_to("8.4.8"), EXIT_INTERRUPTED);
    torture_revive();
    buf_reset(&world.log);
    rq.major.delete_old_data = true;
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("the upgrade of mysql/my-db in progress is in place: it leaves no old data "
              "to delete");
    fix_error("OTHER_STRATEGY");
    fix_changes("");
    rq.major.delete_old_data = false;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* The copy: another name, other images, the same labels, owner and everything else. */
static void
test_copy(void **state)
{
    const json_t *set = NULL;
    const json_t *env = NULL;

    (void)state;
    world_new_set();
    world_change("petsets", WORLD_DB, "metadata.annotations",
                 world_json("{'kubectl.kubernetes.io/last-applied-configuration': '{}', "
                            "'a': 'b'}"));
    fix_expect(run_new_set("8.4.8"), EXIT_OK);
    set = world_find("petsets", WORLD_MADE);
    env = json_path(json_array_find(json_path(set, "spec.template.spec.containers"),
                                    "name", "mysql", NULL),
                    "env");
    assert_string_equal(json_path_str(json_array_get(env, 0), "value"), WORLD_MADE);
    assert_string_equal(json_path_str(json_array_get(env, 1), "value"), WORLD_DB);
    assert_string_equal(world_server_image(json_path(set, "spec.template.spec")),
                        "r.example/mysql:8.4.8");
    assert_string_equal(json_path_str(set, "metadata.annotations.a"), "b");
    assert_null(json_object_get(json_path(set, "metadata.annotations"),
                                "kubectl.kubernetes.io/last-applied-configuration"));
    fix_end();
}

static void
test_handover_refused(void **state)
{
    (void)state;
    world_new_set();
    world.refuse_handover = true;
    fix_expect(run_new_set("8.4.7-v2"), EXIT_OK);
    fix_told("was refused");
    fix_is_at("8.4.7-v2");
    fix_end();
}

static void
test_dry_run(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new_set();
    rq.strategy = "new-set";
    rq.dry_run = DRY_RUN_SERVER;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("create the replacement set PetSet/my-db-1, with no members yet");
    fix_told("start my-db-1-2   joins the group");
    fix_told(
        "retire my-db-0   leaves the group; the primary stops writing and leaves the "
        "group first");
    fix_told("retire my-db-1   leaves the group [-] undo scale the old set up LINE");
    fix_changes("");
    fix_end();
}

/* A group whose members are all primaries: those that go leave it first. */
static void
test_multi_primary(void **state)
{
    (void)state;
    world_new_with("mysql",
                   (struct fix_size){ .members = 3,
                                      .renamed = true,
                                      .topology = "{'mode': 'GroupReplication', 'group': "
                                                  "{'mode': 'Multi-Primary'}}" },
                   "8.4.7", "petsets");
    fix_expect(run_new_set("8.4.8"), EXIT_OK);
    fix_changes(JOIN "leave my-db-2\nscale my-db 2\nleave my-db-1\nscale my-db 1\nleave "
                     "my-db-0\nscale my-db 0\ndelete petsets\nversion\nresume\ndelete "
                     "leases\n");
    fix_is_at("8.4.8");
    fix_end();
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_version),
        cmocka_unit_test(test_higher_version),
        cmocka_unit_test(test_abort_made),
        cmocka_unit_test(test_abort_joined),
        cmocka_unit_test(test_abort_retired),
        cmocka_unit_test(test_claims_stay),
        cmocka_unit_test(test_delete_old_data),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_handover_refused),
        cmocka_unit_test(test_dry_run),
        cmocka_unit_test(test_multi_primary),
        cmocka_unit_test(test_delete_old_data_in_place),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("flow_newset", tests, NULL, NULL);
}
