/* Disruption budgets, and a pod that they may select.
 * parsers: lib/kubedb/pdb.c */
#define FUZZ_JSON
#include "fuzz.h"
#include "kubedb/pdb.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_json json_t *budgets = fuzz_json(&in);
    auto_json json_t *pod = fuzz_json(&in);
    struct pdb_verdict v;
    struct pdb_verdict larger;

    pdb_judge(budgets, pod, 3, &v);
    fuzz_check(v.n <= json_array_size(budgets));
    fuzz_check(v.blocked || !v.never);
    fuzz_check(v.n > 0 || (!v.blocked && v.text[0] == '\0'));
    fuzz_check(v.n == 0 || v.text[0] != '\0');
    fuzz_check(v.n < 2 || v.never);
    fuzz_check(memchr(v.text, '\0', sizeof v.text) != NULL);
    /* A larger set allows no less. */
    pdb_judge(budgets, pod, 5, &larger);
    fuzz_check(larger.n == v.n && (v.never || !larger.never));
    return 0;
}
