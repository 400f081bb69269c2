#ifndef PROCEDURE_STEP_DRY_RUN_H
#define PROCEDURE_STEP_DRY_RUN_H

#include "base/err.h"

/*
 * The mutations of a step as a server-side dry run sends them: struct step,
 * .dry_run.
 */
struct cluster;
struct member;

/* The eviction of a pod that is there. */
int step_try_evict(struct cluster *cluster, const struct member *p, struct err *e);

int step_try_first(struct cluster *cluster, struct err *e);
int step_try_front(struct cluster *cluster, struct err *e);
int step_try_make(struct cluster *cluster, struct err *e);
int step_try_remove(struct cluster *cluster, struct err *e);

#endif
