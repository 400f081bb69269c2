#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { BUF_DEFAULT_LIMIT = 64 * 1024, BUF_FIRST = 256 };

static size_t
buf_limit(const struct buf *b)
{
    return b->limit > 0 ? b->limit : BUF_DEFAULT_LIMIT;
}

/* Makes room for `more` bytes and the NUL. */
static int
buf_room(struct buf *b, size_t more)
{
    size_t cap = b->cap > 0 ? b->cap : BUF_FIRST;

    if (more > buf_limit(b) - b->len) {
        return -1;
    }
    while (cap < b->len + more + 1) {
        cap *= 2;
    }
    if (cap != b->cap) {
        b->data = mem_grow(b->data, cap, 1);
        b->cap = cap;
    }
    return 0;
}

int
buf_add(struct buf *b, const void *data, size_t len)
{
    if (buf_room(b, len) < 0) {
        return -1;
    }
    if (len > 0) {
        memcpy(b->data + b->len, data, len);
    }
    b->len += len;
    b->data[b->len] = '\0';
    return 0;
}

int
buf_puts(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    int len = 0;

    va_start(ap, fmt);
    len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (len < 0 || buf_room(b, (size_t)len) < 0) {
        return -1;
    }
    va_start(ap, fmt);
    (void)vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)len;
    return 0;
}

void
buf_drop(struct buf *b, size_t n)
{
    if (b->data == NULL) {
        return;
    }
    if (n > b->len) {
        n = b->len;
    }
    memmove(b->data, b->data + n, b->len - n + 1);
    b->len -= n;
}

void
buf_reset(struct buf *b)
{
    buf_drop(b, b->len);
}

const char *
buf_text(const struct buf *b)
{
    return b->data != NULL ? b->data : "";
}

char *
buf_take(struct buf *b)
{
    char *out = b->data != NULL ? b->data : mem_strdup("");

    b->data = NULL;
    b->len = 0;
    b->cap = 0;
    return out;
}

void
buf_free(struct buf *b)
{
    free(b->data);
    b->data = NULL;
    b->len = 0;
    b->cap = 0;
}
