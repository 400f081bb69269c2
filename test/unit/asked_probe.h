#ifndef ASKED_PROBE_H
#define ASKED_PROBE_H

#include <stdbool.h>

#include "engine/probe.h"

/* Whether an engine's probe of this id is asked in a case. */
bool probe_is_asked(const char *engine, const char *id, const struct probe_case *c);

#endif
