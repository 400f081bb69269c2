#ifndef ENGINE_POSTGRES_H
#define ENGINE_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* What a major upgrade asks servers beside the rows of engine_postgres: whether a standby
 * has replayed more than up to a position of the log (%s), 1 or 0; where tablespaces are,
 * in hex, one a line. And what keeps a shutdown short. */
extern const char pg_replayed_sql[];
extern const char pg_places_sql[];
extern const char pg_checkpoint_sql[];

/*
 * What the script of a major upgrade (engine/postgres_major.h) says of a member's volume.
 */
enum pg_new { PG_NEW_ABSENT, PG_NEW_PARTIAL, PG_NEW_UPGRADED };

/* What the script's last job did. */
struct pg_job {
    char name[24]; /* "" */
    bool running, done, failed;
    bool lost;      /* it failed only because it was killed */
    bool full;      /* it failed because the volume is full */
    char says[200]; /* its last line of progress */
    char error[1024];
};

struct pg_state {
    int binaries;        /* major version of the container's server */
    int data;            /* of the data in their place; 0: there are none */
    bool kept;           /* the old server's programs and facts are complete */
    enum pg_new fresh;   /* the new cluster */
    bool swapped;        /* the new one is in the data's place */
    bool started;        /* the new server may have written */
    bool analyzed;       /* it has statistics */
    bool up;             /* a server runs on the data */
    bool held;           /* the container is not to start one */
    bool linked;         /* old and new data share files, or did */
    char cluster[48];    /* pg_controldata's state of the old data */
    char checkpoint[32]; /* where their last checkpoint is in the log */
    long long free;      /* bytes on the volume */
    struct pg_job job;
};

/* Rows of "key<TAB>value", as the command `state` prints them; what others may have
 * written is in JSON strings. ERR_PROTOCOL. */
int pg_state_parse(const char *out, struct pg_state *s, struct err *e);

/* Whether the new server has, or may have, written data of version `to`: then nothing
 * leads back. */
bool pg_state_is_begun(const struct pg_state *s, int to);

enum { PG_KEPT_MAX = 16 };

/* What an upgrade left on a member's volume. */
struct pg_kept {
    int from, to;    /* major versions */
    long long bytes; /* that come free without it */
    bool over;       /* the new server was started: nothing leads back to it */
};

/* All that upgrades have left there, as the command `kept` prints it. */
struct pg_leavings {
    int data; /* major version of the data in their place; 0: there are none */
    bool up;  /* a server runs on them */
    size_t n;
    struct pg_kept at[PG_KEPT_MAX];
};

/* ERR_PROTOCOL. */
int pg_leavings_parse(const char *out, struct pg_leavings *l, struct err *e);

/* The text of the script's row "error", or NULL. The caller frees it. */
char *pg_error(const char *out);

enum { PG_ROW_FIELDS = 4 };

/* A row "key<TAB>[...]": what the script tells with names, messages and numbers. */
struct pg_row {
    char key[24];
    char fields[PG_ROW_FIELDS][256]; /* one line each; missing ones are "" */
};

/* Reads the next such row of an answer and moves *out behind it; false: there is none.
 * Other lines are passed over. */
bool pg_row_next(const char **out, struct pg_row *row);

/* What lies behind a message of pg_upgrade, and what to do about it; NULL: the message
 * says it all. */
const char *pg_cause(const char *said);

enum { PG_PLACES_MAX = 1024 };

/* Text for the script that tells it where tablespaces lie: `hex` has one place a line, in
 * hex. The caller frees it. NULL: ERR_PROTOCOL, that is no hex, or there are more than
 * PG_PLACES_MAX. */
char *pg_places(const char *hex, struct err *e);

#endif
