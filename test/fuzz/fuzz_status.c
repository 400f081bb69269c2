/* A reply that says no, be it anything: a readable, bounded error. */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>

#include "kube/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long codes[] = { 400, 401, 404, 409, 422, 429, 500, 503 };
    struct err e = { 0 };
    long code = size > 0 ? codes[data[0] % 8] : 500;

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
