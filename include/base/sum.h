#ifndef BASE_SUM_H
#define BASE_SUM_H

#include <limits.h>

/*
 * Sums of numbers that others print, which may be as large as they like: a result that
 * has no room is the largest or the smallest number, so that it never comes round.
 */

static inline long long
sum_add(long long a, long long b)
{
    long long out = 0;

    if (__builtin_add_overflow(a, b, &out)) {
        return a < 0 ? LLONG_MIN : LLONG_MAX;
    }
    return out;
}

static inline long long
sum_subtract(long long a, long long b)
{
    long long out = 0;

    if (__builtin_sub_overflow(a, b, &out)) {
        return a < 0 ? LLONG_MIN : LLONG_MAX;
    }
    return out;
}

static inline long long
sum_times(long long a, long long b)
{
    long long out = 0;

    if (__builtin_mul_overflow(a, b, &out)) {
        return (a < 0) == (b < 0) ? LLONG_MAX : LLONG_MIN;
    }
    return out;
}

#endif
