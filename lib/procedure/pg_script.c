#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "engine/engine.h"
#include "engine/postgres.h"
#include "engine/postgres_major.h"
#include "kubedb/catalog.h"
#include "lock/lock.h"
#include "member/drift.h"
#include "member/member_state.h"
#include "procedure/pg.h"
#include "run/plan.h"
#include "run/pod_exec.h"
#include "run/run.h"
#include "run/wait.h"
#include "ui/ui.h"

enum { MAJOR_LIMIT_MS = 60 * 1000, MAJOR_PROBE_MS = 100 };

/* How long the script may wait for a job's end, as in postgres_major.sh; and how long
 * what it told holds: from one step to the next. */
enum { MAJOR_WAIT_S = 2, MAJOR_HOLDS_MS = 500 };

/* To delete is no job: on a full volume there is no room for its files. */
enum { MAJOR_DELETE_MS = 10 * 60 * 1000 };

struct member *
pg_upgrade_first(struct cluster *cluster)
{
    return &cluster->pods[0];
}

int
pg_upgrade_from(const struct plan *plan)
{
    return engine_version_number(catalog_version(plan->from)) / 10000;
}

int
pg_upgrade_to(const struct plan *plan)
{
    return engine_version_number(catalog_version(plan->to)) / 10000;
}

/* What a command that failed says of it. */
static int
pg_upgrade_failed(const struct member *p, const char *command,
                  const struct pod_said *said, struct err *e)
{
    auto_free char *why = pg_error(said->out);

    if (why == NULL) { /* it always says why: so it was cut off, with its pod perhaps */
        return err_set(e, ERR_NETWORK, "%s: %s ended with status %d: %.*s", p->name,
                       command, said->code, (int)strcspn(said->err, "\n"), said->err);
    }
    err_set(e, ERR_UNHEALTHY, "%s: %s: %s", p->name, command, why);
    return err_reason(e, "PG_UPGRADE");
}

static long
pg_upgrade_limit(const struct pg_upgrade_call *call)
{
    return call->limit_ms > 0                ? call->limit_ms
           : str_eq(call->command, "delete") ? MAJOR_DELETE_MS
                                             : MAJOR_LIMIT_MS;
}

int
pg_upgrade_run_call(struct run *run, const struct member *p,
                    const struct pg_upgrade_call *call, struct pod_said *said,
                    struct err *e)
{
    const char *argv[MAJOR_ARGS_MAX + 8] = { "sh", "-c", "eval \"$(sed '/^#END$/q')\"",
                                             "dbupgrade", call->command };
    char from[16];
    char to[16];
    const char *const *args = call->args;
    auto_free char *input = mem_printf("%s%s", call->before != NULL ? call->before : "",
                                       engine_postgres_major);
    size_t n = 5;

    (void)snprintf(from, sizeof from, "%d", call->from);
    (void)snprintf(to, sizeof to, "%d", call->to);
    argv[n++] = from;
    argv[n++] = to;
    for (; args != NULL && *args != NULL && n < MAJOR_ARGS_MAX; args++) {
        argv[n++] = *args;
    }
    argv[n] = NULL;
    if (pod_exec(run, p->name,
                 &(struct pod_command){ .argv = argv,
                                        .input = input,
                                        .what = call->command,
                                        .waits = call->waits,
                                        .limit_ms = pg_upgrade_limit(call),
                                        .container = call->container,
                                        .most = call->most },
                 said, e) < 0) {
        return -1;
    }
    return said->code == 0 ? 0 : pg_upgrade_failed(p, call->command, said, e);
}

int
pg_upgrade_run(struct run *run, const struct member *p, const char *command,
               const char *const *args, struct pod_said *said, struct err *e)
{
    const struct pg_upgrade_call call = { .from = pg_upgrade_from(run->plan),
                                          .to = pg_upgrade_to(run->plan),
                                          .command = command,
                                          .args = args };

    return pg_upgrade_run_call(run, p, &call, said, e);
}

/* -- how things are -- */

