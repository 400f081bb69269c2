#include "run/emit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/word.h"
#include "kube/client.h"
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
