/* Versions and constraints of anything: "CONSTRAINT\nVERSION". A version that is read
 * must equal itself, and match itself as ">= VERSION".
 * parsers: lib/kubedb/semver.c lib/kubedb/constraint.c */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "kubedb/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_itself(const char *text, const struct semver *v)
{
    auto_free char *constraint = mem_printf(">= %s", text);
    struct err e = { 0 };
    bool match = false;

    if (semver_compare(v, v) != 0) {
        __builtin_trap();
    }
    if (semver_matches(constraint, v, &match, &e) == 0 && !match) {
        __builtin_trap();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *text = mem_strndup((const char *)data, size);
    char *version = strchr(text, '\n');
    struct semver v;
    struct err e = { 0 };
    bool match = false;

    if (version == NULL) {
        return 0;
    }
    *version++ = '\0';
    if (semver_parse(version, &v, &e) < 0) {
        return 0;
    }
    check_itself(version, &v);
    (void)semver_matches(text, &v, &match, &e);
    return 0;
}
