#ifndef LOCK_SEAL_H
#define LOCK_SEAL_H

#include <jansson.h>

#include "base/err.h"
#include "lock/lock.h"

/*
 * The seal of a journal: a digest of it with a key from a Secret that only those can read
 * who may upgrade. It binds the text to its Lease, namespace and database, so that who
 * may edit Leases can neither write a journal nor move one. Nothing here happens without
 * --journal-key.
 */

/* Reads the key where one is asked for. ERR_REFUSED: the Secret has no such key, or it is
 * too short. */
int seal_read_key(struct lock *lock, struct err *e);
void seal_free(struct lock *lock);

/* Whether the journal (text, parsed) of a Lease is sealed with the key. That of another
 * database of this name is not looked at. ERR_REFUSED. */
int seal_check(struct lock *lock, const json_t *lease, const char *text,
               const json_t *journal, struct err *e);

/* Adds the seal of a journal's text to the annotations that are written with it. */
void seal_add(const struct lock *lock, json_t *annotations, const char *text);

#endif
