/* Whether the disruption budgets will let the members go. */
#include "base/json.h"
#include "domain/check.h"
#include "domain/pdb.h"

void
check_pdb(const struct preflight_facts *f, struct preflight_result *r)
{
    struct pdb_verdict worst = { 0 };
    const char *at = "";
    const char *name = NULL;
    json_t *pod = NULL;

    json_object_foreach (json_mutable(f->pods), name, pod) {
        struct pdb_verdict v;

        pdb_judge(f->budgets, pod, f->workload->replicas, &v);
        if (v.n > 0 && (at[0] == '\0' || v.never > worst.never)) {
            worst = v;
            at = name;
        }
    }
    if (worst.never) {
        check_say(r, CHECK_ERROR, "%s cannot be evicted: %s", at, worst.text);
        check_hint(r, "change or delete it, and run the command again");
    } else if (worst.blocked) {
        check_say(r, CHECK_WARNING, "%s", worst.text);
        check_hint(r, "the run waits before each pod until the budget allows it to go");
    } else {
        check_say(r, CHECK_OK, "%s",
                  worst.n > 0 ? worst.text : "no PodDisruptionBudget is in the way");
    }
}
