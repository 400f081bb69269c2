#ifndef UPGRADE_STATUS_PRIVATE_H
#define UPGRADE_STATUS_PRIVATE_H

#include "upgrade/status.h"

/* Appends a row (its references are stolen). */
void status_add(struct status_list *l, const struct status_row *row);

/* -- status_details.c: what else the cluster says -- */

/* Gets a database, or with name NULL lists all of a kind, in whatever version is served.
 * New reference. */
int status_get_database(struct kube *k, const struct engine *en, const char *name_space,
                        const char *name, json_t **out, struct err *e);

/* Steals the object, and reads from it what a row says of its database. */
void status_set_database(struct status_row *r, json_t *object);

/* Fills in the database and the members of a row. Never fails: what may not be read is
 * named in left_out. */
void status_look(struct kube *k, struct status_row *r);

/* Notes that `what` could not be looked at. */
void status_leave_out(char *out, size_t size, const char *what, const struct err *e);

/* -- status_orphans.c -- */

/* Adds the databases of the query's kind that this program paused and that have no Lease;
 * that they may not be looked at is noted in the list. ERR_NOT_FOUND: the one that was
 * named is not there, and no Lease of it either. */
int status_look_left(const struct status_query *q, struct kube *k, struct status_list *l,
                     struct err *e);

#endif
