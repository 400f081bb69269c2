#ifndef ENGINE_TRIAL_H
#define ENGINE_TRIAL_H

#include <stddef.h>

#include "engine/engine.h"

/*
 * How a server of the new version is asked whether it takes the configuration that the
 * members have, before one of them goes: in a pod of its own, with the same files and
 * without their data.
 */
enum trial_verdict {
    TRIAL_TAKEN,
    TRIAL_TAKEN_BUT, /* and it has something to say */
    TRIAL_REFUSED,
    TRIAL_UNSURE, /* it could not be tried */
};

struct engine_trial {
    const char *id; /* of the preflight's row: "mysql.config" */
    /* How the places begin where files of configuration are mounted: "/etc/my". */
    const char *places;
    /* Asked of a member: options that the new server needs on top, one a row. */
    const char *more_sql;
    /* For sh, with arguments: by the new version, options by which its server only looks;
     * an empty text: it cannot be asked. It reads lines from its input, "file PATH" for
     * each place, "option TEXT" for each option of the command line, then "end". */
    const char *script;
    const struct engine_sql *options;
    /* What its exit status and what it printed mean, in the server's own words. Values of
     * unknown settings are left out, since they may be secret. Pure. */
    enum trial_verdict (*judge)(int code, const char *said, char *text, size_t size);
};

#endif
