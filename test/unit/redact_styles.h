#ifndef TEST_UNIT_REDACT_STYLES_H
#define TEST_UNIT_REDACT_STYLES_H

#include <stddef.h>

#include "base/scope.h"

/*
 * Random secrets, as a syntax writes them. The same ones each time: a red test can be
 * looked into.
 */

struct secret {
    char *raw;
    char *written; /* quoted, escaped or encoded as its style wants it */
};

/* A secret in a style by its name, of which `len` bytes count; a style that there is not
 * fails the test. */
struct secret secret_new(const char *style, size_t len);
void secret_free(struct secret *s);

#define auto_secret scope_cleanup(secret_free)

/* From 0 to below n. */
size_t redact_random(size_t n);

#endif
