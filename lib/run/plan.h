#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include <jansson.h>
#include <stdbool.h>

#include "engine/engine.h"

struct procedure;

/* What is done to data only where it is said to this run. */
struct wishes {
    bool delete_old_data, update_extensions, reindex;
};

/*
 * What the run is to do: from the catalogue, the request, and the journal of a run that
 * is resumed.
 */
struct plan {
    json_t *catalog;         /* list object; owned */
    const json_t *from, *to; /* in it; NULL: not there */
    char *from_name, *to_name;
    enum engine_topology topology;
    const struct engine_mode *mode;
    const struct procedure *procedure; /* cluster/procedure.h */
    char pg_upgrade_mode[16];          /* copy, link, clone */
    struct wishes wishes;
    struct wishes unsaid; /* by the run that began it, and not said again to this one */
    bool resuming;        /* by a journal */
    bool midway;          /* and the cluster shows that it was begun: origin.h */
};

#endif
