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
struct flow_pod;
struct flow_set;

const json_t *flow_db(const struct cluster *cluster); /* NULL: gone */
const json_t *flow_pod_object(const struct cluster *cluster, const char *name);
struct flow_pod *flow_pod_find(struct cluster *cluster, const char *name);

/* Reads the database object anew. New reference. ERR_REFUSED (DATABASE_GONE): there is
 * another of its name. */
int flow_get_db(const struct target *target, json_t **out, struct err *e);

struct kube_ref flow_ref_db(const struct target *target, const char *subresource);
struct kube_ref flow_ref_set(const struct target *target, const struct flow_set *s);
struct kube_ref flow_ref_pods(const struct target *target);

/* Ready, and not on its way out. */
bool flow_pod_is_ready(const struct cluster *cluster, const struct flow_pod *p);

/* The list of all sets that may be the database's. */
struct kube_ref gather_ref_sets(const struct target *target);

/* Whether the pod's images are the wanted ones: the new, or walking back the old. */
bool flow_pod_is_there(const struct cluster *cluster, const struct flow_pod *p);

#endif
