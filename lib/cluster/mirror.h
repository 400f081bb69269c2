#ifndef CLUSTER_MIRROR_H
#define CLUSTER_MIRROR_H

#include "base/err.h"
#include "kube/client.h"
#include <jansson.h>
#include <stdbool.h>

/*
 * What the mirrors hold, and how the objects behind them are named.
 */
struct target;
struct cluster;
struct member;
struct member_set;

const json_t *mirror_db(const struct cluster *cluster); /* NULL: gone */
const json_t *mirror_pod_object(const struct cluster *cluster, const char *name);
struct member *mirror_pod_find(struct cluster *cluster, const char *name);

/* Reads the database object anew. New reference. ERR_REFUSED (DATABASE_GONE): there is
 * another of its name. */
int mirror_get_db(const struct target *target, json_t **out, struct err *e);

struct kube_ref mirror_ref_db(const struct target *target, const char *subresource);
struct kube_ref mirror_ref_set(const struct target *target, const struct member_set *s);
struct kube_ref mirror_ref_pods(const struct target *target);

/* Ready, and not on its way out. */
bool mirror_pod_is_ready(const struct cluster *cluster, const struct member *p);

/* The list of all sets that may be the database's. */
struct kube_ref mirror_ref_sets(const struct target *target);

/* Whether the pod's images are the wanted ones: the new, or walking back the old. */
bool mirror_pod_is_there(const struct cluster *cluster, const struct member *p);

#endif
