/* What preflight says of the sets of a database: its members', and those beside. */
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
#include "kubedb/checks.h"
#include "testdata.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

enum { SETS_MAX = 2 };

/* A Postgres of 2 members, which are of the set pg, and other sets. */
struct sets_case {
    const char *id, *want; /* NULL: nothing */
    const char *object;    /* the database's; NULL: it has no read replicas */
    long long wanted;      /* how many members it should have */
    size_t n;
    struct {
        const char *name, *front, *strategy, *revision;
        bool made;
        long long replicas;
    } sets[SETS_MAX];
    const char *pods;
    const char *trouble; /* of the set */
    bool resuming, by_new_set, gone;
};

#define GROUPS "{'spec':{'readReplicas':[{'name':'rr'}]}}"
#define FOLLOWS                              \
    {                                        \
        "rr", NULL, "OnDelete", "", false, 1 \
    }
#define MADE                                 \
    {                                        \
        "new", NULL, "OnDelete", "", true, 2 \
    }
#define FRONT                                        \
    {                                                \
        "router", "router", "OnDelete", "", false, 2 \
    }
#define READY(name, uid, revision)                          \
    "'" name "':{'metadata':{'name':'" name "','uid':'" uid \
    "','labels':{'controller-revision-hash':'" revision     \
    "'}},'status':{'conditions':[{'type':'Ready','status':'True'}]}}"
#define BOTH READY("pg-0", "u", "r1") "," READY("pg-1", "v", "r2")

static const struct sets_case cases[] = {
    { "workload.found", "ok PetSet pg, 2 replicas" },
    { "workload.found", "ok PetSet pg, 2 replicas", .wanted = -1 },
    { "workload.found", "error PetSet pg has 2 replicas, Postgres pg wants 3",
      .wanted = 3 },
    { "workload.found", "error PetSet pg has 2 replicas, Postgres pg wants 0",
      .wanted = 99 },
    { "workload.found", "error PetSet pg has 2 replicas, Postgres pg wants 3",
      .wanted = 3, .resuming = true },
    { "workload.found", "error PetSet pg has 2 replicas, Postgres pg wants 3",
      .wanted = 3, .by_new_set = true },
    { "workload.found", "ok PetSet pg, 2 replicas", .wanted = 3, .by_new_set = true,
      .resuming = true },
    { "workload.found", "error no PetSet or StatefulSet found", .gone = true },
    { "workload.found", "error why", .gone = true, .trouble = "why" },
    { "workload.found", "ok PetSet pg, 2 replicas; following: rr, 1", .object = GROUPS,
      .n = 1, .sets = { FOLLOWS } },
    { "workload.found", "ok PetSet pg, 2 replicas; new: new, 2", .n = 1,
      .sets = { MADE } },
    { "workload.found", "ok PetSet pg, 2 replicas; following: rr, 1; routers: router, 2",
      .object = GROUPS, .n = 2, .sets = { FOLLOWS, FRONT } },
    { "workload.found", "error spec.readReplicas has 1 groups, but 0 workloads",
      .object = GROUPS },
    { "workload.found", "error spec.readReplicas has 0 groups, but 1 workloads", .n = 1,
      .sets = { FOLLOWS } },
    { "workload.found", "error spec.readReplicas has 1 groups, but 0 workloads",
      .object = GROUPS, .n = 2, .sets = { MADE, FRONT } },
    /* -- images -- */
    { "workload.images", "ok 1 of 2 change; postgres: new" },
    { "workload.images", "ok 2 of 4 change; postgres: new", .n = 1, .sets = { FOLLOWS } },
    { "workload.images", "error why", .trouble = "why" },
    /* -- strategies -- */
    { "workload.strategy", NULL },
    { "workload.strategy", NULL, .n = 1, .sets = { FOLLOWS } },
    { "workload.strategy",
      "warning the update strategy of PetSet rr is RollingUpdate: it will be set to "
      "OnDelete",
      .n = 1, .sets = { { "rr", NULL, "RollingUpdate", "", false, 1 } } },
    { "workload.strategy",
      "warning the update strategy of PetSet rr is not set: it will be set to OnDelete",
      .n = 1, .sets = { { "rr", NULL, "", "", false, 1 } } },
    /* -- pods -- */
    { "health.pods", "error pg-0 does not exist", .pods = "{}" },
    { "health.pods", "error pg-1 does not exist",
      .pods = "{" READY("pg-0", "u", "r1") "}" },
    { "health.pods", "error pg-0: a pod has no metadata.uid",
      .pods = "{" READY("pg-0", "", "r1") "}" },
    { "health.pods", "error pg-0 is being deleted",
      .pods = "{'pg-0':{'metadata':{'name':'pg-0','uid':'u','deletionTimestamp':'x'}}}" },
    { "health.pods", "error pg-0: not ready 0/0",
      .pods = "{'pg-0':{'metadata':{'name':'pg-0','uid':'u'}}}" },
    { "health.pods", "ok 2/2 ready, 1 with an older revision", .pods = "{" BOTH "}" },
    { "health.pods", "error rr-0 does not exist", .pods = "{" BOTH "}", .n = 1,
      .sets = { FOLLOWS } },
    { "health.pods", "ok 3/3 ready, 1 with an older revision",
      .pods = "{" BOTH "," READY("rr-0", "w", "x") "}", .n = 1, .sets = { FOLLOWS } },
    { "health.pods", "ok 3/3 ready, 2 with an older revision",
      .pods = "{" BOTH "," READY("rr-0", "w", "x") "}", .n = 1,
      .sets = { { "rr", NULL, "OnDelete", "y", false, 1 } } },
    { "health.pods", "ok 3/3 ready, 1 with an older revision",
      .pods = "{" BOTH "," READY("rr-0", "w", "x") "}", .n = 2,
      .sets = { FOLLOWS, FRONT } },
};

