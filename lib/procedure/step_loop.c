#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "kube/client.h"
#include "lock/lock.h"
#include "procedure/steps.h"
#include "run/flow.h"
#include "run/outage.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The whole machine: done? -> run -> done? again. A step that ran but is not done is an
 * error; it catches an operator that fights us. What time may heal is tried again.
 */

enum { RUN_RETRY_MS = 2 * 60 * 1000, RUN_PAUSE_MS = 1000, RUN_LONG_MS = 20 * 1000 };

bool
flow_step_takes(const struct flow *f, const struct flow_step *s, const struct flow_pod *p)
{
    return s->each_pod && (s->takes == NULL || s->takes(f, p));
}

unsigned
flow_step_width(const struct flow *f, const struct flow_step *s)
{
    unsigned n = 0;

    if (s->applies != NULL && !s->applies(f)) {
        return 0;
    }
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        n += flow_step_takes(f, s, &f->cluster.pods[i]) ? 1U : 0U;
    }
    return s->each_pod ? n : 1;
}

unsigned
flow_step_number(const struct flow *f, const struct flow_step *row)
{
    unsigned n = 1;

    for (const struct flow_step *s = flow_table(f); s < row; s++) {
        n += flow_step_width(f, s);
    }
    return n;
}

unsigned
flow_count_steps(const struct flow *f, const struct flow_step *table)
{
    unsigned n = 0;

    for (; table->name != NULL; table++) {
        n += flow_step_width(f, table);
    }
    return n;
}

static int
run_pause(struct flow *f, const struct err *trouble, struct err *e)
{
    long long until = clock_ms() + RUN_PAUSE_MS;

    outage_tell(f, trouble);
    while (clock_ms() < until) {
        if (flow_check_stop(f, e) < 0 || lock_renew(f, e) < 0) {
            return -1;
        }
        kube_pump(f->target.kube, (long)(until - clock_ms()) + 1);
    }
    return 0;
}

/* The time that counts for how long a step is tried: without that in which the API
 * server was away. */
static long long
run_clock(const struct flow *f)
{
    return clock_ms() - kube_away_ms(f->target.kube);
}

/* One round: 1 done (now or before, *already), 0 the cluster says not yet, -1 error. */
static int
run_round(struct flow *f, const struct flow_step *s, bool *already, struct err *e)
{
    bool done = false;

    if (s->done(f, &done, e) < 0) {
        return -1;
    }
    *already = *already && done;
    if (done) {
        return 1;
    }
    if (s->run(f, e) < 0 || s->done(f, &done, e) < 0) {
        return -1;
    }
    return done ? 1 : 0;
}

static int
run_step(struct flow *f, const struct flow_step *s, bool *already, struct err *e)
{
    long long until = run_clock(f) + RUN_RETRY_MS;

    *already = true;
    for (;;) {
        struct err trouble = { 0 };
        long long began = run_clock(f);
        int round = 0;

        if (flow_check_stop(f, e) < 0) {
            return -1;
        }
        round = run_round(f, s, already, &trouble);
        if (round > 0) {
            return 0;
        }
        if (round == 0) {
            err_set(&trouble, ERR_CONFLICT, "another client reverted the change");
        }
        if (run_clock(f) - began > RUN_LONG_MS) {
            until = run_clock(f) + RUN_RETRY_MS; /* it got on before it failed */
        }
        if (!outage_may_pass(f, &trouble) || trouble.code == ERR_TIMEOUT ||
            run_clock(f) > until) {
            *e = trouble;
            return -1;
        }
        if (run_pause(f, &trouble, e) < 0) {
            return -1;
        }
        *already = false;
    }
}

/* Whether a message begins with the member that a title ends with: "restart my-db-0" says
 * nothing more then. */
static bool
run_names_pod(const char *title, const char *message)
{
    const char *pod = strrchr(title, ' ');
    size_t len = pod != NULL ? strlen(pod + 1) : 0;

    return len > 0 && str_starts(message, pod + 1) &&
           (message[len] == ':' || message[len] == ' ');
}

int
flow_run_steps(struct flow *f, const struct flow_step *table, struct err *e)
{
    f->run.step.number = 0;
    for (const struct flow_step *s = table; s->name != NULL; s++) {
        long long since = clock_ms();
        unsigned width = flow_step_width(f, s);
        unsigned before = f->run.step.number;
        bool already = false;

        if (width == 0) {
            continue;
        }
        f->run.step.title = s->title;
        if (!s->each_pod) {
            f->run.step.number++;
            tell_step(f, s, "", UI_STEP_STARTED, 0);
        }
        if (run_step(f, s, &already, e) < 0) {
            if (!s->each_pod) {
                tell_step(f, s, "", UI_STEP_FAILED, clock_ms() - since);
            }
            return run_names_pod(f->run.step.title, e->msg)
                       ? -1
                       : err_wrap(e, "%s", f->run.step.title);
        }
        if (!s->each_pod) {
            tell_step(f, s, "",
                      already && f->plan.resuming ? UI_STEP_ALREADY : UI_STEP_DONE,
                      clock_ms() - since);
        }
        f->run.step.number = before + width;
    }
    return 0;
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
