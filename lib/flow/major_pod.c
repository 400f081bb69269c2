#include "flow/major.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "domain/catalog.h"
#include "engine/postgres_major.h"

enum { MAJOR_LIMIT_MS = 60 * 1000, MAJOR_PROBE_MS = 1000 };

/* To delete is no job: on a full volume there is no room for its files. */
enum { MAJOR_DELETE_MS = 10 * 60 * 1000 };

struct flow_pod *
major_first(struct flow *f)
{
    return &f->pods[0];
}

int
major_from(const struct flow *f)
{
    return engine_version_number(catalog_version(f->from)) / 10000;
}

int
major_to(const struct flow *f)
{
    return engine_version_number(catalog_version(f->to)) / 10000;
}

/* What a command that failed says of it. */
static int
major_failed(const struct flow_pod *p, const char *command, const struct pod_said *said,
             struct err *e)
{
    auto_free char *why = pg_error(said->out);

    if (why == NULL) { /* it always says why: so it was cut off, with its pod perhaps */
        return err_set(e, ERR_NETWORK, "%s: %s ended with status %d: %.*s", p->name,
                       command, said->code, (int)strcspn(said->err, "\n"), said->err);
    }
    err_set(e, ERR_UNHEALTHY, "%s: %s: %s", p->name, command, why);
    return err_reason(e, "PG_UPGRADE");
}

int
major_run_call(struct flow *f, const struct flow_pod *p, const struct major_call *call,
               struct pod_said *said, struct err *e)
{
    const char *argv[MAJOR_ARGS_MAX + 8] = { "sh", "-c", "eval \"$(sed '/^#END$/q')\"",
                                             "dbupgrade", call->command };
    char from[16];
    char to[16];
    const char *const *args = call->args;
    size_t n = 5;

    (void)snprintf(from, sizeof from, "%d", call->from);
    (void)snprintf(to, sizeof to, "%d", call->to);
    argv[n++] = from;
    argv[n++] = to;
    for (; args != NULL && *args != NULL && n < MAJOR_ARGS_MAX; args++) {
        argv[n++] = *args;
    }
    argv[n] = NULL;
    if (pod_exec(f, p,
                 &(struct pod_command){ .argv = argv,
                                        .input = engine_postgres_major,
                                        .what = call->command,
                                        .limit_ms = str_eq(call->command, "delete")
                                                        ? MAJOR_DELETE_MS
                                                        : MAJOR_LIMIT_MS },
                 said, e) < 0) {
        return -1;
    }
    return said->code == 0 ? 0 : major_failed(p, call->command, said, e);
}

int
major_run(struct flow *f, const struct flow_pod *p, const char *command,
          const char *const *args, struct pod_said *said, struct err *e)
{
    const struct major_call call = {
        .from = major_from(f), .to = major_to(f), .command = command, .args = args
    };

    return major_run_call(f, p, &call, said, e);
}

int
major_state(struct flow *f, const struct flow_pod *p, struct pg_state *s, struct err *e)
{
    auto_said struct pod_said said = { 0 };

    if (major_run(f, p, "state", NULL, &said, e) < 0) {
        return -1;
    }
    return pg_state_parse(said.out, s, e) < 0 ? err_wrap(e, "%s", p->name) : 0;
}

int
major_may(struct flow *f, const struct flow_pod *p, struct err *e)
{
    struct kube_ref ref = flow_ref_pods(f);

    ref.name = p->name;
    ref.subresource = "exec";
    return world_check_early(f, e) < 0 ? -1 : lock_guard(f, &ref, e);
}

int
major_change(struct flow *f, const struct flow_pod *p, const char *command,
             const char *const *args, struct err *e)
{
    auto_said struct pod_said said = { 0 };

    return major_may(f, p, e) < 0 ? -1 : major_run(f, p, command, args, &said, e);
}

/* -- long work -- */

struct major_work {
    const struct major_job *job;
    bool begun;     /* in this run: an end that failed is this run's */
    char last[200]; /* progress as it was told last */
};

static int
major_begin(struct flow *f, struct major_work *work, struct err *e)
{
    const char *const args[] = { work->job->arg, NULL };

    if (major_change(f, major_first(f), work->job->name,
                     work->job->arg != NULL ? args : NULL, e) < 0) {
        return -1;
    }
    work->begun = true;
    return 0;
}

static void
major_tell_progress(struct flow *f, struct major_work *work, const struct pg_state *s)
{
    if (s->job_says[0] == '\0' || str_eq(s->job_says, work->last)) {
        return;
    }
    str_copy(work->last, sizeof work->last, s->job_says);
    tell_pod(f, major_first(f), UI_POD_WORKING, "%s: %s", work->job->name, s->job_says);
}

static int
major_look_job(struct flow *f, void *ctx, struct wait_state *state, struct err *e)
{
    struct major_work *work = ctx;
    struct pg_state s = { 0 };
    bool ours = false;

    str_copy(state->want, sizeof state->want, work->job->text);
    str_copy(state->now, sizeof state->now, "starting");
    if (member_check_broken(f, major_first(f), e) < 0 ||
        major_state(f, major_first(f), &s, e) < 0) {
        return -1;
    }
    ours =
        str_eq(s.job, work->job->runs_as != NULL ? work->job->runs_as : work->job->name);
    state->done = work->job->is_done(&s) && !(ours && s.job_running);
    if (state->done) {
        return 0;
    }
    if (ours && s.job_running) {
        str_copy(state->now, sizeof state->now,
                 s.job_says[0] != '\0' ? s.job_says : "running");
        major_tell_progress(f, work, &s);
        return 0;
    }
    if (ours && s.job_failed && !s.job_lost && work->begun) {
        f->failed = major_first(f);
        err_set(e, ERR_UNHEALTHY, "%s: %s: %s", major_first(f)->name, work->job->name,
                s.job_error);
        return err_reason(e, "PG_UPGRADE");
    }
    return major_begin(f, work, e);
}

int
major_do_job(struct flow *f, const struct major_job *job, struct err *e)
{
    struct major_work work = { .job = job };
    struct wait w = { .id = job->name,
                      .pod = major_first(f)->name,
                      .text = job->text,
                      .probe_ms = MAJOR_PROBE_MS,
                      .watchful = true,
                      .check = major_look_job,
                      .ctx = &work };

    return flow_wait(f, &w, e);
}
