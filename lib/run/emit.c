#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/word.h"
#include "cluster/routers.h"
#include "report/data_diff.h"
#include "report/exit_status.h"
#include "run/flow.h"

void
tell_note(struct flow *f, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ui_emit(f->u, &(struct ui_event){ .type = UI_NOTE, .text = text });
}

void
tell_warning(struct flow *f, const char *hint, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ui_emit(f->u, &(struct ui_event){ .type = UI_WARNING, .text = text, .hint = hint });
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
        ui_emit(f->u, &(struct ui_event){
                          .type = UI_ROLE, .pod = p->name, .role = tell_role_of(p) });
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
    ui_emit(f->u, &(struct ui_event){ .type = UI_POD,
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
    ui_emit(f->u, &(struct ui_event){ .type = UI_STEP,
                                      .n = f->step,
                                      .of = f->of,
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
    const char *from = flow_is_forward(f) ? f->from_name : f->to_name;

    ui_emit(f->u, &(struct ui_event){ .type = UI_START,
                                      .db_kind = f->en->kind,
                                      .db_name_space = f->rq->name_space,
                                      .db_name = f->rq->name,
                                      .from = from != NULL ? from : "?",
                                      .to = flow_goal(f) != NULL ? flow_goal(f) : "?",
                                      .of = f->of,
                                      .context = f->rq->context,
                                      .server = kube_server(f->k) });
}

/* "kubectl dbupgrade resume mysql my-db -n demo", with what must be said each time. */
static char *
tell_command(const struct flow *f, const char *command)
{
    bool forward = str_eq(command, "resume");

    const char *key = f->rq->journal_key;

    return mem_printf("kubectl dbupgrade %s %s %s%s%s%s%s%s%s", command, f->en->name,
                      f->rq->name, f->rq->command_flags,
                      key != NULL ? " --journal-key " : "", key != NULL ? key : "",
                      forward && f->delete_old_data ? " --delete-old-data" : "",
                      forward && f->update_extensions ? " --update-extensions" : "",
                      forward && f->reindex ? " --reindex" : "");
}

char *
tell_apply(const struct flow *f)
{
    bool on = flow_is_forward(f);
    auto_free char *to = word_quote(on ? f->to_name : "");

    return mem_printf("kubectl dbupgrade %s%s %s%s%s%s", on ? "" : "abort ", f->en->name,
                      f->rq->name, on ? " --to " : "", on ? to : "",
                      f->rq->command_flags);
}

static char *
tell_state(const struct flow *f)
{
    if (!f->changed) {
        return NULL;
    }
    if (f->gone) {
        return mem_printf(
            "the database is deleted: there is nothing to go on with, and the "
            "lock is let go.");
    }
    if (f->walked_back) {
        return mem_printf(
            "walked back: all members run %s again, verified, and the operator "
            "works on. Nothing is left of the upgrade.",
            f->from_name);
    }
    return mem_printf("stopped safely at step %u/%u (%s). The operator is %s for this "
                      "database. Journal kept on Lease %s/%s.",
                      f->step, f->of, f->step_title != NULL ? f->step_title : "start",
                      f->paused_now ? "PAUSED" : "not paused", f->rq->name_space,
                      f->lock.name);
}

static json_t *
tell_data(const struct flow *f)
{
    json_t *data = mem_check(json_pack(
        "{s:I, s:I, s:o}", "elapsed_ms", (json_int_t)(clock_ms() - f->started),
        "requests", (json_int_t)kube_requests(f->k), "changed_data", changes_data(f)));

    return data;
}

enum { TELL_CHANGES = 8 };

/* The end of a run that had nothing to change, or was not to. */
static void
tell_unchanged(struct flow *f, struct ui_result *r)
{
    auto_free char *line = f->was_there
                               ? mem_printf("%s/%s is at %s already: nothing to do",
                                            f->en->name, f->rq->name, f->to_name)
                               : NULL;
    const char *const lines[] = { line, NULL };

    r->summary = line != NULL ? lines : NULL;
    ui_emit(f->u, &(struct ui_event){ .type = UI_RESULT, .result = r });
}

static void
tell_good(struct flow *f, struct ui_result *r)
{
    auto_json json_t *data = tell_data(f);
    char *lines[1 + TELL_CHANGES + 1] = { 0 };
    size_t members = sets_members(f)->replicas;
    size_t following = sets_count_pods(f) - members;
    char more[48] = "";
    char elapsed[32];

    if (f->was_there || f->pending) {
        tell_unchanged(f, r);
        return;
    }
    if (following > 0) {
        (void)snprintf(more, sizeof more, ", %zu read replica%s", following,
                       following == 1 ? "" : "s");
    } else if (front_is_there(f)) {
        (void)snprintf(more, sizeof more, ", %zu %s%s", front_count(f),
                       f->en->front->title, front_count(f) == 1 ? "" : "s");
    }
    lines[0] =
        mem_printf("%s/%s is %s%s, verified: %zu member%s%s in %s, %lu API requests",
                   f->en->name, f->rq->name, flow_is_forward(f) ? "" : "back at ",
                   flow_goal(f), members, members == 1 ? "" : "s", more,
                   clock_duration(clock_ms() - f->started, elapsed, sizeof elapsed),
                   kube_requests(f->k));
    (void)changes_lines(f, lines + 1, TELL_CHANGES);
    r->summary = (const char *const *)lines;
    r->data = data;
    ui_emit(f->u, &(struct ui_event){ .type = UI_RESULT, .result = r });
    for (char **line = lines; *line != NULL; line++) {
        free(*line);
    }
}

/* Whether `abort` would have something to walk back. */
static bool
tell_may_abort(const struct flow *f)
{
    return flow_is_forward(f) && f->lock.journal != NULL && !f->begun &&
           !str_eq(json_path_str(flow_db(f), "spec.version"), f->to_name);
}

int
tell_result(struct flow *f, int failed, const struct err *e)
{
    auto_free char *state = tell_state(f);
    auto_free char *resume = tell_command(f, flow_is_forward(f) ? "resume" : "abort");
    auto_free char *abort = tell_command(f, "abort");
    auto_free char *bundle = NULL;
    struct ui_result r = {
        .ok = failed == 0,
        .exit_status = f->walked_back ? EXIT_WALKED_BACK
                       : failed == 0  ? EXIT_OK
                                      : exit_status_for(e, f->changed),
        .changed = f->changed,
        .paused = f->paused_now,
    };

    if (r.ok) {
        tell_good(f, &r);
        return r.exit_status;
    }
    r.err = e;
    if (e->code != ERR_LOCKED) { /* else the database is another run's */
        r.state = state;
        r.resume = f->changed && !f->walked_back && !f->gone ? resume : NULL;
    }
    r.abort = r.resume != NULL && tell_may_abort(f) ? abort : NULL;
    bundle = bundle_write(f, &r);
    r.bundle = bundle;
    ui_emit(f->u, &(struct ui_event){ .type = UI_RESULT, .result = &r });
    return r.exit_status;
}
