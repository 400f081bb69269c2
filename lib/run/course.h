#ifndef RUN_COURSE_H
#define RUN_COURSE_H

#include <jansson.h>
#include <stdbool.h>

#include "kubedb/database.h"

/*
 * Where a run goes: forward to the new version, or back to the old one.
 */
struct flow;

bool flow_is_forward(const struct flow *f);
const char *flow_goal(const struct flow *f);          /* the wanted version's name */
const json_t *flow_goal_object(const struct flow *f); /* in the catalogue; NULL */

/* Once the version is patched the operator wants what we want. */
bool flow_needs_no_pause(const struct flow *f, const struct database *db);

#endif
