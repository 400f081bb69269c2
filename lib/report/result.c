#include "report/result.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/mirror.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "report/bundle.h"
#include "report/data_diff.h"
#include "report/exit_status.h"
#include "run/course.h"
#include "run/flow.h"
#include "ui/ui.h"

/*
 * How a run ended, for people and scripts.
 */

enum { TELL_CHANGES = 8 };

/* "kubectl dbupgrade resume mysql my-db -n demo", with what must be said each time. */
static char *
tell_command(const struct flow *f, const char *command)
{
    bool forward = str_eq(command, "resume");

    const char *key = f->target.request->journal_key;

    return mem_printf(
        "kubectl dbupgrade %s %s %s%s%s%s%s%s%s", command, f->target.engine->name,
        f->target.request->name, f->target.request->command_flags,
        key != NULL ? " --journal-key " : "", key != NULL ? key : "",
        forward && f->plan.wishes.delete_old_data ? " --delete-old-data" : "",
        forward && f->plan.wishes.update_extensions ? " --update-extensions" : "",
        forward && f->plan.wishes.reindex ? " --reindex" : "");
}

static char *
tell_state(const struct flow *f)
{
    if (!f->run.changed) {
        return NULL;
    }
    if (f->run.gone) {
        return mem_printf("the database was deleted: there is nothing to resume, and the "
                          "lock is released.");
    }
    if (f->run.walked_back) {
        return mem_printf("rolled back: all members run %s again, verified, and the "
                          "operator is resumed. Nothing is left of the upgrade.",
                          f->plan.from_name);
    }
    return mem_printf("stopped safely at step %u/%u (%s). The operator is %s for this "
                      "database. Journal kept on Lease %s/%s.",
                      f->run.step.number, f->run.step.of,
                      f->run.step.title != NULL ? f->run.step.title : "start",
                      f->cluster.progress.paused_now ? "PAUSED" : "not paused",
                      f->target.request->name_space, f->lock.name);
}

static json_t *
tell_data(const struct flow *f)
{
    json_t *data = mem_check(json_pack(
        "{s:I, s:I, s:o}", "elapsed_ms", (json_int_t)(clock_ms() - f->run.started),
        "requests", (json_int_t)kube_requests(f->target.kube), "changed_data",
        changes_data(f)));

    return data;
}

/* The end of a run that had nothing to change, or was not to. */
static void
tell_unchanged(struct flow *f, struct ui_result *r)
{
    auto_free char *line =
        f->run.was_there
            ? mem_printf("%s/%s is already at %s: nothing to do", f->target.engine->name,
                         f->target.request->name, f->plan.to_name)
            : NULL;
    const char *const lines[] = { line, NULL };

    r->summary = line != NULL ? lines : NULL;
    ui_emit(f->run.ui, &(struct ui_event){ .type = UI_RESULT, .result = r });
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

    if (f->run.was_there || f->run.pending) {
        tell_unchanged(f, r);
        return;
    }
    if (following > 0) {
        (void)snprintf(more, sizeof more, ", %zu read replica%s", following,
                       following == 1 ? "" : "s");
    } else if (front_is_there(f)) {
        (void)snprintf(more, sizeof more, ", %zu %s%s", front_count(f),
                       f->target.engine->front->title, front_count(f) == 1 ? "" : "s");
    }
    lines[0] =
        mem_printf("%s/%s is %s%s, verified: %zu member%s%s in %s, %lu API requests",
                   f->target.engine->name, f->target.request->name,
                   flow_is_forward(f) ? "" : "back at ", flow_goal(f), members,
                   members == 1 ? "" : "s", more,
                   clock_duration(clock_ms() - f->run.started, elapsed, sizeof elapsed),
                   kube_requests(f->target.kube));
    (void)changes_lines(f, lines + 1, TELL_CHANGES);
    r->summary = (const char *const *)lines;
    r->data = data;
    ui_emit(f->run.ui, &(struct ui_event){ .type = UI_RESULT, .result = r });
    for (char **line = lines; *line != NULL; line++) {
        free(*line);
    }
}

/* Whether `abort` would have something to walk back. */
static bool
tell_may_abort(const struct flow *f)
{
    return flow_is_forward(f) && f->lock.journal != NULL && !f->cluster.progress.begun &&
           !str_eq(json_path_str(flow_db(f), "spec.version"), f->plan.to_name);
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
        .exit_status = f->run.walked_back ? EXIT_WALKED_BACK
                       : failed == 0      ? EXIT_OK
                                          : exit_status_for(e, f->run.changed),
        .changed = f->run.changed,
        .paused = f->cluster.progress.paused_now,
    };

    if (r.ok) {
        tell_good(f, &r);
        return r.exit_status;
    }
    r.err = e;
    if (e->code != ERR_LOCKED) { /* else the database is another run's */
        r.state = state;
        r.resume = f->run.changed && !f->run.walked_back && !f->run.gone ? resume : NULL;
    }
    r.abort = r.resume != NULL && tell_may_abort(f) ? abort : NULL;
    bundle = bundle_write(f, &r);
    r.bundle = bundle;
    ui_emit(f->run.ui, &(struct ui_event){ .type = UI_RESULT, .result = &r });
    return r.exit_status;
}
