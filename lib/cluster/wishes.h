#ifndef CLUSTER_WISHES_H
#define CLUSTER_WISHES_H

#include "base/err.h"
#include "cluster/cluster.h"

/* What this command says of how it is to be done, and what the journal that it goes on
 * with says, where this counts: f->plan.midway must be known. ERR_REFUSED: the two differ
 * (OTHER_MODE), or a strategy is a journal's alone (OTHER_STRATEGY). */
int wishes_take(struct cluster *cluster, struct err *e);

#endif
