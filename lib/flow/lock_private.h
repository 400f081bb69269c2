#ifndef FLOW_LOCK_PRIVATE_H
#define FLOW_LOCK_PRIVATE_H

#include "flow/flow_private.h"

/*
 * What taking and holding the lock share.
 */

enum { LOCK_SECONDS = 15 };

#define LOCK_JOURNAL "kubectl-dbupgrade/journal"
#define LOCK_STEP    "kubectl-dbupgrade/step"
#define LOCK_CTL     "kubectl-dbupgrade/ctl"
#define LOCK_HELD    "kubectl-dbupgrade/held"

/* The Lease, or with NULL the collection. */
struct kube_ref lock_ref(const struct flow *f, const char *name);

/* An annotation, "" if it is not there. Borrowed. */
const char *lock_annotation(const json_t *lease, const char *key);

/* Keeps uid and resourceVersion of a Lease as read. */
void lock_remember(struct lock *l, const json_t *lease);

/* After a write that succeeded, sent at clock_ms() `sent`. */
void lock_taken(struct flow *f, const json_t *lease, long long sent);

#endif
