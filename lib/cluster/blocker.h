#ifndef CLUSTER_BLOCKER_H
#define CLUSTER_BLOCKER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

/*
 * What keeps a pod from going or coming, beyond its status.
 */
struct target;
struct cluster;
struct member;
struct wait_state;

/* What events tell of a pod that does not come. */
struct blocker {
    char about[64]; /* uid of the object that was asked about */
    long long began_ms, asked_ms;
    long long since_ms; /* that there is trouble, on our clock; 0: none */
    const char *reason, *hint;
    bool scales; /* an autoscaler is about to make a node for it */
    char text[600];
};

/* In a wait for a pod that is not there: why it is not created, if the set's events say
 * so; fills s->now. ERR_UNHEALTHY (POD_QUOTA, POD_CREATE) when it stays so. */
int blocker_absent(const struct target *target, struct member *p, struct wait_state *s,
                   struct err *e);

/* The same for a pod that its node prepares: POD_VOLUME, POD_SANDBOX. */
int blocker_creating(struct cluster *cluster, struct member *p, struct wait_state *s,
                     struct err *e);

/* Whether a pod that finds no node is about to get one, by its events: from a cluster
 * autoscaler, or from Karpenter. True until they are known. */
bool blocker_awaits_node(struct cluster *cluster, struct member *p);

/* *e is why an eviction was refused. 0: a disruption budget says no for now, s->now
 * shows which. -1: no budget of that kind, *e as it was, or one that will never allow it
 * (ERR_REFUSED, PDB_NEVER). */
int blocker_evict(struct cluster *cluster, struct member *p, struct wait_state *s,
                  struct err *e);

/* The namespace's PodDisruptionBudgets, an array; NULL if they cannot be read. */
json_t *blocker_budgets(const struct target *target);

#endif
