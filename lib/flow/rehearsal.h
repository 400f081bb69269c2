#ifndef FLOW_REHEARSAL_H
#define FLOW_REHEARSAL_H

#include "domain/preflight.h"
#include "flow/flow_private.h"

/*
 * The rehearsal of a major upgrade: before anything is changed, a copy of the schema
 * without its rows goes the whole way, in a pod of its own that is deleted at the end
 * (domain/rehearsal.h). What pg_upgrade would refuse with the database down it refuses
 * there.
 */

/* Whether this run is one that is to be rehearsed: a major upgrade that begins. */
bool rehearsal_is_due(const struct flow *f);

/* Rehearses it and fills a row of the preflight; without a text there is none. Where it
 * cannot be done (rights, room, a pod that does not run) the row is a warning, and in a
 * dry run it says what would be done. -1: the run is to stop. The pod is deleted,
 * whatever comes of it. */
int rehearsal_run(struct flow *f, const struct rights *rights,
                  struct preflight_result *out, struct err *e);

#endif
