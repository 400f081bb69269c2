#ifndef KUBE_FRAME_H
#define KUBE_FRAME_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Cuts a stream that comes in arbitrary pieces into lines. Pure. A line that is not
 * complete is kept, up to the buffer's limit; each byte is looked at once.
 */

struct frame {
    struct buf rest; /* set its limit: the longest line */
};

/* Calls `line` for each complete line, without its end; empty lines are left out.
 * Returns 0, -1 when the callback did, or -2 when a line passes the limit. */
int frame_add(struct frame *f, const char *data, size_t len,
              int (*line)(void *ctx, const char *text, size_t len), void *ctx)
    __attribute__((warn_unused_result));

void frame_clear(struct frame *f);

#endif
