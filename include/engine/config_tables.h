#ifndef ENGINE_CONFIG_TABLES_H
#define ENGINE_CONFIG_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"

/*
 * Engines whose members hold no data but a configuration, in tables of three layers: what
 * is in use, what is edited, and what is saved to disk. Rows of what they consist of, and
 * pure functions on what a server printed.
 */

/* A part that is saved by one command. Ends with a NULL id. */
struct engine_config {
    const char *id;     /* "rules"; also the measures' id: how many rows at runtime */
    const char *sum_id; /* of the measure with their checksum; NULL: they are not compared
                           after a restart */
    const char *title;  /* "query rules" */
    /* Print the rows, one a line, at runtime and on disk, so that what is the same prints
     * the same. A line begins with a mark that no client's warning has. */
    const char *runtime_sql;
    const char *disk_sql;
    const char
        *seen_sql; /* as runtime_sql, with secrets: for the checksum; never shown */
    /* Prints statements that make what is on disk in the edited layer of another server;
     * they hold secrets. NULL: it is not copied. */
    const char *copy_sql;
    const char *const *clear_sql; /* what makes room for them; ends with NULL */
    const char *const *save_sql;  /* runtime to disk; ends with NULL */
    const char *const *use_sql; /* the edited layer to runtime and disk; ends with NULL */
};

/* Rows printed, and a checksum of them in which their order does not count. */
struct config_sum {
    long long rows;
    long long sum; /* not negative */
};
struct config_sum config_sum(const char *out);

/* How many rows differ: those that one answer has and the other lacks, whichever are
 * more.
 */
size_t config_differences(const char *a, const char *b);

/* Whether a line that copy_sql printed is what it must be: one row for one of the tables
 * that clear_sql empties, of numbers, hexadecimal texts and NULL. Whatever else a server
 * answers is not to be run on another one. */
bool config_is_row(const struct engine_config *c, const char *line);

/* The i-th line that was printed with the mark, without it, or NULL. Caller frees. */
char *config_line(const char *out, size_t i);

#endif
