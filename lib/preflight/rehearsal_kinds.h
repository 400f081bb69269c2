#ifndef PREFLIGHT_REHEARSAL_KINDS_H
#define PREFLIGHT_REHEARSAL_KINDS_H

#include "kubedb/checks.h"

struct cluster;
struct member;
struct rehearsal;

/*
 * What is tried before an upgrade. Its texts end in no full stop.
 */
struct rehearsal_kind {
    const char *id;      /* of the preflight's row */
    const char *trying;  /* "rehearsing the upgrade on an empty copy of the schema" */
    const char *would;   /* "pg_upgrade is tried on an empty copy of the schema" */
    const char *refusal; /* "pg_upgrade refuses an empty copy of the schema" */
    const char *without; /* "pg_upgrade looks at the schema when the database is down" */
    const char *doubt;   /* what may come when it could not be tried */
    bool configured;     /* with the new image alone, and the members' configuration */
    bool (*is_for)(const struct cluster *cluster);
    /* Does it in the pod, which it makes and waits for; fills the row. ERR_UNHEALTHY with
     * reason REHEARSAL_REFUSED: the new version refuses; other errors: not tried. */
    int (*go)(struct rehearsal *r, struct preflight_result *out, struct err *e);
};

/* pg_upgrade, on a copy of the schema without its rows. */
extern const struct rehearsal_kind rehearsal_schema;

/* The new server, on the configuration that the members have. */
extern const struct rehearsal_kind rehearsal_options;

/* A member to ask whose server answers, a secondary where there is one; NULL: none. */
struct member *rehearsal_source(struct cluster *cluster);

#endif
