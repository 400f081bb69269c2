#ifndef CLUSTER_EMIT_POD_H
#define CLUSTER_EMIT_POD_H

#include "engine/engine.h"
#include "ui/ui.h"

struct run;
struct flow_pod;

/*
 * Events about a member, for the user interface.
 */

void tell_pod(struct run *run, const struct flow_pod *p, enum ui_pod_state state,
              const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* What a member is to its database, from now on: told where it was something else. */
void tell_role(struct run *run, struct flow_pod *p, enum member_role role);

#endif
