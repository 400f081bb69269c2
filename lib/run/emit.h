#ifndef RUN_EMIT_H
#define RUN_EMIT_H

#include "cluster/cluster.h"
#include "ui/ui.h"

struct flow;
struct flow_step;

/*
 * Events for the user interface.
 */

void tell_note(struct flow *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void tell_warning(struct flow *f, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void tell_pod(struct flow *f, const struct flow_pod *p, enum ui_pod_state state,
              const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What a member is to its database, from now on: told where it was something else. */
void tell_role(struct flow *f, struct flow_pod *p, enum member_role role);
void tell_step(struct flow *f, const struct flow_step *s, const char *pod,
               enum ui_step_state state, long long ms);
void tell_start(struct flow *f);
/* The command that would carry a plan out; the caller frees it. */
char *tell_apply(const struct flow *f);

#endif
