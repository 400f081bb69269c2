#ifndef LOCK_JOURNAL_H
#define LOCK_JOURNAL_H

#include <jansson.h>

#include "base/err.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "run/run.h"

struct lock;
struct cluster;

/*
 * What an earlier run was asked to do, on the Lease.
 */

json_t *journal_new(const struct cluster *cluster);
enum direction journal_direction(const json_t *j);
const char *journal_direction_word(enum direction direction);

/* Reads one that is on the Lease of this database. Whoever may edit Leases may have
 * written it: nothing in it is more than a wish. *out is a new reference. ERR_REFUSED:
 * its form is wrong, or it is about another database. */
int journal_read(const struct lock *lock, const char *text, json_t **out, struct err *e);

/* Adds to an error how a journal that is not to be gone on with can be taken away. */
int journal_hint_remove(const struct lock *lock, struct err *e);

/* A pod's amounts of data from before; none where the journal has none. */
void journal_recall(const json_t *j, const char *pod, struct measures *m);

#endif
