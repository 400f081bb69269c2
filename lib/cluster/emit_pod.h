#ifndef CLUSTER_EMIT_POD_H
#define CLUSTER_EMIT_POD_H

#include "engine/engine.h"
#include "ui/ui.h"

struct run;
struct member;

/*
 * Events about a member, for the user interface.
 */

void emit_pod(struct run *run, const struct member *p, enum ui_pod_state state,
              const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* What a member is to its database, from now on: told where it was something else. */
void emit_role(struct run *run, struct member *p, enum member_role role);

#endif
