#ifndef DOUBLE_VOLUME_H
#define DOUBLE_VOLUME_H

#include "double_jobs.h"

/*
 * What the script of a major upgrade finds on a member's volume, and does there: `sh -c
 * ... dbupgrade COMMAND FROM TO ...` in a pod.
 */

/* -- what is done at once -- */

/* Returns the exit status. */
int volume_answer(size_t ordinal, const char *const *argv, bool live, struct buf *out);

/* What it answers after that. */
void volume_tell(size_t ordinal, const char *const *argv, struct buf *out);

/* Postgres with volumes. */
extern const struct servers servers_postgres;

#endif
