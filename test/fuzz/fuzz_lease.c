/* A Lease: of which database it is, by its name, and what it carries.
 * parsers: lib/lock/lease.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "lock/lease.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_json json_t *lease = fuzz_json(&in);
    const char *name = json_path_str(lease, "metadata.name");
    const char *step = lease_annotation(lease, LEASE_STEP);
    struct kube_ref ref = lease_ref("demo", name);
    const struct engine *en = NULL;
    const char *database = lease_database(name, &en);
    char again[LEASE_NAME_MAX];
    char self[64];

    fuzz_check(step != NULL && lease_annotation(lease, LEASE_JOURNAL) != NULL);
    fuzz_check(str_eq(ref.name, name) && str_eq(ref.resource, "leases"));
    fuzz_check(en == NULL || database != NULL);
    fuzz_check((database == NULL) == !str_starts(name, "dbupgrade-"));
    if (en != NULL && strlen(name) < sizeof again) {
        fuzz_check(str_eq(lease_name(en, database, again, sizeof again), name));
    }
    fuzz_check(strchr(lease_self(self, sizeof self), '/') != NULL);
    return 0;
}
