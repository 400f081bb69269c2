#ifndef ENGINE_TRANSFER_H
#define ENGINE_TRANSFER_H

#include <stdbool.h>

#include "engine/engine.h"

/*
 * How a member that was away gets what it missed: the late transactions from what another
 * member keeps of them, or, where that does not reach back far enough, all data anew.
 */

/* What ends the time for which a member may be away and still get the late ones only. */
enum transfer_limit {
    TRANSFER_UNTOLD, /* not known */
    TRANSFER_ALL,    /* nothing does */
    TRANSFER_IDLE,   /* nothing is written */
    TRANSFER_ROOM,   /* that is kept for them */
    TRANSFER_AGE,    /* of what is kept */
    TRANSFER_COUNT,  /* it copies by itself when it lacks so many transactions */
    TRANSFER_GONE,   /* it is over: what it lacks is not kept any more */
    TRANSFER_LOST,   /* its own data are of no history that the others know */
    TRANSFER_LIMITS
};

/* Marks in a member's log, each before "HISTORY:NUMBER": what the others had and what it
 * had when it asked to be let in, what it had got before it applied late transactions.
 * The donor's name is in parentheses behind its mark. */
struct transfer_log {
    const char *group, *had, *got, *donor;
};

struct engine_transfer {
    const char *late, *whole;     /* "IST", "SST" */
    const char *keeps;            /* what is kept for others: "writes" */
    const struct engine_sql *sql; /* key/value rows for transfer_parse */
    /* Asked of another member what it keeps for one, by what that says of itself (%s: its
     * row "ask"): key/value rows for transfer_parse_kept. NULL: its own rows tell. */
    const struct engine_sql *kept_sql;
    /* Tells of a copy that is under way, or was the last one: key/value rows for
     * transfer_parse_copy. NULL: nobody tells. */
    const struct engine_sql *copy_sql;
    bool copy_of_donor; /* it is asked of those who give; else of who gets it */
    /* Prints, in the server's container, of which history its data are, so that it could
     * go on with them; it fails where they are of none. NULL: the server tells. */
    const char *const *history_argv;
    const struct transfer_log *log; /* NULL: a log does not tell how a member came */
    /* In a server's log: it ended since all its data are new, and is to be started again.
     * NULL: it does not end for that. */
    const char *ends;
    bool throttles;    /* members hold back the others' writes when they cannot keep up */
    bool needs_plugin; /* to be copied to and from, which a row "copies" tells */
    /* By the limit: why, and a statement or setting that keeps it from being reached.
     * NULL: the numbers tell why; there is none. */
    const char *why[TRANSFER_LIMITS], *hint[TRANSFER_LIMITS];
};

/* What a member said at a time. Counters begin anew with its server. */
struct transfer_sample {
    char history[64];
    char donor[64];       /* whom it would ask; "": the others decide */
    long long last;       /* transaction that it has */
    long long kept_from;  /* the first one that it could still give */
    long long kept_bytes; /* room that it has for them, in the unit of bytes; 0: not
                             known, TRANSFER_BOUNDLESS: any */
    long long bytes;      /* of transactions, or how many, received and sent, so far */
    long long held_ns;    /* so long, in all, was it held back because another lags */
    long long age_ms;     /* it keeps them for so long; 0: as long as there is room */
    long long threshold;  /* lacking so many it copies by itself; 0: never */
    bool copies;          /* it can be copied to and from */
    bool elsewhere;       /* it gets what it lacks from where all is kept */
};
#define TRANSFER_BOUNDLESS (LLONG_MAX / 4)

/* Key/value rows -> struct. ERR_PROTOCOL where one that matters is missing. */
int transfer_parse(const char *out, struct transfer_sample *s, struct err *e);

/* What it says of itself for kept_sql; "": nothing. The caller frees it. */
char *transfer_parse_ask(const char *out);

/* What another member keeps for one. Begins as zeroes: nothing was told. */
struct transfer_kept {
    bool told, reaches; /* all that it lacks is still there */
    bool limited;       /* `room` is what there is for it alone */
    long long room;
};
void transfer_parse_kept(const char *out, struct transfer_kept *k);

/* How long a donor will be able to give what follows on transaction `from`, by what was
 * written between two samples of it, `ms` apart: LLONG_MAX where nothing was, or all is
 * kept; 0 where it cannot already, -1 where it does not tell. */
long long transfer_window_ms(const struct transfer_sample *then,
                             const struct transfer_sample *now, long long ms,
                             long long from);

/* Two samples of a donor, and what it keeps for the member that goes. */
struct transfer_donor {
    struct transfer_sample then, now;
    long long ms; /* between them; 0: there is but one */
    struct transfer_kept kept;
};

/* For how long a member may be away, and what ends it; -1: not known. */
struct transfer_span {
    long long ms;
    enum transfer_limit limit;
    double rate; /* written a second, in the unit of bytes */
};
struct transfer_span transfer_span_of(const struct transfer_sample *member,
                                      const struct transfer_donor *donor);

/* The share of the time between two samples in which it was held back, percent. */
double transfer_held(const struct transfer_sample *then,
                     const struct transfer_sample *now, long long ms);

enum transfer_way {
    TRANSFER_UNKNOWN,
    TRANSFER_LATE,
    TRANSFER_WHOLE,
    TRANSFER_NONE /* neither: it cannot come back */
};

/* How a member came, by its server's log. */
struct transfer_told {
    enum transfer_way way;
    char donor[64];    /* "" */
    long long missing; /* transactions that it lacked, -1: not told */
};
void transfer_by_log(const struct transfer_log *marks, const char *log,
                     struct transfer_told *out);

/* A copy of all data to a member. */
struct transfer_copy {
    bool running, done;
    char begun[40];         /* when it began, by which one copy is told from the next */
    char source[128];       /* where from; "" */
    long long bytes, total; /* done, and of how many; 0: not told */
    long long ms;           /* so far */
};

/* Whether a server of version `to` can get a copy of all data from one of version `from`.
 */
bool transfer_may_copy(const struct engine *en, const char *from, const char *to);

/* False where there is none. */
bool transfer_parse_copy(const char *out, struct transfer_copy *c);

/* Bytes a second; 0: it tells nothing. */
long long transfer_rate(const struct transfer_copy *c);

/* "3.1 of 10.0 GiB (31%), about 2m left". Returns out. */
char *transfer_show_copy(const struct transfer_copy *c, char *out, size_t size);

#endif
