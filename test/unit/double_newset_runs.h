#ifndef DOUBLE_NEWSET_RUNS_H
#define DOUBLE_NEWSET_RUNS_H

#include "double_torture.h"

/* Runs of upgrades by a new set. */

void world_new_set(void);
int run_new_set(const char *to);
int run_abort(void);

#endif
