#ifndef ENGINE_ROUTER_H
#define ENGINE_ROUTER_H

#include "engine/engine.h"

/*
 * Programs in front of the members, in a set of their own, that clients come by: they
 * hold no data. Of an InnoDB cluster its MySQL Routers.
 */
struct engine_front {
    const char *title;       /* "router" */
    const char *key, *value; /* the label of their set */
    const struct engine_image *images;
    /* Of sh -c, run in a member's pod with the address of one of them as $1: prints the
     * id of the member that it leads to, a tab, and 1 if that takes writes. */
    const char *ask;
};

#endif
