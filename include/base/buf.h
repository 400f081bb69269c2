#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/scope.h"

/*
 * A growing byte buffer with a limit. Everything that a peer sends is received
 * in one of these. The text is always followed by a NUL that does not count.
 */
struct buf {
    char *data; /* NULL while nothing was ever added */
    size_t len;
    size_t cap;
    size_t limit; /* adding beyond it fails; 0: 64 KiB */
};

#define BUF_LIMIT(n) \
    {                \
        .limit = (n) \
    }

/* Return 0, or -1 when the limit would be passed (then nothing was added). */
int buf_add(struct buf *b, const void *data, size_t len)
    __attribute__((warn_unused_result));
int buf_puts(struct buf *b, const char *s) __attribute__((warn_unused_result));
int buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));

void buf_drop(struct buf *b, size_t n);    /* forgets the first n bytes */
void buf_reset(struct buf *b);             /* forgets the content, keeps the memory */
const char *buf_text(const struct buf *b); /* "" when empty */
char *buf_take(struct buf *b);             /* caller owns the result; never NULL */
void buf_free(struct buf *b);

#define auto_buf scope_cleanup(buf_free)

#endif
