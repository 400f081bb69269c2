#include "cluster/emit_pod.h"

#include <stdarg.h>
#include <stdio.h>

#include "cluster/cluster.h"
#include "engine/engine.h"
#include "engine/role.h"
#include "run/run.h"
#include "ui/ui.h"

/*
 * Events about a member, for the user interface.
 */

static const char *
emit_role_of(const struct member *p)
{
    return p->set->role != NULL ? p->set->role : role_words(p->role)->shown;
}

void
emit_role(struct run *run, struct member *p, enum member_role role)
{
    if (p->role == role) {
        return;
    }
    p->role = role;
    if (*emit_role_of(p) != '\0') {
        ui_emit(run->ui, &(struct ui_event){ .type = UI_ROLE,
                                             .pod.name = p->name,
                                             .pod.role = emit_role_of(p) });
    }
}

void
emit_pod(struct run *run, const struct member *p, enum ui_pod_state state,
         const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ui_emit(run->ui, &(struct ui_event){ .type = UI_POD,
                                         .pod.name = p->name,
                                         .pod.role = emit_role_of(p),
                                         .pod.version = p->version,
                                         .pod.state = state,
                                         .text = text });
}
