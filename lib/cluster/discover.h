#ifndef CLUSTER_DISCOVER_H
#define CLUSTER_DISCOVER_H

#include <jansson.h>

#include "base/err.h"

#include "kube/client.h"

/*
 * What the cluster holds.
 */
struct cluster;
struct member;
struct member_set;

/* Finds the served API versions, the database, its set and pods, the catalogue, the
 * lock; opens the mirrors. ERR_NOT_FOUND, ERR_REFUSED, ERR_FORBIDDEN say what is wrong.
 */
int discover_world(struct cluster *cluster, struct err *e);

#endif
