#ifndef DOUBLE_LEASE_H
#define DOUBLE_LEASE_H

#include "double_observe.h"
#include "double_world.h"

/* What a lock is worth in time: by when changes must be sent, and naps. */

enum { LEASE_LASTS_MS = 15000, LEASE_WAY_MS = 2000 };

/* Of a change the guard says by when it must be sent: before anybody may take the lock,
 * with time left for the way. Writes of the Lease itself may come at any time. */
static inline void
lease_check_until(bool guarded, const struct kube_ref *ref, long long until,
                  const char *label)
{
    if (guarded && !str_eq(ref->resource, "leases") &&
        (until < double_now || until > double_now + LEASE_LASTS_MS - LEASE_WAY_MS)) {
        observe_violation("%s: may be sent for %lld ms more", label, until - double_now);
    }
}

/* This machine sleeps for so long after the present call. */
static long long lease_nap_ms;

/* The server is not heard meanwhile: *away, NULL where that is counted otherwise. */
static inline void
lease_nap(long long *away)
{
    double_sleep(lease_nap_ms);
    if (away != NULL) {
        *away += lease_nap_ms;
    }
    lease_nap_ms = 0;
}

#endif
