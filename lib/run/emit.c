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
#include "run/run.h"
#include "ui/ui.h"

void
emit_note(struct run *run, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ui_emit(run->ui, &(struct ui_event){ .type = UI_NOTE, .text = text });
}

void
emit_warning(struct run *run, const char *hint, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ui_emit(run->ui,
            &(struct ui_event){ .type = UI_WARNING, .text = text, .hint = hint });
}

void
emit_start(struct run *run)
{
    const char *from = course_is_forward(run) ? run->plan->from_name : run->plan->to_name;

    ui_emit(run->ui, &(struct ui_event){
                         .type = UI_START,
                         .db.kind = run->target->engine->api.kind,
                         .db.name_space = run->target->request->name_space,
                         .db.name = run->target->request->name,
                         .db.from = from != NULL ? from : "?",
                         .db.to = course_goal(run) != NULL ? course_goal(run) : "?",
                         .of = run->step.of,
                         .db.context = run->target->request->context,
                         .db.server = kube_server(run->target->kube) });
}

char *
emit_apply(const struct run *run)
{
    bool on = course_is_forward(run);
    auto_free char *to = word_quote(on ? run->plan->to_name : "");

    return mem_printf("kubectl dbupgrade %s%s %s%s%s%s", on ? "" : "abort ",
                      run->target->engine->name, run->target->request->name,
                      on ? " --to " : "", on ? to : "",
                      run->target->request->command_flags);
}
