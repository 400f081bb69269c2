#ifndef ENGINE_ASYNC_CHANNEL_H
#define ENGINE_ASYNC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"

/*
 * The channels by which a member replicates from a server that is none of the database's.
 * A server starts them when it starts, before it joins its group; one that is a secondary
 * of its group must have none, and one of several primaries would apply what its group
 * has not. None of those are channels that belong to the group itself, or by which the
 * members follow each other.
 */
struct engine_channels {
    const struct engine_sql *sql; /* rows for channels_parse */
    int since;              /* a server can be told to start none itself from here */
    const char *stop_sql;   /* %s: a channel's name, in hex */
    const char *start_sql;  /* the same */
    const char *skip_sql;   /* when the server starts next, it starts none */
    const char *unskip_sql; /* ... but those that it would before */
    /* What people are told to do, %s: the name; and before `since`, instead. */
    const char *stop_words, *skip_words, *old_words, *forget_words;
};

enum { CHANNELS_MAX = 16, CHANNEL_HEX = 520, CHANNEL_TEXT = 200 };

struct async_channel {
    char hex[CHANNEL_HEX];   /* its name: nothing but digits, for statements */
    char name[CHANNEL_TEXT]; /* as people read it, cut */
    char source[CHANNEL_TEXT];
    bool plain;    /* the name as people read it is the name */
    bool runs;     /* it receives or applies */
    bool follows;  /* the group starts it on whichever member leads */
    bool account;  /* the server knows by which account to connect */
    bool filtered; /* by filters that end with the server */
};

/* A member's. Or those of a member that a run has stopped. */
struct async_channels {
    bool skips; /* the server starts none of them itself; or: it was told so by us */
    size_t n;
    struct async_channel at[CHANNELS_MAX];
};

/* Rows of "channel<TAB>...", "skips<TAB>0" -> list; what has another form is ignored. */
void channels_parse(const char *out, struct async_channels *list);

/* Whether its member could not come back as it was, or not with it. */
bool channel_is_in_the_way(const struct async_channels *list,
                           const struct async_channel *c, enum engine_topology topology);

/* Why a channel cannot be stopped and started again by its server of this version; NULL:
 * it can. The text is static. */
const char *channel_refusal(const struct engine_channels *row,
                            const struct async_channel *c, int version);

/* "STOP REPLICA FOR CHANNEL 'ext'; SET PERSIST_ONLY ...": what people can do instead. */
char *channel_advice(const struct engine_channels *row, const struct async_channels *list,
                     const struct async_channel *c, int version, char *out, size_t size);

#endif
