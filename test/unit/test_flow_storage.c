/* What members have their data in: nobody's pod goes whose data would go with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "double_fixture.h"

static void
test_claim_deleted(void **state)
{
    static const struct {
        const char *engine, *from, *to;
        size_t members;
    } rows[] = {
        { "mysql", "8.4.7", "8.4.8", 1 },          { "mysql", "8.4.7", "8.4.8", 3 },
        { "postgres", "15.18", "15.20", 1 },       { "postgres", "15.18", "17.9", 1 },
        { "postgres", "15.18", "15.20", 3 },       { "postgres", "15.18", "17.9", 3 },
        { "perconaxtradb", "8.0.40", "8.4.3", 3 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_new_of(rows[i].engine, rows[i].members, rows[i].from, "petsets");
        storage_delete_claim(0);
        fix_expect(flow_run_to(rows[i].to), EXIT_REFUSED);
        fix_error("PVC data-my-db-0 of my-db-0 is being deleted (since ");
        fix_error("storage.claims");
        fix_error("persistentVolumeReclaimPolicy");
        fix_changes("");
        fix_end();
    }
}

/* -- what is wrong with a claim or its volume -- */

static void
spoil_claim(const char *path, json_t *value)
{
    auto_free char *name =
        mem_strdup(json_path_str(storage_claim_of(0), "metadata.name"));

    world_change("persistentvolumeclaims", name, path, value);
}

static void
spoil_volume(const char *path, json_t *value)
{
    auto_free char *name =
        mem_strdup(json_path_str(storage_volume_of(0), "metadata.name"));

    world_change("persistentvolumes", name, path, value);
}

static void
no_claim(void)
{
    world_remove("persistentvolumeclaims", "data-my-db-0");
}

static void
claim_pending(void)
{
    spoil_claim("status.phase", json_string("Pending"));
}

static void
claim_of_pod(void)
{
    spoil_claim("metadata.ownerReferences",
                json_pack("[{s:s, s:O}]", "kind", "Pod", "uid",
                          json_path(world_pod(0), "metadata.uid")));
}

static void
no_volume(void)
{
    world_remove("persistentvolumes", "pv-data-my-db-0");
}

static void
volume_deleting(void)
{
    spoil_volume("metadata.deletionTimestamp", json_string("2026-11-18T00:00:00Z"));
}

static void
volume_of_other(void)
{
    spoil_volume("spec.claimRef.uid", json_string("uid-x"));
}

static void
volume_released(void)
{
    spoil_volume("status.phase", json_string("Released"));
}

static void
template_moves(void)
{
    json_t *set = world_edit("petsets", WORLD_DB);

    (void)json_object_del(json_object_get(set, "spec"), "volumeClaimTemplates");
    (void)json_array_append_new(json_path(set, "spec.template.spec.volumes"),
                                world_json("{'name': 'data', 'emptyDir': {}}"));
    world_put("petsets", set);
}

static void
cordon(void)
{
    world_change("nodes", WORLD_NODE, "spec.unschedulable", json_true());
}

static void
node_gone(void)
{
    world_remove("nodes", WORLD_NODE);
}

static void
other_pod(void)
{
    world_put("pods", world_json("{'metadata': {'name': 'debug'}, 'spec': {'volumes': "
                                 "[{'name': 'x', 'persistentVolumeClaim': {'claimName': "
                                 "'data-my-db-0'}}]}, 'status': {'phase': 'Running'}}"));
}

static const struct {
    void (*spoil)(void);
    const char *id, *text;
} faults[] = {
    { no_claim, "storage.claims", "PVC data-my-db-0 of my-db-0 does not exist" },
    { claim_pending, "storage.claims", "PVC data-my-db-0 of my-db-0 is Pending" },
    { claim_of_pod, "storage.claims", "is deleted together with the pod" },
    { no_volume, "storage.claims",
      "PersistentVolume pv-data-my-db-0 of PVC data-my-db-0 "
      "does not exist" },
    { volume_deleting, "storage.claims",
      "pv-data-my-db-0 of PVC data-my-db-0 is being "
      "deleted" },
    { volume_of_other, "storage.claims",
      "is bound to another PVC than data-my-db-0 (uid "
      "uid-x)" },
    { volume_released, "storage.claims", "is Released, not Bound" },
    { template_moves, "storage.claims",
      "my-db-0 has its data in PVC data-my-db-0, but its "
      "new pod would use emptyDir volume data" },
    { cordon, "storage.return",
      "could not start: node node-a is cordoned, and no other "
      "node can use its data in PersistentVolume "
      "pv-data-my-db-0" },
    { node_gone, "storage.return", "node node-a does not exist" },
    { other_pod, "storage.return",
      "PVC data-my-db-0 of my-db-0 is also mounted by pod "
      "debug" },
};

