#include "double_lease.h"

enum { LEASE_LASTS_MS = 15000, LEASE_WAY_MS = 2000 };

void
lease_check_until(bool guarded, const struct kube_ref *ref, long long until,
                  const char *label)
{
    if (guarded && !str_eq(ref->resource, "leases") &&
        (until < double_now || until > double_now + LEASE_LASTS_MS - LEASE_WAY_MS)) {
        observe_violation("%s: may be sent for %lld ms more", label, until - double_now);
    }
}

void
lease_nap(long long *away)
{
    double_sleep(world.nap_ms);
    if (away != NULL) {
        *away += world.nap_ms;
    }
    world.nap_ms = 0;
}