void
pg_upgrade_forget(struct cluster *cluster)
{
    cluster->progress.major.volume_ms = 0;
}

/* The uid of a member's pod; "" where there is none. */
static const char *
pg_upgrade_pod_uid(const struct cluster *cluster, const struct member *p)
{
    return json_path_str(mirror_pod_object(cluster, p->name), "metadata.uid");
}

/* Takes the state from what a command said. */
static int
pg_upgrade_learn(struct cluster *cluster, const struct member *p,
                 const struct pod_said *said, struct pg_state *s, struct err *e)
{
    if (pg_state_parse(said->out, s, e) < 0) {
        return err_wrap(e, "%s", p->name);
    }
    if (p == pg_upgrade_first(cluster)) {
        cluster->progress.major.volume = *s;
        str_copy(cluster->progress.major.volume_of,
                 sizeof cluster->progress.major.volume_of,
                 pg_upgrade_pod_uid(cluster, p));
        cluster->progress.major.volume_ms = clock_ms();
    }
    return 0;
}

int
pg_upgrade_ask(struct cluster *cluster, const struct member *p, int seconds,
               struct pg_state *s, struct err *e)
{
    auto_said struct pod_said said = { 0 };
    char wait[16];
    const char *const args[] = { wait, NULL };
    const struct pg_upgrade_call call = { .from = pg_upgrade_from(cluster->plan),
                                          .to = pg_upgrade_to(cluster->plan),
                                          .command = "state",
                                          .args = seconds > 0 ? args : NULL,
                                          .waits = seconds > 0 };

    (void)snprintf(wait, sizeof wait, "%d", seconds);
    pg_upgrade_forget(cluster);
    return pg_upgrade_run_call(cluster->run, p, &call, &said, e) < 0
               ? -1
               : pg_upgrade_learn(cluster, p, &said, s, e);
}

int
pg_upgrade_state(struct cluster *cluster, const struct member *p, struct pg_state *s,
                 struct err *e)
{
    if (p == pg_upgrade_first(cluster) && cluster->progress.major.volume_ms != 0 &&
        clock_ms() - cluster->progress.major.volume_ms <= MAJOR_HOLDS_MS &&
        *cluster->progress.major.volume_of != '\0' &&
        str_eq(cluster->progress.major.volume_of, pg_upgrade_pod_uid(cluster, p))) {
        *s = cluster->progress.major.volume;
        return 0;
    }
    return pg_upgrade_ask(cluster, p, 0, s, e);
}

int
pg_upgrade_may(struct cluster *cluster, const struct member *p, struct err *e)
{
    return drift_check_early(cluster, e) < 0 ? -1
                                             : lock_guard_exec(cluster->lock, p->name, e);
}

int
pg_upgrade_change(struct cluster *cluster, const struct member *p, const char *command,
                  const char *const *args, struct err *e)
{
    auto_said struct pod_said said = { 0 };
    struct pg_state s = { 0 };
    struct err none = { 0 };

    pg_upgrade_forget(cluster);
    if (pg_upgrade_may(cluster, p, e) < 0 ||
        pg_upgrade_run(cluster->run, p, command, args, &said, e) < 0) {
        return -1;
    }
    (void)pg_upgrade_learn(cluster, p, &said, &s, &none); /* not all commands tell */
    return 0;
}

/* -- long work -- */

enum { MAJOR_AGAIN_MS = 1000 };

struct pg_upgrade_work {
    const struct pg_upgrade_job *job;
    bool looked;        /* what was told of it before is told */
    bool begun;         /* in this run: an end that failed is this run's */
    long long begun_ms; /* when last */
    char last[200];     /* progress as it was told last */
};

static int
pg_upgrade_begin(struct cluster *cluster, struct pg_upgrade_work *work,
                 struct pg_state *s, struct err *e)
{
    const char *const args[] = { work->job->arg, NULL };
    const struct pg_upgrade_call call = { .from = pg_upgrade_from(cluster->plan),
                                          .to = pg_upgrade_to(cluster->plan),
                                          .command = work->job->name,
                                          .args = work->job->arg != NULL ? args : NULL,
                                          .waits = true };
    auto_said struct pod_said said = { 0 };

