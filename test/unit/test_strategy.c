/* What preflight says of an upgrade by a new set, and of the way back from one. */
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
#include "engine/new_set.h"
#include "kubedb/check_registry.h"
#include "kubedb/checks.h"
#include "testdata.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

enum { DONORS_MAX = 2 };

/* Facts, of a group that goes from 8.0.40 to another version, and what a row says of
 * them. */
struct strategy_case {
    const char *id, *want; /* NULL: nothing */
    const char *topology;  /* NULL: a group */
    const char *to;        /* NULL: 8.4.8 */
    const char *name;      /* of the new set; NULL: my-db-1 */
    long long wanted;      /* the database's replicas; 0: as many as the set's */
    long long replicas;    /* the set's; 0: 3 */
    size_t n_donors;
    struct new_set_donor donors[DONORS_MAX];
    const char *set, *quotas;
    long long bytes;
    bool in_place, back, old_gone;
    size_t serving, silent;
    const char *hint; /* its beginning; NULL: whatever it is */
};

#define GIVES(copies_, complete_)                                                      \
    {                                                                                  \
        .answered = true, .copies = copies_, .complete = complete_, .version = "8.4.8" \
    }
#define CLAIMS                                                                           \
    "'spec':{'volumeClaimTemplates':[{'spec':{'resources':{'requests':{'storage':'1Gi'}" \
    "}}},{}]}"
#define QUOTA(resource, used, hard)                                    \
    "[{'metadata':{'name':'q'},'status':{'hard':{'" resource "':" hard \
    "},'used':{'" resource "':" used "}}}]"
#define NO_ROOM(used, hard, resource)                           \
    "error! ResourceQuota q has " used " of " hard " " resource \
    " in use: no room for the new members"
#define ROOM                                                                        \
    "ok 3 additional pods with 6 PVCs of 3.0 GiB in total, until the old ones are " \
    "deleted"
#define N52 "my-db-78901234567890123456789012345678901234567890-1"

