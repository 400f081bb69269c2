#ifndef DOUBLE_JOURNAL_H
#define DOUBLE_JOURNAL_H

#include "double_newset_runs.h"

/*
 * Somebody who may edit Leases, and nothing else: changes the journal that an interrupted
 * run has left.
 */

#define EVIL "evil.example/backdoor:1"

/* Changes one member of the journal, by its path ("images.0.from"), to a JSON text. */
void journal_plant(const char *path, const char *value);

/* The journal as a whole. */
void journal_put(const char *text);

/* Nobody disturbs the next run, and nothing was changed yet. */
void journal_ready(void);

/* A MySQL group's upgrade, interrupted before its primary's turn. */
void journal_of_group(void);

/* An upgrade by a new set, interrupted at a call; with or without the old data's end. */
void journal_of_new_set(const char *stop, bool delete_old_data);

/* The run is refused, says why, and nothing was changed. */
void journal_is_refused(int got, const char *why);

#endif
