#ifndef CLUSTER_BASELINE_H
#define CLUSTER_BASELINE_H

#include "cluster/cluster.h"

/* Of an upgrade that was begun: the amounts of data that each member is compared with.
 * One that still has its old images keeps what it just answered. Of the others only the
 * journal knows, which whoever may edit Leases can have written: it counts as far as it
 * does not say less than the other members have now, but for a measure's tolerance; where
 * it does a warning says so, and theirs counts. Servers whose configuration is their data
 * need not have the same. */
void baseline_recall(struct cluster *cluster);

#endif
