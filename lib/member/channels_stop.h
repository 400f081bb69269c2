#ifndef MEMBER_CHANNELS_STOP_H
#define MEMBER_CHANNELS_STOP_H

#include "base/err.h"
#include "cluster/cluster.h"

/*
 * Channels are stopped before their member goes, and started again when all members are
 * back; the journal says first which.
 */

/* Before a member goes. ERR_REFUSED: it has a channel that is in the way, and it is not
 * to be stopped, or cannot be. */
int channels_stop(struct cluster *cluster, struct member *p, struct err *e);

/* Starts all that were stopped: where the primary alone may have them, on the primary;
 * where that is a member that does not know one of them, the lead goes back first. */
int channels_start(struct cluster *cluster, struct err *e);

/* A run ends without having come so far: starts what can be where it is, and tells what
 * stays stopped. */
void channels_leave(struct cluster *cluster);

#endif
