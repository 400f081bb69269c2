#ifndef ENGINE_PROBE_H
#define ENGINE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"

/*
 * What a database is asked before it is upgraded, as rows; and pure functions on what it
 * printed.
 */

enum probe_flag {
    PROBE_ERROR = 1 << 0,    /* the upgrade would fail; else a warning */
    PROBE_MAJOR = 1 << 1,    /* only where the series changes */
    PROBE_EACH = 1 << 2,     /* asked in each database; else once */
    PROBE_STANDBYS = 1 << 3, /* only of databases with standbys */
};

/* Versions as engine_version_number has them. Rows may share an id. */
struct engine_probe {
    const char *id; /* "pg.reg_types", for --skip-check */
    unsigned flags;
    int since, below; /* the server's version is within [since, below); 0: any */
    int to;           /* the wanted version is at least this; 0: any */
    const char *text; /* what is wrong with the objects; they are named behind it */
    const char *hint; /* what to do about it */
    /* Prints the objects, one column, one a row. No semicolon, no ORDER BY. The column is
     * named o where the frame has no WITH. */
    const char *sql;
};

/* A change of version. */
struct probe_case {
    int from, to;
    enum engine_topology topology;
    int series; /* engine.series_size */
};

bool probe_applies(const struct engine_probe *row, const struct probe_case *c);

/* How an engine writes as text how many objects there are, and one of them, "o". Names of
 * objects may hold anything; a line and its columns must not break. */
struct probe_frame {
    const char *count, *object;
    bool twice; /* servers may know no WITH: the statement is there twice */
    bool hex;   /* the object is printed in hex */
};

/* The statement that is sent: it prints nothing where there are no objects, else how many
 * and the first few, which probe_take finds again by `key`. Caller frees. */
char *probe_sql(const struct engine *en, const struct engine_probe *row, size_t key);

enum { PROBE_NAMED = 5, PROBE_NAME = 160 };

/* What a row found. Begins as zeroes. */
struct probe_found {
    long long n;
    size_t named;
    char names[PROBE_NAMED][PROBE_NAME]; /* cut */
};

/* Adds what was printed for `key`; `database`: in which, NULL: asked once. */
void probe_take(struct probe_found *found, const char *answer, size_t key,
                const char *database);

/* "columns of types that ...: app: public.t.c, app: public.u.d and 12 more". Returns
 * out. */
char *probe_say(const struct engine_probe *row, const struct probe_found *found,
                char *out, size_t size);

#endif
