#ifndef LIB_ENGINE_POSTGRES_TRANSFER_H
#define LIB_ENGINE_POSTGRES_TRANSFER_H

#include "engine/transfer.h"

/* What members of a Postgres keep for each other, and when one needs a base backup. */
extern const struct engine_transfer postgres_transfer;

#endif
