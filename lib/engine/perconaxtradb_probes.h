#ifndef LIB_ENGINE_PERCONAXTRADB_PROBES_H
#define LIB_ENGINE_PERCONAXTRADB_PROBES_H

#include "engine/probe.h"

/* What a server of PerconaXtraDB is asked before an upgrade; ends with a NULL id. */
extern const struct engine_probe px_probes[];

#endif
