#include "kube/frame.h"

#include <string.h>

static int
frame_line(struct frame *f, const char *text, size_t len,
           int (*line)(void *ctx, const char *text, size_t len), void *ctx)
{
    int rc = 0;

    if (f->rest.len > 0) {
        if (buf_add(&f->rest, text, len) < 0) {
            return -2;
        }
        text = f->rest.data;
        len = f->rest.len;
    } else if (f->rest.limit > 0 && len > f->rest.limit) {
        return -2;
    }
    if (len > 0 && text[len - 1] == '\r') {
        len--;
    }
    rc = len > 0 ? line(ctx, text, len) : 0;
    buf_reset(&f->rest);
    return rc < 0 ? -1 : 0;
}

int
frame_add(struct frame *f, const char *data, size_t len,
          int (*line)(void *ctx, const char *text, size_t len), void *ctx)
{
    const char *end = NULL;

    while (len > 0 && (end = memchr(data, '\n', len)) != NULL) {
        size_t n = (size_t)(end - data);
        int rc = frame_line(f, data, n, line, ctx);

        if (rc < 0) {
            return rc;
        }
        data += n + 1;
        len -= n + 1;
    }
    return buf_add(&f->rest, data, len) < 0 ? -2 : 0;
}

void
frame_clear(struct frame *f)
{
    buf_free(&f->rest);
}
