#ifndef LIB_ENGINE_MYSQL_TRANSFER_H
#define LIB_ENGINE_MYSQL_TRANSFER_H

#include "engine/transfer.h"

/* What members of a MySQL keep for each other, and when one clones another. */
extern const struct engine_transfer mysql_transfer;

#endif
