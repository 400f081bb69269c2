#ifndef RUN_WAIT_H
#define RUN_WAIT_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Waiting is one function: a predicate, a limit, and a reason that is shown.
 */
struct run;

struct wait_state {
    bool done;
    bool reverted; /* what the run changed is not there any more */
    char now[256];
    char want[256];
};

/* A wait is a predicate, asked again after each change in a mirror and every `probe_ms`.
 * Its errors that time may heal (ERR_NETWORK, ERR_TIMEOUT, server errors) are shown and
 * waited out; all others end the wait. */
struct wait {
    const char *id;
    const char *pod; /* "" */
    const char *text;
    long long limit_ms;
    long probe_ms;
    long long hold_ms; /* it must stay so for so long */
    bool watchful;     /* what others do to the database ends the wait */
    int (*check)(void *on, void *ctx, struct wait_state *s, struct err *e);
    void *on; /* what it looks at: the run, the lock or the cluster */
    void *ctx;
};

int wait_until(struct run *run, const struct wait *w, struct err *e);

/* ERR_INTERRUPTED after a signal, or when the run was asked to turn round; ERR_TIMEOUT
 * after the deadline. */
int wait_check_stop(struct run *run, struct err *e);

#endif
