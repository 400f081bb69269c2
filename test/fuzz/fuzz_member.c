/* What a server printed, be it anything: a member and measures, or an error.
 * parsers: lib/engine/parse.c */
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/scope.h"
#include "engine/databases.h"
#include "engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *text = mem_strndup((const char *)data, size);
    struct member_report m = { 0 };
    struct measures n = { 0 };
    struct databases databases;
    struct err e = { 0 };

    if (engine_parse_member(text, &m, &e) == 0) {
        if (m.queue < 0 || m.state[0] == '\0') {
            __builtin_trap();
        }
        (void)engine_version_number(m.version);
        (void)engine_version_is(m.version, m.id);
        member_report_clear(&m);
    } else if (e.code != ERR_PROTOCOL || m.position != NULL) {
        __builtin_trap();
    }
    if (engine_parse_measures(text, &n, &e) == 0 && (n.n == 0 || n.n > MEASURE_MAX)) {
        __builtin_trap();
    }
    engine_parse_databases(text, &databases);
    if (databases.n > size) {
        __builtin_trap();
    }
    databases_clear(&databases);
    return 0;
}
