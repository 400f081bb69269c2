#include "double_err.h"

#include "double_world.h"

/* -- errors as the client makes them -- */

int
call_cut(struct err *e, const char *why)
{
    err_set(e, ERR_NETWORK, "the connection was closed (%s)", why);
    return err_reason(e, "OUTCOME_UNKNOWN");
}

int
call_status(struct err *e, int status, const char *fmt, ...)
{
    enum err_code code = status == 404   ? ERR_NOT_FOUND
                         : status == 409 ? ERR_CONFLICT
                         : status == 403 ? ERR_FORBIDDEN
                                         : ERR_API;
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err_set(e, code, "%s: HTTP %d%s", text, status, world.says != NULL ? world.says : "");
    e->status = status;
    return -1;
}
