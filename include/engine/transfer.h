#ifndef ENGINE_TRANSFER_H
#define ENGINE_TRANSFER_H

#include <stdbool.h>

#include "engine/engine.h"

/*
 * How a member that was away gets what it missed: the late transactions from what another
 * member keeps of them, or, where that does not reach back far enough, all data anew.
 */
struct engine_transfer {
    const char *late, *whole;     /* "IST", "SST" */
    const struct engine_sql *sql; /* key/value rows for transfer_parse */
    /* Prints, in the server's container, of which history its data are, so that it could
     * go on with them; it fails where they are of none. */
    const char *const *history_argv;
    const char *lost; /* what is wrong where it fails */
    /* In a member's log, each before "HISTORY:NUMBER": what the others had and what it
     * had when it asked to be let in, what it had got before it applied late
     * transactions. The donor's name is in parentheses behind its mark. */
    const char *log_group, *log_had, *log_got, *log_donor;
};

/* What a member said at a time. Counters begin anew with its server. */
struct transfer_sample {
    char history[64];
    char donor[64];       /* whom it would ask; "": the others decide */
    long long last;       /* transaction that it has */
    long long kept_from;  /* the first one that it could still give */
    long long kept_bytes; /* room that it has for them; 0: not known */
    long long bytes;      /* of transactions, received and sent, so far */
    long long held_ns;    /* so long, in all, was it held back because another lags */
};

/* Key/value rows -> struct. ERR_PROTOCOL where one that matters is missing. */
int transfer_parse(const char *out, struct transfer_sample *s, struct err *e);

/* How long a donor will be able to give what follows on transaction `from`, by what was
 * written between two samples of it, `ms` apart: LLONG_MAX where nothing was; 0 where it
 * cannot already, -1 where it does not tell. */
long long transfer_window_ms(const struct transfer_sample *then,
                             const struct transfer_sample *now, long long ms,
                             long long from);

/* The share of the time between two samples in which it was held back, percent. */
double transfer_held(const struct transfer_sample *then,
                     const struct transfer_sample *now, long long ms);

enum transfer_way { TRANSFER_UNKNOWN, TRANSFER_LATE, TRANSFER_WHOLE };

/* How a member came, by its server's log. */
struct transfer_told {
    enum transfer_way way;
    char donor[64];    /* "" */
    long long missing; /* transactions that it lacked, -1: not told */
};
void transfer_by_log(const struct engine_transfer *t, const char *log,
                     struct transfer_told *out);

#endif
