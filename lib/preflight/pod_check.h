#ifndef PREFLIGHT_POD_CHECK_H
#define PREFLIGHT_POD_CHECK_H

#include <stddef.h>

#include "kubedb/checks.h"

struct cluster;
struct rights;

/* Whether the pods that the run will have made can be: what they refer to is there
 * (pod.references), and the API server's admission takes one of each set in a dry run
 * (pod.admission). The sets' images are known by then. Returns how many results were
 * written. */
size_t pod_check_preflight(struct cluster *cluster, const struct rights *rights,
                           struct preflight_result *out, size_t max);

#endif
