/* Which pods a disruption budget selects, and when it never lets one go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "kubedb/pdb.h"
#include "testdata.h"

/* A spec and a status; does it select the pod {app: db, tier: 1}, is it never. */
static const struct {
    const char *pdb;
    bool selects, never, blocked;
} rows[] = {
    { "{'spec':{'selector':{},'maxUnavailable':1}}", true, false, true },
    { "{'spec':{'maxUnavailable':0}}", false, false, false },
    { "{'spec':{'selector':{'matchLabels':{'app':'x'}}}}", false, false, false },
    { "{'spec':{'selector':{'matchLabels':{'app':'db'}},'maxUnavailable':0}}", true, true,
      true },
    { "{'spec':{'selector':{},'maxUnavailable':'0%'}}", true, true, true },
    { "{'spec':{'selector':{},'minAvailable':'100%'}}", true, true, true },
    { "{'spec':{'selector':{},'minAvailable':3},'status':{'desiredHealthy':3,"
      "'expectedPods':3}}",
      true, true, true },
    { "{'spec':{'selector':{},'minAvailable':2},'status':{'desiredHealthy':2,"
      "'expectedPods':2}}",
      true, false, true }, /* the third pod is only away */
    { "{'spec':{'selector':{},'minAvailable':3},'status':{'desiredHealthy':3,"
      "'expectedPods':3,'observedGeneration':1},'metadata':{'generation':2}}",
      true, false, true }, /* that status is of an older rule */
    { "{'spec':{'selector':{},'minAvailable':1},'status':{'desiredHealthy':1,"
      "'expectedPods':3,'disruptionsAllowed':2}}",
      true, false, false },
    { "{'spec':{'selector':{'matchExpressions':[{'key':'app','operator':'In',"
      "'values':['db','x']},{'key':'tier','operator':'Exists'},{'key':'no',"
      "'operator':'DoesNotExist'},{'key':'no','operator':'NotIn','values':['x']}]},"
      "'maxUnavailable':0}}",
      true, true, true },
    { "{'spec':{'selector':{'matchExpressions':[{'key':'app','operator':'NotIn',"
      "'values':['db']}]}}}",
      false, false, false },
    { "{'spec':{'selector':{'matchExpressions':[{'key':'tier','operator':'DoesNotExist'}"
      "]}}}",
      false, false, false },
    { "{'spec':{'selector':{'matchExpressions':[{'key':'app','operator':'Odd'}]}}}",
      false, false, false },
};

static void
test_rows(void **state)
{
    auto_json json_t *pod =
        json_pack("{s:{s:{s:s, s:s}}}", "metadata", "labels", "app", "db", "tier", "1");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_json json_t *list = json_array();
        struct pdb_verdict v;

        (void)json_array_append_new(list, testdata_quoted(rows[i].pdb));
        pdb_judge(list, pod, 3, &v);
        if ((v.n == 1) != rows[i].selects || v.never != rows[i].never ||
            v.blocked != rows[i].blocked) {
            fail_msg("%s: %u %d %d", rows[i].pdb, v.n, v.never, v.blocked);
        }
        assert_int_equal(v.text[0] != '\0', rows[i].selects);
    }
}

static void
test_not_kept(void **state)
{
    auto_json json_t *list = testdata_quoted(
        "[{'metadata':{'name':'p'},'spec':{'selector':{},'maxUnavailable':1},'status':"
        "{'conditions':[{'type':'DisruptionAllowed','status':'False','reason':"
        "'SyncFailed','message':'found no controllers'}]}}]");
    auto_json json_t *pod = json_object();
    struct pdb_verdict v;

    (void)state;
    pdb_judge(list, pod, 3, &v);
    assert_false(v.never);
    assert_true(v.blocked);
    assert_non_null(strstr(v.text, "not up to date: found no controllers"));
}

/* What is said, of the rule and of the numbers. */
static void
test_text(void **state)
{
#define BUDGET(spec, status) \
    "[{'metadata':{'name':'p'},'spec':{'selector':{}" spec "},'status':{" status "}}]"
    static const struct {
        const char *budgets, *text;
    } said[] = {
        { "[]", "" },
        { BUDGET("", ""), "PodDisruptionBudget p (minAvailable 1) allows 0 disruptions "
                          "now: 0 of 0 pods healthy, 0 required" },
        { BUDGET(",'maxUnavailable':2", "'disruptionsAllowed':1,'currentHealthy':3,"
                                        "'expectedPods':4,'desiredHealthy':2"),
          "PodDisruptionBudget p (maxUnavailable 2) allows 1 disruption now: 3 of 4 pods "
          "healthy, 2 required" },
        { BUDGET(",'minAvailable':'50%'", "'disruptionsAllowed':2"),
          "PodDisruptionBudget p (minAvailable 50%) allows 2 disruptions now: 0 of 0 "
          "pods healthy, 0 required" },
        { BUDGET(",'maxUnavailable':0", ""),
          "PodDisruptionBudget p (maxUnavailable 0) never allows an eviction" },
        { "[{'metadata':{'name':'p'},'spec':{'selector':{}}},{'metadata':{'name':'q'},"
          "'spec':{'selector':{}}},{'metadata':{'name':'r'},'spec':{}}]",
          "2 PodDisruptionBudgets select the pod (p, q), and the API server does not "
          "evict such a pod" },
    };
    auto_json json_t *pod = json_object();

    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        auto_json json_t *list = testdata_quoted(said[i].budgets);
        struct pdb_verdict v;

        pdb_judge(list, pod, 3, &v);
        assert_string_equal(v.text, said[i].text);
    }
}

/* By the numbers of the status: all pods that there can be must be healthy. */
static void
test_never(void **state)
{
    static const struct {
        long long desired, expected, seen, replicas;
        bool never;
    } cases[] = { { 3, 3, 1, 3, true },  { 2, 3, 1, 3, false }, { 3, 2, 1, 3, true },
                  { 2, 2, 1, 3, false }, { 4, 4, 1, 3, true },  { 3, 4, 1, 3, false },
                  { 3, 3, 0, 3, false }, { 9, 3, 1, 3, true } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_json json_t *list = json_pack(
            "[{s:{s:i}, s:{s:{}}, s:{s:I, s:I, s:I, s:i}}]", "metadata", "generation", 1,
            "spec", "selector", "status", "desiredHealthy", (json_int_t)cases[i].desired,
            "expectedPods", (json_int_t)cases[i].expected, "observedGeneration",
            (json_int_t)cases[i].seen, "disruptionsAllowed", 1);
        auto_json json_t *pod = json_object();
        struct pdb_verdict v;

        pdb_judge(list, pod, cases[i].replicas, &v);
        assert_int_equal(v.never, cases[i].never);
        assert_int_equal(v.blocked, cases[i].never);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
                                        cmocka_unit_test(test_not_kept),
                                        cmocka_unit_test(test_text),
                                        cmocka_unit_test(test_never) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
