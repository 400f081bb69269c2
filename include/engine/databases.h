#ifndef ENGINE_DATABASES_H
#define ENGINE_DATABASES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a conversation that is in one database at a time learns of databases and their
 * tables.
 */

/* A server's databases, or the tables of one; owned. Cleared by databases_clear. */
struct databases {
    size_t n;
    struct database_size *at;
};
struct database_size {
    unsigned long oid; /* what statements and clients are told of it, never its name */
    char *name;        /* name_show */
    long long bytes;
};

/* Rows of "bytes<TAB>oid<TAB>name in hex" -> list. Other lines are ignored. */
void engine_parse_databases(const char *out, struct databases *list);
void databases_clear(struct databases *list);

/* What the pins of a conversation said is not as it has to be, as people read it: "" for
 * nothing. NULL: they did not say. The caller frees it. */
char *engine_parse_pins(const char *out);

/* How many rows a table has, by what a client said when it read engine.count; false: it
 * did not say. */
bool engine_parse_count(const char *out, long long *rows);

#endif
