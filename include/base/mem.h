#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/*
 * Memory. Running out of it ends the program in one place, so nobody checks.
 * Strings and blocks are released with free(), or by auto_free (base/scope.h).
 */

void *mem_alloc(size_t size); /* zeroed */
void *mem_grow(void *block, size_t count, size_t size);
char *mem_strdup(const char *s); /* NULL stays NULL */
char *mem_strndup(const char *s, size_t n);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For libraries that return NULL when out of memory: returns p, or ends the program. */
void *mem_check(void *p);

#endif
