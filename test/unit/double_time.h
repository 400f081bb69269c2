#ifndef DOUBLE_TIME_H
#define DOUBLE_TIME_H

#include <time.h>

/*
 * Virtual time and signals that can be taken back, for tests of the flow.
 *
 * clock_gettime() is defined here and so is what lib/base/clock.c reads: time passes only
 * when the double of the API server says so. The signals' source is compiled into
 * double_time.c, so that what one run was asked can be forgotten before the next.
 */

/* Milliseconds since the world began, and for how many of them this machine slept. */
extern long long double_now;
extern long long double_slept;

/* This machine is suspended for so long; the world is not. */
void double_sleep(long long ms);

void double_forget_signals(void);

#endif
