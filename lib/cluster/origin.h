#ifndef CLUSTER_ORIGIN_H
#define CLUSTER_ORIGIN_H

#include <stdbool.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "kubedb/database.h"
#include "lock/lock.h"

/* Whether an upgrade that a journal tells of was begun, by what the cluster shows: only
 * then may checks be softer that would refuse one that begins. The operator is paused by
 * this program for just this upgrade, the version is set, or a set or a pod of one, of
 * what is in front of the members too, has the new images. The same for both directions:
 * that a journal says which way it went shows nothing. */
bool origin_is_begun(struct cluster *cluster, const struct database *db);

/* ERR_REFUSED where the operator is paused for an upgrade between other versions than
 * those of the journal that this run goes on with. */
int origin_check_pause(const struct lock *lock, const struct database *db, struct err *e);

/* Whether the images and variables of the journal that this run goes on with are the
 * catalogue's, or the sets' own, as the cluster has them. ERR_REFUSED names the first one
 * in doubt, and what can be done. Nothing where there is no journal. */
int origin_check(struct cluster *cluster, struct err *e);

#endif
