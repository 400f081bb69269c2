#ifndef DOUBLE_TIME_H
#define DOUBLE_TIME_H

#include <time.h>

/*
 * Virtual time and signals that can be taken back, for tests of the flow.
 *
 * clock_gettime() is defined here and so is what lib/base/clock.c reads: time passes only
 * when the double of the API server says so. The signals' source is compiled into the
 * test, so that what one run was asked can be forgotten before the next.
 */
#include "lib/base/sig.c"

/* Milliseconds since the world began. */
static long long double_now = 1000000;

enum { DOUBLE_EPOCH = 1795000000 }; /* seconds: a day of November 2026 */

int
clock_gettime(clockid_t id, struct timespec *t)
{
    long long ms = double_now;

    if (id != CLOCK_MONOTONIC) {
        ms += DOUBLE_EPOCH * 1000LL;
    }
    t->tv_sec = (time_t)(ms / 1000);
    t->tv_nsec = (long)(ms % 1000) * 1000000L;
    return 0;
}

static inline void
double_forget_signals(void)
{
    sig_count = 0;
    sig_first = 0;
}

#endif
