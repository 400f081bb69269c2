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

/* Milliseconds since the world began, and for how many of them this machine slept. */
static long long double_now = 1000000;
static long long double_slept;

enum { DOUBLE_EPOCH = 1795000000 }; /* seconds: a day of November 2026 */

int
clock_gettime(clockid_t id, struct timespec *t)
{
    long long ms = double_now;

    if (id == CLOCK_MONOTONIC) {
        ms -= double_slept;
    } else if (id != CLOCK_BOOTTIME) {
        ms += DOUBLE_EPOCH * 1000LL;
    }
    t->tv_sec = (time_t)(ms / 1000);
    t->tv_nsec = (long)(ms % 1000) * 1000000L;
    return 0;
}

/* This machine is suspended for so long; the world is not. */
static inline void
double_sleep(long long ms)
{
    double_now += ms;
    double_slept += ms;
}

static inline void
double_forget_signals(void)
{
    sig_count = 0;
    sig_first = 0;
}

#endif
