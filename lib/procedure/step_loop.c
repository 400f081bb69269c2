#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "kube/client.h"
#include "lock/lock.h"
#include "procedure/steps.h"
#include "run/outage.h"
#include "run/run.h"
#include "run/target.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The whole machine: done? -> run -> done? again. A step that ran but is not done is an
 * error; it catches an operator that fights us. What time may heal is tried again.
 */

enum { RUN_RETRY_MS = 2 * 60 * 1000, RUN_PAUSE_MS = 1000, RUN_LONG_MS = 20 * 1000 };

bool
step_takes(const struct cluster *cluster, const struct step *s, const struct member *p)
{
    return s->each_pod && (s->takes == NULL || s->takes(cluster, p));
}

unsigned
step_count(const struct cluster *cluster, const struct step *s)
{
    unsigned n = 0;

    if (s->applies != NULL && !s->applies(cluster)) {
        return 0;
    }
    for (size_t i = 0; i < cluster->n_pods; i++) {
        n += step_takes(cluster, s, &cluster->pods[i]) ? 1U : 0U;
    }
    return s->each_pod ? n : 1;
}

unsigned
step_number(const struct cluster *cluster, const struct step *row)
{
    unsigned n = 1;

    for (const struct step *s = procedure_steps(cluster->run); s < row; s++) {
        n += step_count(cluster, s);
    }
    return n;
}

unsigned
step_loop_count(const struct cluster *cluster, const struct step *table)
{
    unsigned n = 0;

    for (; table->name != NULL; table++) {
        n += step_count(cluster, table);
    }
    return n;
}

static int
step_loop_pause(struct lock *lock, const struct err *trouble, struct err *e)
{
    long long until = clock_ms() + RUN_PAUSE_MS;

    outage_tell(lock->run, trouble);
    while (clock_ms() < until) {
        if (wait_check_stop(lock->run, e) < 0 || lock_renew(lock, e) < 0) {
            return -1;
        }
        kube_pump(lock->target->kube, (long)(until - clock_ms()) + 1);
    }
    return 0;
}

/* The time that counts for how long a step is tried: without that in which the API
 * server was away. */
static long long
step_loop_clock(const struct target *target)
{
    return clock_ms() - kube_away_ms(target->kube);
}

/* One round: 1 done (now or before, *already), 0 the cluster says not yet, -1 error. */
static int
step_loop_round(struct cluster *cluster, const struct step *s, bool *already,
                struct err *e)
{
    bool done = false;

    if (s->done(cluster, &done, e) < 0) {
        return -1;
    }
    *already = *already && done;
    if (done) {
        return 1;
    }
    if (s->run(cluster, e) < 0 || s->done(cluster, &done, e) < 0) {
        return -1;
    }
    return done ? 1 : 0;
}

static int
step_loop_step(struct cluster *cluster, const struct step *s, bool *already,
               struct err *e)
{
    long long until = step_loop_clock(cluster->target) + RUN_RETRY_MS;

    *already = true;
    for (;;) {
        struct err trouble = { 0 };
        long long began = step_loop_clock(cluster->target);
        int round = 0;

        if (wait_check_stop(cluster->run, e) < 0) {
            return -1;
        }
        round = step_loop_round(cluster, s, already, &trouble);
        if (round > 0) {
            return 0;
        }
        if (round == 0) {
            err_set(&trouble, ERR_CONFLICT, "another client reverted the change");
        }
        if (step_loop_clock(cluster->target) - began > RUN_LONG_MS) {
            until = step_loop_clock(cluster->target) +
                    RUN_RETRY_MS; /* it got on before it failed */
        }
        if (!outage_may_pass(cluster->run, &trouble) || trouble.code == ERR_TIMEOUT ||
            step_loop_clock(cluster->target) > until) {
            *e = trouble;
            return -1;
        }
        if (step_loop_pause(cluster->lock, &trouble, e) < 0) {
            return -1;
        }
        *already = false;
    }
}

/* Whether a message begins with the member that a title ends with: "restart my-db-0" says
 * nothing more then. */
static bool
step_loop_names_pod(const char *title, const char *message)
{
    const char *pod = strrchr(title, ' ');
    size_t len = pod != NULL ? strlen(pod + 1) : 0;

    return len > 0 && str_starts(message, pod + 1) &&
           (message[len] == ':' || message[len] == ' ');
}

int
step_loop_run(struct cluster *cluster, const struct step *table, struct err *e)
{
    cluster->run->step.number = 0;
    for (const struct step *s = table; s->name != NULL; s++) {
        long long since = clock_ms();
        unsigned width = step_count(cluster, s);
        unsigned before = cluster->run->step.number;
        bool already = false;

        if (width == 0) {
            continue;
        }
        cluster->run->step.title = s->title;
        if (!s->each_pod) {
            cluster->run->step.number++;
            step_emit(cluster->run, s, "", UI_STEP_STARTED, 0);
        }
        if (step_loop_step(cluster, s, &already, e) < 0) {
            if (!s->each_pod) {
                step_emit(cluster->run, s, "", UI_STEP_FAILED, clock_ms() - since);
            }
            return step_loop_names_pod(cluster->run->step.title, e->msg)
                       ? -1
                       : err_wrap(e, "%s", cluster->run->step.title);
        }
        if (!s->each_pod) {
            step_emit(cluster->run, s, "",
                      already && cluster->plan->resuming ? UI_STEP_ALREADY : UI_STEP_DONE,
                      clock_ms() - since);
        }
        cluster->run->step.number = before + width;
    }
    return 0;
}

void
step_emit(struct run *run, const struct step *s, const char *pod,
          enum ui_step_state state, long long ms)
{
    ui_emit(run->ui, &(struct ui_event){ .type = UI_STEP,
                                         .n = run->step.number,
                                         .of = run->step.of,
                                         .id = s->name,
                                         .text = s->title,
                                         .pod.name = pod,
                                         .state = state,
                                         .reversible = s->reversible,
                                         .ms = ms });
}
