#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
str_eq(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s);
    size_t m = strlen(suffix);

    return n >= m && strcmp(s + n - m, suffix) == 0;
}

char *
str_copy(char *out, size_t size, const char *s)
{
    size_t len = strnlen(s, size - 1); /* what is cut off is not even looked at */

    memcpy(out, s, len);
    out[len] = '\0';
    return out;
}

bool
str_to_ll(const char *s, long long *out)
{
    char *end = NULL;
    long long n = 0;

    if (*s == '\0' || strspn(s, "-0123456789") != strlen(s)) {
        return false;
    }
    errno = 0;
    n = strtoll(s, &end, 10);
    if (errno != 0 || *end != '\0') {
        return false;
    }
    *out = n;
    return true;
}

bool
str_to_bytes(const char *s, long long *out)
{
    static const char units[] = "KMGTP";
    size_t digits = strspn(s, "0123456789");
    char *end = NULL;
    const char *unit = NULL;
    int shift = 0;

    errno = 0;
    *out = digits > 0 ? strtoll(s, &end, 10) : -1;
    if (digits == 0 || errno != 0) {
        return false;
    }
    end += *end == ' ' ? 1 : 0;
    unit = *end != '\0' ? strchr(units, toupper((unsigned char)*end)) : NULL;
    if (unit != NULL) {
        shift = 10 * (int)(unit - units + 1);
        end++;
        end += *end == 'i' ? 1 : 0;
    }
    end += *end == 'B' ? 1 : 0;
    if (*end != '\0' || *out > (LLONG_MAX >> shift)) {
        return false;
    }
    *out <<= shift;
    return true;
}

char *
str_bytes(long long n, char *out, size_t size)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
    double value = (double)n;
    size_t unit = 0;

    while ((value >= 1024 || value <= -1024) && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    if (unit == 0) {
        (void)snprintf(out, size, "%lld B", n);
    } else {
        (void)snprintf(out, size, "%.1f %s", value, units[unit]);
    }
    return out;
}

char *
str_append(char *out, size_t size, const char *fmt, ...)
{
    size_t have = strlen(out);
    va_list ap;

    va_start(ap, fmt);
    if (have < size) {
        (void)vsnprintf(out + have, size - have, fmt, ap);
    }
    va_end(ap);
    return out;
}

char *
str_line(char *out, size_t size, const char *fmt, va_list ap)
{
    static const char cut[] = " ...";
    int len = vsnprintf(out, size, fmt, ap);

    if ((len < 0 || (size_t)len >= size) && size >= sizeof cut) {
        memcpy(out + size - sizeof cut, cut, sizeof cut);
    }
    for (char *c = out; *c != '\0'; c++) {
        if (*c == '\n') {
            *c = ' ';
        }
    }
    return out;
}

enum { STR_WORD = 64 };

static unsigned
str_min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

/* Levenshtein's distance of two words shorter than STR_WORD. */
static unsigned
str_distance(const char *a, const char *b)
{
    unsigned row[STR_WORD];
    size_t m = strlen(b);

    for (unsigned j = 0; j <= m; j++) {
        row[j] = j;
    }
    for (unsigned i = 0; a[i] != '\0'; i++) {
        unsigned corner = row[0];

        row[0] = i + 1;
        for (unsigned j = 0; j < m; j++) {
            unsigned above = row[j + 1];

            row[j + 1] =
                str_min3(above + 1, row[j] + 1, corner + (a[i] == b[j] ? 0U : 1U));
            corner = above;
        }
    }
    return row[m];
}

const char *
str_nearest(const char *word, const char *const *candidates, size_t n)
{
    const char *best = NULL;
    unsigned least = 3; /* further away is no typo */

    if (strlen(word) >= STR_WORD) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned d = 0;

        if (candidates[i] == NULL || strlen(candidates[i]) >= STR_WORD) {
            continue;
        }
        d = str_distance(word, candidates[i]);
        if (d < least && d < strlen(candidates[i])) {
            least = d;
            best = candidates[i];
        }
    }
    return best;
}
