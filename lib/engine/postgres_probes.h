#ifndef LIB_ENGINE_POSTGRES_PROBES_H
#define LIB_ENGINE_POSTGRES_PROBES_H

#include "engine/probe.h"

/* What a Postgres server is asked before an upgrade; ends with a NULL id. */
extern const struct engine_probe postgres_probes[];

#endif
