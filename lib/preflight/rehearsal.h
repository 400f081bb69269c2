#ifndef PREFLIGHT_REHEARSAL_H
#define PREFLIGHT_REHEARSAL_H

#include <stdbool.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "kubedb/checks.h"
#include "preflight/rights.h"

struct rights;

/*
 * What is tried before anything is changed, in a pod of its own that is deleted at the
 * end (kubedb/rehearsal.h): what the new version would refuse when the member is down it
 * refuses there. rehearsal_kinds.h has what is tried.
 */

/* Whether there is something to be tried, and this run is to: one that begins. */
bool rehearsal_is_due(const struct cluster *cluster);

/* Tries it and fills a row of the preflight; without a text there is none. Where it
 * cannot be done (rights, room, a pod that does not run) the row is a warning, and in a
 * dry run it says what would be done. -1: the run is to stop. The pod is deleted,
 * whatever comes of it. */
int rehearsal_run(struct cluster *cluster, const struct rights *rights,
                  struct preflight_result *out, struct err *e);

#endif
