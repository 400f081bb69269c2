#ifndef ENGINE_REPLICATION_SOURCE_H
#define ENGINE_REPLICATION_SOURCE_H

#include <stdbool.h>

#include "engine/engine.h"

/*
 * The server elsewhere that a remote replica follows. It is asked through the replica's
 * pod, as the account by which the replica itself is there: whether the replica reaches
 * it is what matters, and no password leaves the pod.
 */
struct engine_source {
    const char *const *argv; /* prints rows for source_parse */
    const char *lacks_sql;   /* asked of the member: what it lacks of a position (%s) */
};

/* What the source said. */
struct source {
    char address[160]; /* host:port; "": the member tells none */
    char version[64];
    char *position;     /* what it has; owned; NULL: it did not say */
    char *purged;       /* of that, what its logs do not have any more; owned; NULL */
    long long keeps_ms; /* they are kept for so long; 0: it does not say, or for ever */
    long long gone;     /* so many of those the member lacks; by who asks both */
    bool away;          /* there is no way to it, or no server */
    char trouble[320];  /* why it did not answer; "" */
    char says[320];     /* what the member says of its connection; "": nothing is wrong */
};

/* Key/value rows and the client's errors -> struct. */
void source_parse(const struct engine *en, const char *out, struct source *s);
void source_clear(struct source *s);

/* How many transactions are in a set: "uuid:1-5:7,uuid:tag:3" has 7. */
long long source_count(const char *set);

/* Why a server of version `to` cannot follow one of version `source`; NULL: it can.
 * MySQL replicates to the same version and to those that it can be upgraded to, and back
 * only within a series whose releases can be downgraded (reference manual, "Replication
 * Compatibility Between MySQL Versions"). The text is static. */
const char *source_refusal(const struct engine *en, const char *source, const char *to);

#endif
