#ifndef DOUBLE_LEASE_H
#define DOUBLE_LEASE_H

#include "double_observe.h"
#include "double_world.h"

/* What a lock is worth in time: by when changes must be sent, and naps. */

/* Of a change the guard says by when it must be sent: before anybody may take the lock,
 * with time left for the way. Writes of the Lease itself may come at any time. */
void lease_check_until(bool guarded, const struct kube_ref *ref, long long until,
                       const char *label);

/* The server is not heard meanwhile: *away, NULL where that is counted otherwise. */
void lease_nap(long long *away);

#endif