static void
test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct upgrade_request rq = { 0 };

        world_new(1);
        faults[i].spoil();
        rq = fix_request("8.4.8");
        rq.checks.force = str_eq(faults[i].id, "storage.claims");
        fix_expect(flow_run(&rq), EXIT_REFUSED);
        fix_error(faults[i].id);
        fix_error(faults[i].text);
        fix_changes("");
        fix_end();
    }
}

/* A node that is cordoned may be the user's own doing. */
static void
test_return_forced(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new(3);
    cordon();
    rq = fix_request("8.4.8");
    rq.checks.force = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("check storage.return warn");
    fix_is_at("8.4.8");
    fix_end();
}

/* Who may not read volumes and nodes is told what was not looked at. */
static void
test_rights(void **state)
{
    (void)state;
    world_new(3);
    (void)world_rule((struct rule){
        .what = "get persistentvolumes", .status = 403, .how = RULE_FAIL });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("check storage.claims ok: 3 PVCs, not checked for whether the new pod gets "
             "the same data (not allowed: get persistentvolumes)");
    fix_is_at("8.4.8");
    fix_end();
}

/* -- what goes with the pod -- */

static void
test_ephemeral(void **state)
{
    static const struct {
        const char *engine, *from, *to, *volume, *text;
        size_t members;
    } rows[] = {
        { "mysql", "8.4.7", "8.4.8", "'emptyDir': {}", "emptyDir volume data, which", 1 },
        { "mysql", "8.4.7", "8.4.8", "'emptyDir': {'medium': 'Memory'}",
          "emptyDir volume data (in memory), which", 1 },
        { "mysql", "8.4.7", "8.4.8", "'ephemeral': {'volumeClaimTemplate': {}}",
          "ephemeral volume data, which", 1 },
        { "postgres", "15.18", "15.20", "'emptyDir': {}", "emptyDir volume data", 1 },
        { "postgres", "15.18", "17.9", "'emptyDir': {}", "pg_upgrade needs them", 1 },
        { "postgres", "15.18", "17.9", "'emptyDir': {}", "pg_upgrade needs them", 3 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct upgrade_request rq = { 0 };

        world_new_with(
            rows[i].engine,
            (struct fix_size){ .members = rows[i].members, .volume = rows[i].volume },
            rows[i].from, "petsets");
        rq = fix_request(rows[i].to);
        rq.checks.force = true;
        fix_expect(flow_run(&rq), EXIT_REFUSED);
        fix_error("storage.ephemeral");
        fix_error(rows[i].text);
        fix_error("--accept-data-loss");
        fix_changes("");
        fix_end();
    }
}

static void
test_ephemeral_accepted(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    world_new_with("mysql", (struct fix_size){ .members = 1, .volume = "'emptyDir': {}" },
                   "8.4.7", "petsets");
    rq = fix_request("8.4.8");
    rq.checks.accept_data_loss = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("check storage.ephemeral warn");
    fix_is_at("8.4.8");
    fix_end();
}

static void
test_ephemeral_copies(void **state)
{
    (void)state;
    world_new_with("mysql", (struct fix_size){ .members = 3, .volume = "'emptyDir': {}" },
                   "8.4.7", "petsets");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told(
        "check storage.ephemeral warning: 3 members have their data in storage that does "
        "not outlive the pod (my-db-0: emptyDir volume data): each restart re-clones "
        "10.0 GiB from another member (my-db-0: from my-db-1 or my-db-2)");
    fix_is_at("8.4.8");
    fix_end();
}

/* -- in the midst of a run -- */

static void
delete_claim_0(void)
{
    storage_delete_claim(0);
}

static void
test_deleted_meanwhile(void **state)
{
    (void)state;
    world_new(3);
    world_deed("evict my-db-2", 500, delete_claim_0);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("PVC data-my-db-0 of my-db-0 is being deleted");
    assert_true(fix_changed("evict my-db-2"));
    assert_false(fix_changed("evict my-db-0"));
    fix_end();
}

static void
delete_claim_2(void)
{
    storage_delete_claim(2);
}

/* After the last look; and a run that comes later knows it, too. */
static void
test_replaced(void **state)
{
    (void)state;
    world_new(3);
    world_wait(60000);
    (void)world_rule(
        (struct rule){ .what = "evict my-db-2", .times = 1, .act = delete_claim_2 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("STORAGE_CHANGED");
    fix_error("PVC data-my-db-2 of my-db-2 is another one than before the restart");
    assert_false(fix_changed("evict my-db-0"));
    world_wait(20000);
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("after this upgrade had begun: its data were in a previous one");
    assert_false(fix_changed("evict my-db-0"));
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claim_deleted),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_return_forced),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_ephemeral),
        cmocka_unit_test(test_ephemeral_accepted),
        cmocka_unit_test(test_ephemeral_copies),
        cmocka_unit_test(test_deleted_meanwhile),
        cmocka_unit_test(test_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