static const struct strategy_case cases[] = {
    /* -- who may have one -- */
    { "strategy.topology",
      "ok the members of my-db-1 join the group, and the old members leave" },
    { "strategy.topology",
      "error standalone: no group that members of a replacement set could join",
      .hint = "use --strategy in-place, which is the default", .topology = "" },
    { "strategy.topology",
      "error InnoDB cluster: no group that members of a replacement set could join",
      .topology = "InnoDBCluster" },
    { "strategy.topology",
      "error Ring: no group that members of a replacement set could join",
      .topology = "Ring" },
    /* -- how many, and how they are called -- */
    { "strategy.members", "ok 3 old and 3 new members, limit 9" },
    { "strategy.members", "ok 4 old and 4 new members, limit 9", .replicas = 4 },
    { "strategy.members", "error 5 old and 5 new members are 10; a group is limited to 9",
      .replicas = 5,
      .hint = "use --strategy in-place, which needs no additional members" },
    { "strategy.members", "ok 2 old and 2 new members, limit 9", .replicas = 5,
      .wanted = 2 },
    { "strategy.members", NULL, .replicas = 5, .topology = "" },
    { "strategy.members", "ok 3 old and 3 new members, limit 9", .name = N52 },
    { "strategy.members",
      "error the name x" N52 " of the replacement set is too long: labels of its pods "
      "are limited to 63 characters, and end with a number of 10",
      .name = "x" N52 },
    /* -- where their data come from -- */
    { "strategy.data",
      "ok each new member is cloned from another, or replays the binary logs, 1.0 KiB",
      .n_donors = 1, .donors = { GIVES(true, true) }, .bytes = 1024 },
    { "strategy.data", "ok each new member is cloned from another, 0 B", .n_donors = 2,
      .donors = { GIVES(false, false), GIVES(true, false) } },
    { "strategy.data",
      "ok each new member replays the binary logs, which are complete, of unknown size",
      .n_donors = 2, .donors = { GIVES(false, true), GIVES(false, false) }, .bytes = -1 },
    { "strategy.data", "error the new members cannot get the data: no member reports "
                       "which data it can provide" },
    { "strategy.data",
      "error the new members cannot get the data: no member reports which data it can "
      "provide",
      .n_donors = 1 },
    { "strategy.data",
      "error the new members cannot get the data: the clone plugin is not active, and "
      "the first binary logs of all 2 members are purged",
      .n_donors = 2, .donors = { GIVES(false, false), GIVES(false, false) },
      .hint = "use --strategy in-place: each member keeps its own data" },
    { "strategy.data",
      "error the new members cannot get the data: 8.4.8 is not copied to 8.0.40, and the "
      "first binary logs of all 1 members are purged",
      .n_donors = 1, .donors = { GIVES(true, false) }, .to = "8.0.40" },
    { "strategy.data", NULL, .topology = "" },
    /* -- room -- */
    { "strategy.storage", ROOM " (quotas may not be read)" },
    { "strategy.storage", ROOM, .quotas = "[]" },
    { "strategy.storage", ROOM, .quotas = QUOTA("pods", "'7'", "'10'") },
    { "strategy.storage", NO_ROOM("8", "10", "pods"),
      .quotas = QUOTA("pods", "'8'", "'10'"),
      .hint = "raise it, or use --strategy in-place" },
    { "strategy.storage", ROOM, .quotas = QUOTA("pods", "8", "'10'") },
    { "strategy.storage", ROOM, .quotas = QUOTA("pods", "'8'", "10") },
    { "strategy.storage", ROOM, .quotas = QUOTA("pods", "'8'", "'x'") },
    { "strategy.storage", ROOM, .quotas = QUOTA("pods", "'x'", "'10'") },
    { "strategy.storage", ROOM, .quotas = QUOTA("cpu", "'8'", "'8'") },
    { "strategy.storage", ROOM,
      .quotas = QUOTA("persistentvolumeclaims", "'4'", "'10'") },
    { "strategy.storage", NO_ROOM("5", "10", "persistentvolumeclaims"),
      .quotas = QUOTA("persistentvolumeclaims", "'5'", "'10'") },
    { "strategy.storage", ROOM, .quotas = QUOTA("requests.storage", "'1Gi'", "'4Gi'") },
    { "strategy.storage", NO_ROOM("2Gi", "4Gi", "requests.storage"),
      .quotas = QUOTA("requests.storage", "'2Gi'", "'4Gi'") },
    { "strategy.storage",
      "error! my-db deletes PVCs (persistentVolumeClaimRetentionPolicy.whenScaled): the "
      "old members' data would be lost, and a rollback would be impossible",
      .set =
          "{'spec':{'persistentVolumeClaimRetentionPolicy':{'whenScaled':'Delete'}}}" },
    { "strategy.storage",
      "error! my-db deletes PVCs (persistentVolumeClaimRetentionPolicy.whenDeleted): the "
      "old members' data would be lost, and a rollback would be impossible",
      .set =
          "{'spec':{'persistentVolumeClaimRetentionPolicy':{'whenDeleted':'Delete'}}}" },
    { "strategy.storage",
      "ok 3 additional pods with 0 PVCs of 0 B in total, until the old ones are deleted "
      "(quotas may not be read)",
      .set =
          "{'spec':{'persistentVolumeClaimRetentionPolicy':{'whenScaled':'Retain'}}}" },
    { "strategy.storage", NULL, .topology = "" },
    { "strategy.operator", NULL, .topology = "" },
    { "strategy.operator",
      "warning only KubeDB's releases of 2021 are known to accept a workload called "
      "my-db-1; the source of later releases is not public",
      .hint = "try it on a copy of the database first" },
    /* -- without one -- */
    { "strategy.in_place",
      "ok in place: each member restarts on its own data, without additional space or "
      "copies; --strategy new-set leaves the old data unchanged",
      .in_place = true },
    { "strategy.in_place", NULL, .in_place = true, .to = "8.0.99" },
    { "strategy.in_place", NULL, .in_place = true, .topology = "" },
    { "strategy.in_place", NULL },
    { "strategy.topology", NULL, .in_place = true },
    /* -- the way back -- */
    { "return.members",
      "ok 1 members of my-db are in the group: all members will be restored",
      .back = true, .serving = 1 },
    { "return.members",
      "error workload my-db was deleted: there is nothing to roll back to", .back = true,
      .serving = 1, .old_gone = true,
      .hint = "finish it:  kubectl dbupgrade resume mysql my-db" },
    { "return.members",
      "error no member of my-db answers: it is unknown whether a rollback is possible",
      .back = true, .silent = 1,
      .hint = "try again, or inspect them:  kubectl get pods" },
    { "return.members",
      "ok 1 members of my-db are in the group: all members will be restored",
      .back = true, .serving = 1, .silent = 1 },
    { "return.members",
      "error the last member of the old version has left: a server of 8.0.40 cannot join "
      "a group of 8.4.8",
      .back = true, .hint = "finish it:  kubectl dbupgrade resume mysql my-db" },
    { "return.members",
      "ok 0 members of my-db are in the group: all members will be restored",
      .back = true, .to = "8.0.40" },
};

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

