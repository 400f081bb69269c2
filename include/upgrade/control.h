#ifndef UPGRADE_CONTROL_H
#define UPGRADE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/engine.h"
#include "kube/client.h"

/*
 * Steering a run from elsewhere: a request is written on the Lease that the run holds;
 * the run sees it when it renews, and takes it away. That is its answer.
 */

struct control_verb {
    const char *word; /* "pause" */
    const char *will; /* what the run will do: "pauses before its next member" */
};

/* Ends with a NULL word. */
extern const struct control_verb ctl_verbs[];

const struct control_verb *control_find(const char *word); /* NULL: none is called so */

struct control_request {
    const struct engine *engine;
    const char *name_space, *name;
    const struct control_verb *verb;
    const char *command_flags; /* " -n demo": for commands in hints */
};

/* Asks, and waits until the run took it; `holder` then is who it was asked of. Nothing of
 * it stays where it fails. ERR_REFUSED: no upgrade is in progress, or nobody runs it, or
 * the run ended meanwhile; ERR_TIMEOUT: its holder does not answer; ERR_INTERRUPTED. */
int control_ask(const struct control_request *rq, struct kube *k, char *holder,
                size_t size, struct err *e);

#endif
