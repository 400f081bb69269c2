#ifndef LIB_ENGINE_MYSQL_SOURCE_H
#define LIB_ENGINE_MYSQL_SOURCE_H

#include "engine/replication_source.h"

extern const struct engine_source mysql_source;

#endif
