#ifndef PREFLIGHT_STORAGE_CHECK_H
#define PREFLIGHT_STORAGE_CHECK_H

#include <stddef.h>

#include "base/err.h"
#include "kubedb/checks.h"

struct cluster;

/* Whether the members' data outlive their pods: adds what the checks storage.claims,
 * storage.return and storage.ephemeral say to *n results. The error is the API server's.
 */
int storage_preflight(struct cluster *cluster, struct preflight_result *out, size_t max,
                      size_t *n, struct err *e);

#endif
