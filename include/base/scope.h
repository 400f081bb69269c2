#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include <stdio.h>
#include <stdlib.h>

/*
 * Cleanup at the end of a scope. Declare a local resource with one of these and
 * "= NULL"; hand it over with scope_steal().
 *
 *     auto_free char *text = NULL;
 *     ...
 *     *out = scope_steal(&text);
 */

#define scope_cleanup(f) __attribute__((cleanup(f)))

static inline void
scope_free(void *p)
{
    free(*(void **)p);
}

static inline void
scope_fclose(FILE **f)
{
    if (*f != NULL) {
        (void)fclose(*f);
    }
}

/* Returns *p and leaves NULL there: the cleanup then does nothing. */
#define scope_steal(p)                       \
    (__extension__({                         \
        __typeof__(*(p)) scope_taken = *(p); \
        *(p) = NULL;                         \
        scope_taken;                         \
    }))

#define auto_free scope_cleanup(scope_free)
#define auto_file scope_cleanup(scope_fclose)

#endif
