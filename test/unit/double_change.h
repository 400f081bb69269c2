#ifndef DOUBLE_CHANGE_H
#define DOUBLE_CHANGE_H

#include "double_call.h"
#include "double_observe.h"

/* What a patch is called, and what is looked at before it is made. */

/* How many replicas a patch of a set wants; -1: it is about something else. */
long long change_replicas(const json_t *patch);

/* What a change of the database is: "pause", "resume", "version". */
const char *change_label(const struct kube_ref *ref, const json_t *patch);

void change_observe(const char *label, const json_t *patch);
void change_made(const char *label);

#endif
