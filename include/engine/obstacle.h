#ifndef ENGINE_OBSTACLE_H
#define ENGINE_OBSTACLE_H

#include <stdbool.h>

#include "engine/engine.h"

/*
 * What keeps the account by which servers are asked from being let in, or answered: rows,
 * by what the server's client says.
 */
struct engine_obstacle {
    const char *said; /* "ERROR 1862 " */
    const char *what; /* "its password has expired" */
    const char *hint; /* a statement or setting that helps */
    bool passes;      /* it may by itself: so does a server say that starts, or is busy */
};

/* The first that is said anywhere in a text; NULL: none. */
const struct engine_obstacle *engine_find_obstacle(const struct engine *en,
                                                   const char *text);

#endif
