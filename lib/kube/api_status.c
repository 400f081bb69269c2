#include "kube/api_status.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"

enum { STATUS_CAUSES = 12, STATUS_QUOTE = 200 };

char *
status_readable(const char *text, size_t len, char *out, size_t size)
{
    size_t n = 0;
    bool gap = false;

    for (size_t i = 0; i < len && n + 2 < size; i++) {
        unsigned char c = (unsigned char)text[i];
        unsigned char after = i + 1 < len ? (unsigned char)text[i + 1] : 0;

        if (c <= ' ' || c == 0x7f) {
            gap = n > 0;
            continue;
        }
        if (c == 0xc2 && after >= 0x80 && after < 0xa0) { /* U+0080..U+009F */
            gap = n > 0;
            i++;
            continue;
        }
        if (gap) {
            out[n++] = ' ';
            gap = false;
        }
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return out;
}

/* A member as readable text; "" if there is none. Returns out. */
static char *
status_text(const json_t *o, const char *member, char *out, size_t size)
{
    const char *text = json_path_str(o, member);

    return status_readable(text, strlen(text), out, size);
}

static enum err_code
status_code(long http)
{
    switch (http) {
    case 401:
    case 403:
        return ERR_FORBIDDEN;
    case 404:
        return ERR_NOT_FOUND;
    case 409:
        return ERR_CONFLICT;
    default:
        return ERR_API;
    }
}

/* Causes say more than the message only where it does not hold them already. */
static void
status_causes(const json_t *status, struct err *e)
{
    const json_t *causes = json_path(status, "details.causes");
    size_t n = json_array_size(causes);

    for (size_t i = 0; i < n && i < STATUS_CAUSES; i++) {
        const json_t *cause = json_array_get(causes, i);
        char field[200];
        char text[400];

        status_text(cause, "field", field, sizeof field);
        status_text(cause, "message", text, sizeof text);
        if (*text != '\0' && strstr(e->msg, text) == NULL &&
            strstr(e->detail, text) == NULL) {
            err_detail(e, "%s%s%s", field, *field != '\0' ? ": " : "", text);
        }
    }
}

static int
status_fill(const json_t *status, long http, struct err *e)
{
    char reason[sizeof e->reason];
    char text[sizeof e->msg];

    status_text(status, "reason", reason, sizeof reason);
    status_text(status, "message", text, sizeof text);
    if (*text == '\0') {
        (void)snprintf(text, sizeof text, "%s (HTTP %ld)",
                       *reason != '\0' ? reason : "the API server refused the request",
                       http);
    }
    err_set(e, status_code(http), "%s", text);
    e->status = (int)http;
    e->retry_after = (int)json_path_int(status, "details.retryAfterSeconds", 0);
    err_reason(e, reason);
    status_causes(status, e);
    return -1;
}

int
status_object_error(const json_t *status, struct err *e)
{
    return status_fill(status, (long)json_path_int(status, "code", 500), e);
}

/* The API server says this, and no more, when a `test` of a JSON patch fails or a
 * path of it is not there. */
static bool
status_is_failed_test(const json_t *status, long http)
{
    return http == 422 && json_array_size(json_path(status, "details.causes")) == 0 &&
           *json_path_str(status, "details.name") == '\0';
}

int
status_error(long http, const char *body, size_t len, bool json_patch, struct err *e)
{
    struct err ignored;
    json_t *status auto_json = json_parse(body, len, "reply", &ignored);
    char text[STATUS_QUOTE];

    if (!str_eq(json_path_str(status, "kind"), "Status")) {
        status_readable(body, len, text, sizeof text);
        err_set(e, status_code(http), "HTTP %ld%s%s", http, *text != '\0' ? ": " : "",
                text);
        e->status = (int)http;
        return -1;
    }
    if (json_patch && status_is_failed_test(status, http)) {
        err_set(e, ERR_CONFLICT, "the object was changed by another client");
        e->status = (int)http;
        return err_reason(e, "TestFailed");
    }
    return status_fill(status, http, e);
}
