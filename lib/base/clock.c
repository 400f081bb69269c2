#define _GNU_SOURCE /* timegm */
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/sum.h"

/* A clock that counts the time in which the machine is suspended. POSIX has none by name:
 * where the system knows no CLOCK_BOOTTIME (Linux, OpenBSD), CLOCK_MONOTONIC is the best
 * there is; on macOS and FreeBSD it counts that time itself. */
#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif

enum { MS_SECOND = 1000, MS_MINUTE = 60 * MS_SECOND, MS_HOUR = 60 * MS_MINUTE };

static long long
clock_read(clockid_t id)
{
    struct timespec t = { 0 };

    if (clock_gettime(id, &t) < 0) { /* a sandbox may not have it; then it never has */
        (void)clock_gettime(CLOCK_MONOTONIC, &t);
    }
    return (long long)t.tv_sec * MS_SECOND + t.tv_nsec / 1000000;
}

long long
clock_ms(void)
{
    return clock_read(CLOCK_BOOTTIME);
}

long long
clock_wall_ms(void)
{
    return clock_read(CLOCK_REALTIME);
}

static char *
clock_format(long long wall_ms, const char *fraction, char *out, size_t size)
{
    time_t seconds = (time_t)(wall_ms / MS_SECOND);
    struct tm tm = { 0 };
    size_t len = 0;

    (void)gmtime_r(&seconds, &tm);
    len = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out + len, size - len, "%sZ", fraction);
    return out;
}

char *
clock_rfc3339(long long wall_ms, char *out, size_t size)
{
    return clock_format(wall_ms, "", out, size);
}

char *
clock_rfc3339_micro(long long wall_ms, char *out, size_t size)
{
    char fraction[16];

    (void)snprintf(fraction, sizeof fraction, ".%03d000", (int)(wall_ms % MS_SECOND));
    return clock_format(wall_ms, fraction, out, size);
}

long long
clock_parse_rfc3339(const char *text)
{
    struct tm tm = { 0 };
    char again[32];
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    long long ms = 0;

    if (rest == NULL) {
        return -1;
    }
    if (*rest == '.') {
        int digits = 0;

        for (rest++; isdigit((unsigned char)*rest); rest++) {
            if (digits++ < 3) {
                ms = ms * 10 + (*rest - '0');
            }
        }
        for (; digits < 3; digits++) {
            ms *= 10;
        }
    }
    if (strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0) {
        return -1;
    }
    ms += (long long)timegm(&tm) * MS_SECOND;
    /* strptime takes blanks and short numbers too, and timegm makes March of February 30.
     */
    return ms >= 0 && strncmp(clock_rfc3339(ms, again, sizeof again), text,
                              sizeof "2026-11-21T10:40:59" - 1) == 0
               ? ms
               : -1;
}

char *
clock_duration(long long ms, char *out, size_t size)
{
    long long s = ms / MS_SECOND;

    if (ms < MS_SECOND) {
        (void)snprintf(out, size, "%lldms", ms < 0 ? 0 : ms);
    } else if (ms < MS_MINUTE) {
        (void)snprintf(out, size, "%llds", s);
    } else if (ms < MS_HOUR) {
        (void)snprintf(out, size, "%lldm%02llds", s / 60, s % 60);
    } else {
        (void)snprintf(out, size, "%lldh%02lldm", s / 3600, s / 60 % 60);
    }
    return out;
}

static const struct clock_unit {
    const char *name;
    long long ms;
} clock_units[] = {
    { "ms", 1 },
    { "s", MS_SECOND },
    { "m", MS_MINUTE },
    { "h", MS_HOUR },
};

/* The factor of the unit that the letters name; 0 for no unit. */
static long long
clock_unit(const char *letters, size_t len)
{
    for (size_t i = 0; i < sizeof clock_units / sizeof *clock_units; i++) {
        if (strlen(clock_units[i].name) == len &&
            strncmp(clock_units[i].name, letters, len) == 0) {
            return clock_units[i].ms;
        }
    }
    return 0;
}

long long
clock_parse_duration(const char *text)
{
    enum { LIMIT = 1000 * 1000 * 1000 };
    long long total = 0;

    if (str_to_ll(text, &total)) {
        return total >= 0 && total < LIMIT ? total * MS_SECOND : -1;
    }
    total = 0;
    do {
        size_t digits = strspn(text, "0123456789");
        size_t letters = strspn(text + digits, "mhs");
        long long unit = clock_unit(text + digits, letters);
        long long n = 0;

        if (digits == 0 || digits > 9 || unit == 0) {
            return -1;
        }
        n = strtoll(text, NULL, 10);
        total = sum_add(total, n * unit);
        if (total / MS_SECOND >= LIMIT) {
            return -1;
        }
        text += digits + letters;
    } while (*text != '\0');
    return total;
}
