#include "run/emit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/word.h"
#include "cluster/cluster.h"
#include "engine/engine.h"
#include "kube/client.h"
#include "procedure/steps.h"
#include "run/course.h"
#include "run/flow.h"
#include "ui/ui.h"

void
tell_note(struct flow *f, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ui_emit(f->run.ui, &(struct ui_event){ .type = UI_NOTE, .text = text });
}

void
tell_warning(struct flow *f, const char *hint, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ui_emit(f->run.ui,
            &(struct ui_event){ .type = UI_WARNING, .text = text, .hint = hint });
}

static const char *const tell_roles[] = {
    [MEMBER_ROLE_NONE] = "",
    [MEMBER_PRIMARY] = "primary",
    [MEMBER_SECONDARY] = "secondary",
    [MEMBER_PEER] = "node",
};

static const char *
tell_role_of(const struct flow_pod *p)
{
    return p->set->role != NULL ? p->set->role : tell_roles[p->role];
}

void
tell_role(struct flow *f, struct flow_pod *p, enum member_role role)
{
    if (p->role == role) {
        return;
    }
    p->role = role;
    if (*tell_role_of(p) != '\0') {
        ui_emit(f->run.ui, &(struct ui_event){ .type = UI_ROLE,
                                               .pod = p->name,
                                               .role = tell_role_of(p) });
    }
}

void
tell_pod(struct flow *f, const struct flow_pod *p, enum ui_pod_state state,
         const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ui_emit(f->run.ui, &(struct ui_event){ .type = UI_POD,
                                           .pod = p->name,
                                           .role = tell_role_of(p),
                                           .version = p->version,
                                           .pod_state = state,
                                           .text = text });
}

void
tell_step(struct flow *f, const struct flow_step *s, const char *pod,
          enum ui_step_state state, long long ms)
{
    ui_emit(f->run.ui, &(struct ui_event){ .type = UI_STEP,
                                           .n = f->run.step.number,
                                           .of = f->run.step.of,
                                           .id = s->name,
                                           .text = s->title,
                                           .pod = pod,
                                           .state = state,
                                           .reversible = s->reversible,
                                           .ms = ms });
}

void
tell_start(struct flow *f)
{
    const char *from = flow_is_forward(f) ? f->plan.from_name : f->plan.to_name;

    ui_emit(f->run.ui,
            &(struct ui_event){ .type = UI_START,
                                .db_kind = f->target.engine->kind,
                                .db_name_space = f->target.request->name_space,
                                .db_name = f->target.request->name,
                                .from = from != NULL ? from : "?",
                                .to = flow_goal(f) != NULL ? flow_goal(f) : "?",
                                .of = f->run.step.of,
                                .context = f->target.request->context,
                                .server = kube_server(f->target.kube) });
}

char *
tell_apply(const struct flow *f)
{
    bool on = flow_is_forward(f);
    auto_free char *to = word_quote(on ? f->plan.to_name : "");

    return mem_printf("kubectl dbupgrade %s%s %s%s%s%s", on ? "" : "abort ",
                      f->target.engine->name, f->target.request->name, on ? " --to " : "",
                      on ? to : "", f->target.request->command_flags);
}
