#ifndef ENGINE_MEASURES_H
#define ENGINE_MEASURES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Amounts of data, to compare before with after. */
enum { MEASURE_MAX = 160 };

#define MEASURE_VALUE_MAX (1LL << 60) /* twice of it is a number still */

struct measures {
    size_t n;
    struct measure {
        char id[24];  /* "bytes", "tables", "rows" */
        char of[136]; /* the database that it is of; "": of all; "app: public.t": of a
                         table in one */
        long long value;
    } at[MEASURE_MAX];
};

/* A measure's tolerance: how much smaller it may have become, the larger of percent (of
 * the earlier value) and slack. It may grow: clients go on writing meanwhile. */
struct engine_measure {
    const char *id;
    const char *title;
    bool bytes; /* print as KiB, MiB, ... */
    double percent;
    long long slack;
    double major_percent; /* instead of percent where the data was converted for another
                             major version; 0: the same */
    bool needed;          /* once there, it must be there again; else a measure that one
                             side lacks is not compared */
    bool estimate;        /* by the planner's statistics, where there are any */
    bool exact;           /* it must be what it was, neither less nor more */
    bool sum;             /* a checksum: print as such */
};

/* Key/value rows -> struct; they may have a database's name, in hex, as a third column.
 * Unknown keys are ignored; a number that is negative is ERR_PROTOCOL. Of a measure that
 * is said twice the first counts. */
int engine_parse_measures(const char *out, struct measures *m, struct err *e);

/* A measure by its key, or NULL. */
const struct measure *engine_find_measure(const struct measures *m, const char *id,
                                          const char *of);

/* "12.4 GiB", "11 tables". Returns out. */
char *engine_show_measure(const struct engine_measure *row, long long value, char *out,
                          size_t size);

#endif
