#ifndef KUBEDB_PDB_H
#define KUBEDB_PDB_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Disruption budgets (policy/v1): whether a pod may be evicted, and whether waiting
 * helps where it may not. Pure. Their rules are those of Kubernetes'
 * pkg/controller/disruption/disruption.go (status) and
 * pkg/registry/core/pod/storage/eviction.go (more than one budget is an error).
 */
struct pdb_verdict {
    unsigned n;     /* budgets that select the pod */
    bool never;     /* it will not be allowed, however long one waits */
    bool blocked;   /* it is not allowed at present */
    char text[512]; /* "PodDisruptionBudget my-pdb ..." with its numbers; "" for n 0 */
};

/* `budgets` is an array of objects. `replicas`: the size of the set that the pod belongs
 * to, all of whose pods have the same labels, as far as a budget is concerned. */
void pdb_judge(const json_t *budgets, const json_t *pod, long long replicas,
               struct pdb_verdict *out);

#endif
