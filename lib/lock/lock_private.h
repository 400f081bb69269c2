#ifndef LOCK_LOCK_PRIVATE_H
#define LOCK_LOCK_PRIVATE_H

#include <jansson.h>

#include "lock/lease.h"
#include "lock/lock.h"

/*
 * What taking and holding the lock share.
 */

/* Keeps uid and resourceVersion of a Lease as read. */
void lock_remember(struct lock *l, const json_t *lease);

/* After a write that succeeded, sent at clock_ms() `sent`. */
void lock_taken(struct lock *lock, const json_t *lease, long long sent);

#endif
