#ifndef PROCEDURE_STEP_DRY_RUN_H
#define PROCEDURE_STEP_DRY_RUN_H

#include "base/err.h"

/*
 * The mutations of a step as a server-side dry run sends them: struct flow_step,
 * .dry_run.
 */
struct cluster;
struct flow_pod;

/* The eviction of a pod that is there. */
int try_evict(struct cluster *cluster, const struct flow_pod *p, struct err *e);

int try_first(struct cluster *cluster, struct err *e);
int try_front(struct cluster *cluster, struct err *e);
int try_make(struct cluster *cluster, struct err *e);
int try_remove(struct cluster *cluster, struct err *e);

#endif
