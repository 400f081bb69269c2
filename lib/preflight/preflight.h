#ifndef PREFLIGHT_PREFLIGHT_H
#define PREFLIGHT_PREFLIGHT_H

/*
 * The room "preflight": what is asked and tried before anything is changed. It may use
 * the room "procedure" and those below.
 */

#include "base/err.h"

struct cluster;

/* Gathers rights, runs the checks and tells them. ERR_REFUSED when one says no. */
int preflight_report(struct cluster *cluster, struct err *e);

#endif
