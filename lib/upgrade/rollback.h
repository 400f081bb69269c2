#ifndef UPGRADE_ROLLBACK_H
#define UPGRADE_ROLLBACK_H

#include "base/err.h"

struct cluster;

/* Runs the steps of the direction to their end; turns round when that is asked for, and
 * gives a member that cannot start its old images back. */
int rollback_run(struct cluster *cluster, struct err *e);

#endif
