#ifndef DOUBLE_TRANSCRIPT_H
#define DOUBLE_TRANSCRIPT_H

#include <regex.h>

#include "double_torture.h"
#include "golden.h"

/*
 * Whole runs as text: all that the user is told, waits and hints too, and every change
 * that was made. Compared with test/data/flow/NAME; GOLDEN=update writes it. Left out is
 * what says how long something took, or how many requests.
 */

struct transcript {
    const char *name;    /* of the file */
    void (*begin)(void); /* the world before it */
    const char *to;
    void (*ask)(struct upgrade_request *rq); /* more of the request; may be NULL */
    const char *dies; /* the first run dies behind this change, and another ... */
    bool abort;       /* ... walks back, or (not) goes on */
    int status;       /* of the last run */
};
extern struct buf transcript;
extern size_t transcript_waits; /* since there nothing but waits was told */

void __attribute__((format(printf, 2, 3)))
transcript_add(bool wait, const char *fmt, ...);
void transcript_check(const struct transcript *all, size_t n);

#endif
