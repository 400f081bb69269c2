#include "double_other.h"

void
renew_by_other(void)
{
    char now[40];

    world_change("leases", FIX_LEASE, "spec.renewTime",
                 json_string(clock_rfc3339_micro(clock_wall_ms(), now, sizeof now)));
}

void
take_by_other(void)
{
    if (world_lease() == NULL) {
        fix_lease(OTHER, NULL);
    } else {
        world_change("leases", FIX_LEASE, "spec.holderIdentity", json_string(OTHER));
    }
}
