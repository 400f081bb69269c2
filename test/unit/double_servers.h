#ifndef DOUBLE_SERVERS_H
#define DOUBLE_SERVERS_H

#include "double_observe.h"
#include "double_world.h"
#include "engine/async_channel.h"
#include "engine/new_set.h"
#include "engine/replication_source.h"
#include "engine/transfer.h"

/*
 * What servers of all engines have in common. What differs is a row of functions and a
 * table of statements: each kind of an engine's statements, and what answers it.
 */

struct server_statement {
    const char *kind; /* also the label of a rule: "sql my-db-0 member" */
    void (*answer)(size_t ordinal, const char *sql, struct buf *out);
};

struct servers {
    const char *engine;
    void (*start)(size_t ordinal); /* its container runs */
    void (*stop)(size_t ordinal);
    void (*pass)(void);
    void (*log)(size_t ordinal, struct buf *out); /* adds to its log; may be NULL */
    const struct server_statement *statements;    /* ends with a NULL kind */
    const char *gone; /* what a client says, and ends, whose server is not there */
};

/* What one without data has. */
#define SERVERS_EMPTY "bytes\t33554432\ntables\t0\n"

enum { SERVERS_WRITE_MS = 100 };

/* Somebody writes: the primary's data grows, and members that are online follow. */
void servers_write(void);

/* What a primary committed the others that are online have already, before it goes: they
 * only have to apply it. */
void servers_catch_up(const struct server *primary);

/* A server's volume is another one, with nothing on it. */
void servers_lose_data(size_t ordinal);

/* -- statements -- */

/* The kind of a statement by the engine's rows; NULL: it is none of its. */
const char *server_kind(const char *sql);

void server_say_version(size_t ordinal, const char *sql, struct buf *out);
void server_say_directories(size_t ordinal, const char *sql, struct buf *out);
void server_say_donor(size_t ordinal, const char *sql, struct buf *out);
void server_say_number(size_t ordinal, const char *sql, struct buf *out);
void server_say_status(size_t ordinal, const char *sql, struct buf *out);

#endif