static char *
say(const struct preflight_result *r)
{
    static const char *const severities[] = { "ok", "warning", "error" };

    return r == NULL
               ? NULL
               : mem_printf("%s%s %s", severities[r->severity],
                            check_is_forceable(r->id) && r->severity == CHECK_ERROR ? "!"
                                                                                    : "",
                            r->text);
}

static json_t *
version_object(const char *version)
{
    return json_pack("{s:{s:s}, s:{s:s}}", "metadata", "name", version, "spec", "version",
                     version);
}

static void
judge(const struct strategy_case *c)
{
    const struct engine *en = engine_find("mysql");
    const char *topology = c->topology != NULL ? c->topology : "GroupReplication";
    long long replicas = c->replicas > 0 ? c->replicas : 3;
    auto_json json_t *from = version_object("8.0.40");
    auto_json json_t *to = version_object(c->to != NULL ? c->to : "8.4.8");
    auto_json json_t *set = testdata_quoted(c->set != NULL ? c->set : "{" CLAIMS "}");
    auto_json json_t *quotas = c->quotas != NULL ? testdata_quoted(c->quotas) : NULL;
    const struct database db = { .name = "my-db",
                                 .version = "8.0.40",
                                 .phase = "Ready",
                                 .topology_value = topology,
                                 .mode = engine_find_mode(en, topology, "", replicas),
                                 .replicas = c->wanted };
    const struct workload workload = { .kind = "PetSet",
                                       .name = "my-db",
                                       .strategy = "OnDelete",
                                       .update_revision = "",
                                       .replicas = replicas };
    const struct image_changes images = { 0 };
    const struct preflight_new_set new_set = { .set =
                                                   c->name != NULL ? c->name : "my-db-1",
                                               .old = "my-db",
                                               .old_gone = c->old_gone,
                                               .old_serving = c->serving,
                                               .old_silent = c->silent,
                                               .donors = c->donors,
                                               .n_donors = c->n_donors,
                                               .bytes = c->bytes,
                                               .quotas = quotas };
    const struct preflight_facts f = {
        .engine = en,
        .db = &db,
        .flags = "",
        .version.wanted = "t",
        .version.from = from,
        .version.to = to,
        .set.object = set,
        .set.workload = &workload,
        .set.images = &images,
        .course.back = c->back,
        .new_set = c->in_place ? NULL : &new_set,
    };
    struct preflight_result r[PREFLIGHT_MAX];
    const struct preflight_result *at =
        find(r, preflight_run(&f, r, PREFLIGHT_MAX), c->id);
    auto_free char *is = say(at);

    if (is == NULL ? c->want != NULL : !str_eq(is, c->want)) {
        fail_msg("%s is  %s\nbut should be  %s", c->id, is != NULL ? is : "not there",
                 c->want != NULL ? c->want : "not there");
    }
    assert_true(c->hint == NULL || str_starts(at->hint, c->hint));
}

