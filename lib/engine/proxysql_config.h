#ifndef LIB_ENGINE_PROXYSQL_CONFIG_H
#define LIB_ENGINE_PROXYSQL_CONFIG_H

#include "engine/config_tables.h"

/* What a ProxySQL's configuration consists of. Ends with a NULL id. */
extern const struct engine_config proxysql_config[];

#endif
