#ifndef DOUBLE_OTHER_H
#define DOUBLE_OTHER_H

#include "base/clock.h"
#include "double_fixture.h"

/* Another run, as it shows on the Lease. */
#define OTHER "bob@laptop/7/abcdef"

static inline void
renew_by_other(void)
{
    char now[40];

    world_change("leases", FIX_LEASE, "spec.renewTime",
                 json_string(clock_rfc3339_micro(clock_wall_ms(), now, sizeof now)));
}

static inline void
take_by_other(void)
{
    if (world_lease() == NULL) {
        fix_lease(OTHER, NULL);
    } else {
        world_change("leases", FIX_LEASE, "spec.holderIdentity", json_string(OTHER));
    }
}

#endif
