/* Whether the disruption budgets will let the members go. */
#include "base/json.h"
#include "base/str.h"
#include "kubedb/check.h"
#include "kubedb/pdb.h"

void
check_pdb(const struct preflight_facts *f, struct preflight_result *r)
{
    struct pdb_verdict worst = { 0 };
    char at[256] = "";
    struct check_pod pod = { 0 };

    while (check_next_pod(f, &pod)) {
        const json_t *object = json_object_get(f->pods, pod.name);
        struct pdb_verdict v = { 0 };

        if (object != NULL) {
            pdb_judge(f->budgets, object, pod.workload->replicas, &v);
        }
        if (v.n > 0 && (at[0] == '\0' || v.never > worst.never ||
                        (v.never == worst.never && v.blocked > worst.blocked))) {
            worst = v;
            str_copy(at, sizeof at, pod.name);
        }
    }
    if (worst.never) {
        check_say(r, CHECK_ERROR, "%s cannot be evicted: %s", at, worst.text);
        check_hint(r, "change or delete it, and run the command again");
    } else if (worst.blocked) {
        check_say(r, CHECK_WARNING, "%s", worst.text);
        check_hint(r,
                   "the run waits before each pod until the budget allows its eviction");
    } else {
        check_say(r, CHECK_OK, "%s",
                  worst.n > 0 ? worst.text : "no PodDisruptionBudget blocks an eviction");
    }
}
