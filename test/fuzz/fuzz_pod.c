/* A pod: what it is, what it does, and whether it will get well.
 * parsers: lib/kubedb/pod.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kubedb/pod.h"

enum { NOW = 1800000000 };

static const struct engine *
engine_of(const json_t *object)
{
    const char *name = json_path_str(object, "spec.containers.0.name");
    const struct engine *en = engine_find(name);

    return en != NULL ? en : engine_all[0];
}

static void
check_broken(const json_t *object)
{
    char container[16];
    struct err e = { 0 };
    bool broken = pod_is_broken(object, NOW * 1000LL, container, sizeof container, &e);

    fuzz_check(memchr(container, '\0', sizeof container) != NULL);
    fuzz_check(broken == (e.code == ERR_UNHEALTHY));
    fuzz_check(broken == str_starts(e.reason, "POD_"));
    fuzz_check(broken || container[0] == '\0');
    fuzz_check(!broken || json_path(object, "metadata.deletionTimestamp") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_json json_t *object = fuzz_json(&in);
    const struct engine *en = engine_of(object);
    struct pod p = { 0 };
    struct err e = { 0 };
    char doing[200];

    pod_doing(object, NOW * 1000LL, doing, sizeof doing);
    fuzz_check(memchr(doing, '\0', sizeof doing) != NULL && doing[0] != '\0');
    check_broken(object);
    if (pod_is_creating(object)) {
        fuzz_check(str_eq(json_path_str(object, "status.phase"), "Pending"));
    }
    (void)pod_has_run(en, object);
    if (pod_parse(en, object, &p, &e) < 0) {
        fuzz_check(e.code == ERR_PROTOCOL && p.name == NULL);
        return 0;
    }
    fuzz_check(*p.name != '\0' && *p.uid != '\0');
    fuzz_check(p.ordinal >= -1 && p.ordinal <= 1000000);
    fuzz_check(p.ordinal < 0 || strchr(p.name, '-') != NULL);
    return 0;
}
