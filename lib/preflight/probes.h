#ifndef PREFLIGHT_PROBES_H
#define PREFLIGHT_PROBES_H

#include <stddef.h>

#include "cluster/cluster.h"
#include "kubedb/checks.h"

enum { PROBES_MAX = 76 };

/* Asks the primary what the engine's rows have it asked before this upgrade. Writes what
 * was found, and what could not be asked, as results of checks; returns how many. It asks
 * nothing of a run that goes on or back, where no primary answers, or for an engine
 * without rows. */
size_t probes_run(struct cluster *cluster, struct preflight_result *out, size_t max);

#endif