    pg_upgrade_forget(cluster);
    if (pg_upgrade_may(cluster, pg_upgrade_first(cluster), e) < 0 ||
        pg_upgrade_run_call(cluster->run, pg_upgrade_first(cluster), &call, &said, e) <
            0) {
        return -1;
    }
    work->begun = true;
    work->begun_ms = clock_ms();
    return pg_upgrade_learn(cluster, pg_upgrade_first(cluster), &said, s, e);
}

static void
pg_upgrade_tell_progress(struct cluster *cluster, struct pg_upgrade_work *work,
                         const struct pg_state *s)
{
    if (s->job.says[0] == '\0' || str_eq(s->job.says, work->last)) {
        return;
    }
    str_copy(work->last, sizeof work->last, s->job.says);
    emit_pod(cluster->run, pg_upgrade_first(cluster), UI_POD_WORKING, "%s: %s",
             work->job->name, s->job.says);
}

/* What the state says of the job. *idle: it is neither done nor running. */
static int
pg_upgrade_judge_job(struct cluster *cluster, struct pg_upgrade_work *work,
                     const struct pg_state *s, struct wait_state *state, bool *idle,
                     struct err *e)
{
    const char *name = work->job->runs_as != NULL ? work->job->runs_as : work->job->name;
    bool ours = str_eq(s->job.name, name);

    state->done = work->job->is_done(s) && !(ours && s->job.running);
    *idle = !state->done && !(ours && s->job.running);
    if (state->done) {
        return 0;
    }
    if (!*idle) {
        str_copy(state->now, sizeof state->now,
                 s->job.says[0] != '\0' ? s->job.says : "running");
        pg_upgrade_tell_progress(cluster, work, s);
    } else if (ours && s->job.failed && !s->job.lost && work->begun) {
        cluster->progress.failed = pg_upgrade_first(cluster);
        err_set(e, ERR_UNHEALTHY, "%s: %s: %s", pg_upgrade_first(cluster)->name,
                work->job->name, s->job.error);
        if (pg_cause(s->job.error) != NULL) {
            err_detail(e, "%s", pg_cause(s->job.error));
        }
        return err_reason(e, "PG_UPGRADE");
    }
    return 0;
}

static int
pg_upgrade_look_job(void *on, void *ctx, struct wait_state *state, struct err *e)
{
    struct cluster *cluster = on;
    struct pg_upgrade_work *work = ctx;
    struct pg_state s = { 0 };
    bool idle = false;
    int got = 0;

    str_copy(state->want, sizeof state->want, work->job->text);
    str_copy(state->now, sizeof state->now, "starting");
    if (member_check_broken(cluster, pg_upgrade_first(cluster), e) < 0) {
        return -1;
    }
    got = work->looked
              ? pg_upgrade_ask(cluster, pg_upgrade_first(cluster), MAJOR_WAIT_S, &s, e)
              : pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e);
    if (got < 0 || pg_upgrade_judge_job(cluster, work, &s, state, &idle, e) < 0) {
        return -1;
    }
    work->looked = true;
    if (!idle || (work->begun && clock_ms() - work->begun_ms < MAJOR_AGAIN_MS)) {
        return 0;
    }
    return pg_upgrade_begin(cluster, work, &s, e) < 0
               ? -1
               : pg_upgrade_judge_job(cluster, work, &s, state, &idle, e);
}

int
pg_upgrade_do_job(struct cluster *cluster, const struct pg_upgrade_job *job,
                  struct err *e)
{
    struct pg_upgrade_work work = { .job = job };
    struct wait w = { .id = job->name,
                      .pod = pg_upgrade_first(cluster)->name,
                      .text = job->text,
                      .probe_ms = MAJOR_PROBE_MS,
                      .watchful = true,
                      .check = pg_upgrade_look_job,
                      .on = cluster,
                      .ctx = &work };

    return wait_until(cluster->run, &w, e);
}
