#ifndef RUN_COURSE_H
#define RUN_COURSE_H

#include <jansson.h>
#include <stdbool.h>

#include "kubedb/database.h"

/*
 * Where a run goes: forward to the new version, or back to the old one.
 */
struct run;

bool course_is_forward(const struct run *run);
const char *course_goal(const struct run *run);          /* the wanted version's name */
const json_t *course_goal_object(const struct run *run); /* in the catalogue; NULL */

/* Once the version is patched the operator wants what we want. */
bool course_needs_no_pause(const struct run *run, const struct database *db);

#endif
