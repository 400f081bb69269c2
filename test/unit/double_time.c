#include "double_time.h"

#include "lib/base/sig.c"

long long double_now = 1000000;

long long double_slept;

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

void
double_sleep(long long ms)
{
    double_now += ms;
    double_slept += ms;
}

void
double_forget_signals(void)
{
    sig_count = 0;
    sig_first = 0;
}
