#ifndef LOCK_LEASE_H
#define LOCK_LEASE_H

#include <jansson.h>
#include <stddef.h>

#include "engine/engine.h"
#include "kube/client.h"

/*
 * The Lease that is lock and journal of a database: how it is called, and what it
 * carries. Runs hold it (lock.c), status reads it, ctl writes one annotation of it.
 */

#define LEASE_LABEL "app.kubernetes.io/managed-by=kubectl-dbupgrade"

enum { LEASE_SECONDS = 15, LEASE_NAME_MAX = 300 };

/* What its annotations are called. */
#define LEASE_JOURNAL "kubectl-dbupgrade/journal"
#define LEASE_SEAL    "kubectl-dbupgrade/seal"
#define LEASE_STEP    "kubectl-dbupgrade/step"
#define LEASE_CTL     "kubectl-dbupgrade/ctl"
#define LEASE_HELD    "kubectl-dbupgrade/held"

/* name NULL: the collection; name_space NULL: of all namespaces. */
struct kube_ref lease_ref(const char *name_space, const char *name);

/* "dbupgrade-mysqls-my-db"; `out` at least LEASE_NAME_MAX. Returns out. */
char *lease_name(const struct engine *en, const char *database, char *out, size_t size);

/* The database's name in a Lease's name, borrowed, and *en its kind (NULL: none that
 * this program knows, then the kind is in the name still). NULL: not such a Lease. */
const char *lease_database(const char *name, const struct engine **en);

/* An annotation, "" if it is not there. Borrowed. */
const char *lease_annotation(const json_t *lease, const char *key);

/* "user@host/pid" of this process. Returns out. */
char *lease_self(char *out, size_t size);

/* How long a Lease lives unrenewed, in milliseconds, by what it says. What no run writes
 * counts as the usual: whoever edits Leases makes no run wait for ever. Less than the
 * usual does no harm: a holder's name can be taken away altogether. */
long long lease_duration_ms(const json_t *lease);

#endif
