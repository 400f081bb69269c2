/* A reply that says no, be it anything: a readable, bounded error.
 * parsers: lib/kube/api_status.c */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "kube/api_status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same in a watch. */
static void
check_event(const char *text, size_t len, struct err *e)
{
    auto_json json_t *status = json_parse(text, len, "event", e);

    if (status_object_error(status, e) != -1 || e->code == ERR_NONE) {
        __builtin_trap();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long codes[] = { 400, 401, 404, 409, 422, 429, 500, 503 };
    struct err e = { 0 };
    long code = size > 0 ? codes[data[0] % 8] : 500;

    if (size > 0 && data[size - 1] == ' ') {
        check_event((const char *)data, size, &e);
    }
    (void)status_error(code, (const char *)data, size, size % 2 != 0, &e);
    if (e.code == ERR_NONE || e.status != code || e.msg[0] == '\0') {
        __builtin_trap();
    }
    for (const char *c = e.msg; *c != '\0'; c++) {
        if (iscntrl((unsigned char)*c)) {
            __builtin_trap();
        }
    }
    return 0;
}
