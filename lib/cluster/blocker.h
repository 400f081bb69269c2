#ifndef CLUSTER_BLOCKER_H
#define CLUSTER_BLOCKER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

/*
 * What stands in the way of a run from outside: around a pod (obstacle.c), and at the API
 * server (outage.c).
 */
struct flow;
struct flow_pod;
struct wait_state;

/* What events tell of a pod that does not come. */
struct obstacle {
    char about[64]; /* uid of the object that was asked about */
    long long began_ms, asked_ms;
    long long since_ms; /* that there is trouble, on our clock; 0: none */
    const char *reason, *hint;
    char text[600];
};

/* The API server's absence and denials; outage.c. */
struct outage {
    long long denied_since, denied_last;
    long long told_ms;
};

/* -- obstacle.c: what keeps a pod from going or coming, beyond its status -- */

/* In a wait for a pod that is not there: why it is not created, if the set's events say
 * so; fills s->now. ERR_UNHEALTHY (POD_QUOTA, POD_CREATE) when it stays so. */
int obstacle_absent(struct flow *f, struct flow_pod *p, struct wait_state *s,
                    struct err *e);

/* The same for a pod that its node prepares: POD_VOLUME, POD_SANDBOX. */
int obstacle_creating(struct flow *f, struct flow_pod *p, struct wait_state *s,
                      struct err *e);

/* *e is why an eviction was refused. 0: a disruption budget says no for now, s->now
 * shows which. -1: no budget of that kind, *e as it was, or one that will never allow it
 * (ERR_REFUSED, PDB_NEVER). */
int obstacle_evict(struct flow *f, struct flow_pod *p, struct wait_state *s,
                   struct err *e);

/* The namespace's PodDisruptionBudgets, an array; NULL if they cannot be read. */
json_t *obstacle_budgets(struct flow *f);

/* -- outage.c: an API server that is away, or does not let us in any more -- */

/* How long one request waits for it: the steps and waits look at their limits between
 * them. */
enum { FLOW_AWAY_MS = 10 * 1000 };

/* Whether waiting and trying again may help: as flow_is_transient(), and while the lock
 * is held a denial (401, 403) for half a minute: a token that is replaced, an API server
 * that starts and does not know all roles yet. A denial that stays gets a hint. */
bool outage_may_pass(struct flow *f, struct err *e);

/* Tells the user of trouble that is ridden out; every half minute while the API server is
 * away, else each time. */
void outage_tell(struct flow *f, const struct err *trouble);

#endif