static const struct preflight_result *
run(const struct preflight_facts *f, struct preflight_result *r, const char *id)
{
    size_t n = preflight_run(f, r, PREFLIGHT_MAX);

    for (size_t i = 0; i < n; i++) {
        if (str_eq(r[i].id, id)) {
            return &r[i];
        }
    }
    return NULL;
}

static void
take_sets(const struct sets_case *c, const struct image_changes *images,
          struct preflight_facts *f)
{
    f->n_followers = c->n;
    for (size_t i = 0; i < c->n; i++) {
        f->followers[i] = (struct preflight_set){
            .workload = { .kind = "PetSet",
                          .name = c->sets[i].name,
                          .strategy = c->sets[i].strategy,
                          .update_revision = c->sets[i].revision,
                          .replicas = c->sets[i].replicas },
            .images = images,
            .made = c->sets[i].made,
            .front = c->sets[i].front,
        };
    }
}

static void
judge(const struct sets_case *c)
{
    static const char *const severities[] = { "ok", "warning", "error" };
    auto_json json_t *object = testdata_quoted(c->object != NULL ? c->object : "{}");
    auto_json json_t *version = testdata_quoted("{'spec':{'version':'17.9'}}");
    auto_json json_t *pods = testdata_quoted(c->pods != NULL ? c->pods : "{}");
    auto_json json_t *changes =
        testdata_quoted("[{'container':'postgres','from':'old','to':'new'},"
                        "{'container':'exporter','from':'same','to':'same'}]");
    const struct database db = { .name = "pg",
                                 .version = "x",
                                 .phase = "Ready",
                                 .topology_value = "",
                                 .replicas = c->wanted == 99  ? 0
                                             : c->wanted == 0 ? 2
                                                              : c->wanted };
    const struct workload set = { .kind = "PetSet",
                                  .name = "pg",
                                  .strategy = "OnDelete",
                                  .update_revision = "r2",
                                  .replicas = 2 };
    const struct preflight_new_set new_set = { .set = "pg-1", .old = "pg" };
    struct image_changes images = { 0 };
    struct preflight_facts f = { .engine = engine_find("postgres"),
                                 .object = object,
                                 .db = &db,
                                 .flags = "",
                                 .version.wanted = "t",
                                 .version.from = version,
                                 .version.to = version,
                                 .set.trouble = c->trouble,
                                 .set.workload = c->gone ? NULL : &set,
                                 .set.images = &images,
                                 .pods = pods,
                                 .course.resuming = c->resuming,
                                 .new_set = c->by_new_set ? &new_set : NULL };
    struct preflight_result r[PREFLIGHT_MAX];
    const struct preflight_result *at = NULL;
    auto_free char *is = NULL;
    struct err e = { 0 };

    assert_int_equal(image_changes_from_json(changes, &images, &e), 0);
    take_sets(c, &images, &f);
    at = run(&f, r, c->id);
    is = at != NULL ? mem_printf("%s %s", severities[at->severity], at->text) : NULL;
    image_changes_free(&images);
    if (is == NULL ? c->want != NULL : !str_eq(is, c->want)) {
        fail_msg("%s is  %s\nbut should be  %s", c->id, is != NULL ? is : "not there",
                 c->want != NULL ? c->want : "not there");
    }
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

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sets", tests, NULL, NULL);
}
