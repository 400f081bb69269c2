#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void __attribute__((format(printf, 3, 0)))
err_append(char *out, size_t size, const char *fmt, va_list ap)
{
    enum { LEAST = 8 };
    size_t have = strlen(out);

    if (size - have < LEAST) {
        return;
    }
    (void)str_line(out + have, size - have - 1, fmt, ap);
    have = strlen(out);
    out[have] = '\n';
    out[have + 1] = '\0';
}

void
err_clear(struct err *e)
{
    memset(e, 0, sizeof *e);
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    char text[sizeof e->msg];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err_clear(e);
    e->code = code;
    memcpy(e->msg, text, sizeof text);
    return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
    char text[sizeof e->msg];
    va_list ap;
    size_t len;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    len = strlen(text);
    (void)snprintf(text + len, sizeof text - len, ": %s", e->msg);
    memcpy(e->msg, text, sizeof text);
    return -1;
}

int
err_reason(struct err *e, const char *reason)
{
    (void)snprintf(e->reason, sizeof e->reason, "%s", reason);
    return -1;
}

int
err_detail(struct err *e, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_append(e->detail, sizeof e->detail, fmt, ap);
    va_end(ap);
    return -1;
}

int
err_hint(struct err *e, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_append(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
    return -1;
}

bool
err_is_transient(const struct err *e)
{
    return e->code == ERR_NETWORK || e->code == ERR_TIMEOUT || e->code == ERR_CONFLICT ||
           e->code == ERR_PROTOCOL ||
           (e->code == ERR_API && (e->status == 429 || e->status >= 500));
}