static void
test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("# row %zu\n", i);
        judge(&cases[i]);
    }
}

/* -- the way back of members that were restarted -- */

#define POD(image, state)                                                                \
    "{'my-db-0':{'spec':{'containers':[{'name':'mysql','image':'" image "'}]},'status':" \
    "{'containerStatuses':[{'name':'mysql','state':{" state "}}]}}}"
#define RAN "'running':{}"
#define ANEW                                                                          \
    "or re-clone that member from one that runs the old version: delete its PVC and " \
    "pod my-db-0"
#define BACKUP "or restore a backup into a new database of the old version"

static const struct {
    const char *pods;
    long long replicas;
    const char *answered; /* with which version; NULL: it does not */
    const char *text, *hint;
} rolled[] = {
    { POD("new", RAN), 3, NULL,
      "my-db-0 ran 8.4.8: a server of 8.0.40 can no longer open its data", ANEW },
    { POD("new", RAN), 2, NULL,
      "my-db-0 ran 8.4.8: a server of 8.0.40 can no longer open its data", ANEW },
    { POD("new", RAN), 1, NULL,
      "my-db-0 ran 8.4.8: a server of 8.0.40 can no longer open its data", BACKUP },
    { POD("new", RAN), 3, "8.1.0",
      "my-db-0 ran 8.1.0: a server of 8.0.40 can no longer open its data", ANEW },
    { POD("new", RAN), 3, "8.0.40", "1 of 3 members to be rolled back to 8.0.40", "" },
    { POD("new", "'waiting':{}"), 3, NULL, "1 of 3 members to be rolled back to 8.0.40",
      "" },
    { POD("old", RAN), 3, NULL, "0 of 3 members to be rolled back to 8.0.40", "" },
    { "{}", 3, NULL, "0 of 3 members to be rolled back to 8.0.40", "" },
};

static void
test_rolled(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rolled); i++) {
        auto_json json_t *from = version_object("8.0.40");
        auto_json json_t *to = version_object("8.4.8");
        auto_json json_t *pods = testdata_quoted(rolled[i].pods);
        auto_json json_t *change =
            testdata_quoted("[{'container':'mysql','from':'old','to':'new'}]");
        const struct database db = { .name = "my-db",
                                     .version = "8.0.40",
                                     .phase = "Ready" };
        const struct workload workload = { .name = "my-db",
                                           .strategy = "",
                                           .update_revision = "",
                                           .replicas = rolled[i].replicas };
        struct image_changes images = { 0 };
        struct member_report member = { .state = "ONLINE" };
        const struct preflight_member seen = { .pod = "my-db-0",
                                               .answered = rolled[i].answered != NULL,
                                               .member = &member };
        const struct preflight_facts f = {
            .engine = engine_find("mysql"),
            .db = &db,
            .flags = "",
            .version.wanted = "t",
            .version.from = from,
            .version.to = to,
            .set.workload = &workload,
            .set.images = &images,
            .pods = pods,
            .members = &seen,
            .n_members = 1,
            .course.back = true,
        };
        struct preflight_result r[PREFLIGHT_MAX];
        struct err e = { 0 };
        size_t n = 0;
        size_t at = 0;

        print_message("# row %zu\n", i);
        str_copy(member.version, sizeof member.version,
                 rolled[i].answered != NULL ? rolled[i].answered : "");
        assert_int_equal(image_changes_from_json(change, &images, &e), 0);
        n = preflight_run(&f, r, PREFLIGHT_MAX);
        while (at < n && !str_eq(r[at].id, "return.members")) {
            at++;
        }
        assert_true(at < n);
        assert_string_equal(r[at].text, rolled[i].text);
        assert_int_equal(r[at].severity,
                         *rolled[i].hint != '\0' ? CHECK_ERROR : CHECK_OK);
        assert_true(str_ends(r[at].hint, rolled[i].hint));
        image_changes_free(&images);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_rolled),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("strategy", tests, NULL, NULL);
}
