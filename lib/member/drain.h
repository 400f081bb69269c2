#ifndef MEMBER_DRAIN_H
#define MEMBER_DRAIN_H

#include "base/err.h"
#include "cluster/cluster.h"

/* Has a member take no new clients and waits, for as long as --drain-timeout allows,
 * until those that are connected have gone to others. Nothing is done where the engine
 * knows no way, or there are no others. */
int drain_run(struct cluster *cluster, struct member *p, struct err *e);

/* A member that takes no clients takes them again; one that does is left alone. */
void drain_end(struct cluster *cluster, struct member *p);

#endif
