#ifndef PREFLIGHT_BACKEND_H
#define PREFLIGHT_BACKEND_H

#include <stddef.h>

#include "cluster/cluster.h"
#include "kubedb/checks.h"

/* Of an engine that has a database behind it: whether that is Ready, by way of its
 * AppBinding. Returns how many results were written. */
size_t backend_preflight(struct cluster *cluster, struct preflight_result *out,
                         size_t max);

#endif
