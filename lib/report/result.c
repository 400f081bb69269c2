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
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "report/bundle.h"
#include "report/data_diff.h"
#include "report/exit_status.h"
#include "run/course.h"
#include "run/run.h"
#include "ui/ui.h"

/*
 * How a run ended, for people and scripts.
 */

enum { TELL_CHANGES = 8 };

/* "kubectl dbupgrade resume mysql my-db -n demo", with what must be said each time. */
static char *
result_command(const struct run *run, const char *command)
{
    bool forward = str_eq(command, "resume");

    const char *key = run->target->request->journal_key;

    return mem_printf(
        "kubectl dbupgrade %s %s %s%s%s%s%s%s%s%s", command, run->target->engine->name,
        run->target->request->name, run->target->request->command_flags,
        key != NULL ? " --journal-key " : "", key != NULL ? key : "",
        run->target->request->lead.stop_channels ? " --stop-channels" : "",
        forward && run->plan->wishes.delete_old_data ? " --delete-old-data" : "",
        forward && run->plan->wishes.update_extensions ? " --update-extensions" : "",
        forward && run->plan->wishes.reindex ? " --reindex" : "");
}

static char *
result_state(const struct cluster *cluster)
{
    if (!cluster->run->changed) {
        return NULL;
    }
    if (cluster->run->gone) {
        return mem_printf("the database was deleted: there is nothing to resume, and the "
                          "lock is released.");
    }
    if (cluster->run->walked_back) {
        return mem_printf("rolled back: all members run %s again, verified, and the "
                          "operator is resumed. Nothing is left of the upgrade.",
                          cluster->plan->from_name);
    }
    return mem_printf("stopped safely at step %u/%u (%s). The operator is %s for this "
                      "database. Journal kept on Lease %s/%s.",
                      cluster->run->step.number, cluster->run->step.of,
                      cluster->run->step.title != NULL ? cluster->run->step.title
                                                       : "start",
                      cluster->progress.paused_now ? "PAUSED" : "not paused",
                      cluster->target->request->name_space, cluster->lock->name);
}

static json_t *
result_data(const struct cluster *cluster)
{
    json_t *data = mem_check(json_pack(
        "{s:I, s:I, s:o}", "elapsed_ms", (json_int_t)(clock_ms() - cluster->run->started),
        "requests", (json_int_t)kube_requests(cluster->target->kube), "changed_data",
        data_diff_data(cluster)));

    return data;
}

/* The end of a run that had nothing to change, or was not to. */
static void
result_unchanged(struct run *run, struct ui_result *r)
{
    auto_free char *line =
        run->was_there ? mem_printf("%s/%s is already at %s: nothing to do",
                                    run->target->engine->name, run->target->request->name,
                                    run->plan->to_name)
                       : NULL;
    const char *const lines[] = { line, NULL };

    r->summary = line != NULL ? lines : NULL;
    ui_emit(run->ui, &(struct ui_event){ .type = UI_RESULT, .result = r });
}

static void
result_good(struct cluster *cluster, struct ui_result *r)
{
    auto_json json_t *data = result_data(cluster);
    char *lines[1 + TELL_CHANGES + 1] = { 0 };
    size_t members = sets_members(cluster)->replicas;
    size_t following = sets_count_pods(cluster) - members;
    char more[48] = "";
    char elapsed[32];

    if (cluster->run->was_there || cluster->run->pending) {
        result_unchanged(cluster->run, r);
        return;
    }
    if (following > 0) {
        (void)snprintf(more, sizeof more, ", %zu read replica%s", following,
                       following == 1 ? "" : "s");
    } else if (routers_is_there(cluster)) {
        (void)snprintf(more, sizeof more, ", %zu %s%s", routers_count(cluster),
                       cluster->target->engine->front->title,
                       routers_count(cluster) == 1 ? "" : "s");
    }
    lines[0] = mem_printf(
        "%s/%s is %s%s, verified: %zu member%s%s in %s, %lu API requests",
        cluster->target->engine->name, cluster->target->request->name,
        course_is_forward(cluster->run) ? "" : "back at ", course_goal(cluster->run),
        members, members == 1 ? "" : "s", more,
        clock_duration(clock_ms() - cluster->run->started, elapsed, sizeof elapsed),
        kube_requests(cluster->target->kube));
    (void)data_diff_lines(cluster, lines + 1, TELL_CHANGES);
    r->summary = (const char *const *)lines;
    r->data = data;
    ui_emit(cluster->run->ui, &(struct ui_event){ .type = UI_RESULT, .result = r });
    for (char **line = lines; *line != NULL; line++) {
        free(*line);
    }
}

/* Whether `abort` would have something to walk back. */
static bool
result_may_abort(const struct cluster *cluster)
{
    return course_is_forward(cluster->run) && cluster->lock->journal != NULL &&
           !cluster->progress.major.begun &&
           !str_eq(json_path_str(mirror_db(cluster), "spec.version"),
                   cluster->plan->to_name);
}

int
result_report(struct cluster *cluster, int failed, const struct err *e)
{
    auto_free char *state = result_state(cluster);
    auto_free char *resume = result_command(
        cluster->run, course_is_forward(cluster->run) ? "resume" : "abort");
    auto_free char *abort = result_command(cluster->run, "abort");
    auto_free char *bundle = NULL;
    struct ui_result r = {
        .ok = failed == 0,
        .exit_status = cluster->run->walked_back ? EXIT_WALKED_BACK
                       : failed == 0             ? EXIT_OK
                                     : exit_status_for(e, cluster->run->changed),
        .changed = cluster->run->changed,
        .paused = cluster->progress.paused_now,
    };

    if (r.ok) {
        result_good(cluster, &r);
        return r.exit_status;
    }
    r.err = e;
    if (e->code != ERR_LOCKED) { /* else the database is another run's */
        r.state = state;
        r.resume =
            cluster->run->changed && !cluster->run->walked_back && !cluster->run->gone
                ? resume
                : NULL;
    }
    r.abort = r.resume != NULL && result_may_abort(cluster) ? abort : NULL;
    bundle = bundle_write(cluster, &r);
    r.bundle = bundle;
    ui_emit(cluster->run->ui, &(struct ui_event){ .type = UI_RESULT, .result = &r });
    return r.exit_status;
}
