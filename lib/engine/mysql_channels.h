#ifndef LIB_ENGINE_MYSQL_CHANNELS_H
#define LIB_ENGINE_MYSQL_CHANNELS_H

#include "engine/async_channel.h"

extern const struct engine_channels mysql_channels;
/* Of Percona XtraDB Cluster; MariaDB's servers tell of none. */
extern const struct engine_channels px_channels;

#endif
