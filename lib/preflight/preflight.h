#ifndef PREFLIGHT_PREFLIGHT_H
#define PREFLIGHT_PREFLIGHT_H

#include "base/err.h"

struct flow;

/* Gathers rights, runs the checks and tells them. ERR_REFUSED when one says no. */
int flow_preflight(struct flow *f, struct err *e);

#endif
