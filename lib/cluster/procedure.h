#ifndef CLUSTER_PROCEDURE_H
#define CLUSTER_PROCEDURE_H

#include <stdbool.h>

struct cluster;
struct member;
struct step;

/*
 * A way to upgrade: what the rooms below that of the steps have to know of it, and its
 * steps. The rows are in procedure/procedures.c, by enum engine_procedure.
 */
struct procedure {
    bool each_returns; /* a member that does not start gets its old images back */
    bool converts;     /* the first member's data; the others' are re-cloned */
    bool two_sets;     /* members of a set that is made join those of the old one */

    /* Each ends with a NULL name. */
    const struct step *forward, *back;

    /* In a wait for a member's new pod that is not ready: does what it needs for that.
     * May be NULL. */
    void (*tend)(struct cluster *cluster, struct member *p);
};

extern const struct procedure procedures[];

#endif
