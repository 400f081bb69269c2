#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
mem_exhausted(void)
{
    static const char text[] = "kubectl-dbupgrade: out of memory\n";

    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    abort();
}

void *
mem_check(void *p)
{
    if (p == NULL) {
        mem_exhausted();
    }
    return p;
}

void *
mem_alloc(size_t size)
{
    return mem_check(calloc(1, size > 0 ? size : 1));
}

void *
mem_grow(void *block, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        mem_exhausted();
    }
    return mem_check(realloc(block, count * size > 0 ? count * size : 1));
}

char *
mem_strdup(const char *s)
{
    return s != NULL ? mem_check(strdup(s)) : NULL;
}

char *
mem_strndup(const char *s, size_t n)
{
    return mem_check(strndup(s, n));
}

char *
mem_printf(const char *fmt, ...)
{
    va_list ap;
    va_list again;
    char *out = NULL;
    int len = 0;

    va_start(ap, fmt);
    va_copy(again, ap);
    len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (len < 0) {
        mem_exhausted();
    }
    out = mem_alloc((size_t)len + 1);
    (void)vsnprintf(out, (size_t)len + 1, fmt, again);
    va_end(again);
    return out;
}
