#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One line, whoever wrote it. A command in it that was cut would be another one: the mark
 * at its end is a word that no command takes. */
static void __attribute__((format(printf, 3, 0)))
err_append(char *out, size_t size, const char *fmt, va_list ap)
{
    static const char cut[] = " ...";
    size_t have = strlen(out);
    size_t room = size - have;
    int len = 0;

    if (room < sizeof cut + 1) {
        return;
    }
    len = vsnprintf(out + have, room - 1, fmt, ap);
    if (len < 0 || (size_t)len >= room - 1) {
        memcpy(out + size - 1 - sizeof cut, cut, sizeof cut);
    }
    for (; out[have] != '\0'; have++) {
        if (out[have] == '\n') {
            out[have] = ' ';
        }
    }
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
