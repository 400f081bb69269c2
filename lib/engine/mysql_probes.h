#ifndef LIB_ENGINE_MYSQL_PROBES_H
#define LIB_ENGINE_MYSQL_PROBES_H

#include "engine/probe.h"

/* What a MySQL server is asked before an upgrade; ends with a NULL id. Its statements
 * name their column o. */
extern const struct engine_probe mysql_probes[];

#endif
