#ifndef DOUBLE_TORTURE_H
#define DOUBLE_TORTURE_H

#include "double_fixture.h"

/*
 * One upgrade with one fault at its n-th call, and a second invocation without; for
 * every n until a run ends before its fault. The end must be that of a run that nothing
 * disturbed, and nothing forbidden may have happened on the way.
 */

struct torture {
    const char *title;
    const char *engine;
    size_t members, followers;
    const char *from, *to;
    enum rule_how how;
    int status;
    void (*spoil)(void); /* changes the world before the first run; may be NULL */
    const char *stop; /* an upgrade that ended at this call is aborted; NULL: upgraded */
    bool dies;        /* it died there, when the call was applied; not: it was refused */
    const char *topology; /* as in struct fix_size */
    size_t routers;
    const char *strategy; /* --strategy; NULL: not given */
};

void torture_revive(void);

/* Every how many-th point is tried: all of them, but under valgrind ($TEST_STRIDE). */
unsigned long torture_stride(void);

/* All objects as text, and which servers run what. The caller frees it. */
char *torture_state(void);

/* What all must be in the end; after an abort as if there had been no upgrade at all. */
char *torture_undisturbed(const struct torture *t);

void torture_show(const struct torture *t, unsigned long n, int first, int second,
                  const char *end);

/* The ways in which a call goes wrong; the first are those that are hard to get over. */
enum { WAYS = 5, WAYS_HARD = 3 };

/* A torture with the first n of the ways. */
void torture_row(const struct torture *row, size_t n);

void torture_ways(const char *engine, size_t members, const char *from, const char *to,
                  size_t n, void (*spoil)(void), const char *stop);

#endif
