/* Which pods a disruption budget selects, and when it never lets one go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "domain/pdb.h"
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
    assert_non_null(strstr(v.text, "not kept up to date: found no controllers"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
                                        cmocka_unit_test(test_not_kept) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
