#ifndef LIB_ENGINE_ROWS_H
#define LIB_ENGINE_ROWS_H

#include "engine/engine.h"
#include "engine/engine_list.h"

/* What each engine's file defines: engine_NAME. */
#define ROWS_EXTERN(name) extern const struct engine engine_##name;

ENGINE_LIST(ROWS_EXTERN)

#endif
