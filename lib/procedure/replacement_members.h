#ifndef PROCEDURE_REPLACEMENT_MEMBERS_H
#define PROCEDURE_REPLACEMENT_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct run;
struct cluster;
struct member;
struct step;

/*
 * What the rows share that take the members of an upgrade by a new set one by one.
 */

enum { NEWSET_PROBE_MS = 500 };

/* A row of the run's table. */
const struct step *members_row(const struct run *run, const char *name);

/* One member's part of a row, told as a step of its own. */
int members_do(struct cluster *cluster, const struct step *row, size_t before,
               struct member *p,
               int (*one)(struct cluster *cluster, struct member *p, struct err *e),
               struct err *e);

/* Whether its set has a place for it. */
bool members_is_wanted(const struct cluster *cluster, const struct member *p);

/* Notes which members of the set that goes serve nobody any more. */
void members_mark_lost(struct cluster *cluster);

#endif
