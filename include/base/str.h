#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* Copies with truncation; always NUL-terminated. Returns out. */
char *str_copy(char *out, size_t size, const char *s);

/* Parses a whole decimal number; false if it is none or does not fit. */
bool str_to_ll(const char *s, long long *out);

/* "128M", "10Gi", "2 GiB", "512": powers of 1024. False where it is no size. */
bool str_to_bytes(const char *s, long long *out);

/* "12.4 GiB", "980 B". Returns out. */
char *str_bytes(long long n, char *out, size_t size);

/* The candidate nearest to a word by edit distance, or NULL if none is near. */
const char *str_nearest(const char *word, const char *const *candidates, size_t n);

/* Appends with truncation, like snprintf at the end of what is there. Returns out. */
char *str_append(char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Formats one line, in which line ends of the arguments are spaces. What has no room is
 * cut and ends with " ...": a command in it would be another one, and that is a word that
 * no command takes. Returns out. */
char *str_line(char *out, size_t size, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

#endif
