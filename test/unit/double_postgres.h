#ifndef DOUBLE_POSTGRES_H
#define DOUBLE_POSTGRES_H

#include "double_servers.h"

/*
 * Postgres: one server, or a primary with standbys and their coordinators. Who leads is
 * kept: a leader whose pod comes back in time leads on. SERVER_ONLINE is the primary, or
 * a standby that streams. Positions in the log are numbers of transactions.
 */

enum {
    POSTGRES_LOST_MS = 15000, /* then another takes the lead */
    POSTGRES_MOVE_MS = 1000,  /* from the order until the lead has gone on */
    POSTGRES_BACK_MS = 1000,  /* from then until the old primary's server is a standby */
};

int postgres_major(const struct server *s);

/* A container starts. */
void postgres_start(size_t ordinal);

/* A fast shutdown: a primary waits until those that stream have all. */
void postgres_shut(size_t ordinal);

void postgres_stop(size_t ordinal);

/* -- time -- */

void postgres_pass(void);

/* -- statements -- */

extern const struct server_statement postgres_statements[];

#endif
