#ifndef RUN_FLOW_H
#define RUN_FLOW_H

#include "cluster/cluster.h"
#include "lock/lock.h"
#include "run/plan.h"
#include "run/run.h"
#include "run/target.h"

/*
 * What the steps of one run share.
 */
struct flow {
    struct target target;
    struct plan plan;
    struct run run;
    struct lock lock;
    struct cluster cluster;
};

/* Closes and frees all that a run has, and itself. */
void flow_free(struct flow *f);

#endif
