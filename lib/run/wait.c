#include "run/wait.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/sig.h"
#include "kube/client.h"
#include "run/outage.h"
#include "run/run.h"
#include "ui/ui.h"

int
wait_check_stop(struct run *run, struct err *e)
{
    bool turned = run->hooks.turned != NULL && run->hooks.turned(run->hooks.ctx);

    if (sig_asked() != SIG_STOP_NONE) {
        return err_set(e, ERR_INTERRUPTED, "interrupted by %s", sig_text());
    }
    if (run->deadline != 0 && clock_ms() > run->deadline) {
        char limit[32];

        err_set(
            e, ERR_TIMEOUT, "the run exceeded --timeout %s",
            clock_duration(run->target->request->limits.timeout_ms, limit, sizeof limit));
        return err_reason(e, "TIMEOUT");
    }
    if (turned) {
        return err_set(e, ERR_INTERRUPTED, "a rollback was requested");
    }
    return 0;
}

/* Until the whole run's limit, for ui_event. */
static long long
wait_rest(const struct run *run)
{
    long long rest = run->deadline - clock_ms();

    return run->deadline == 0 ? 0 : (rest > 0 ? rest : 1);
}

static void
wait_tell(struct run *run, const struct wait *w, const struct wait_state *s,
          long long since)
{
    ui_emit(run->ui, &(struct ui_event){ .type = UI_WAIT,
                                         .id = w->id,
                                         .pod.name = w->pod,
                                         .text = w->text,
                                         .now = s->now,
                                         .want = s->want,
                                         .ms = clock_ms() - since,
                                         .limit_ms = w->limit_ms,
                                         .rest_ms = wait_rest(run),
                                         .n = run->step.number,
                                         .of = run->step.of });
}

/* One look: 1 when it holds, 0 when not yet, -1 when it never will. */
static int
wait_look(struct run *run, const struct wait *w, struct wait_state *s, struct err *e)
{
    struct err trouble = { 0 };

    s->done = false;
    s->reverted = false;
    if (w->check(w->on, w->ctx, s, &trouble) < 0) {
        if (!outage_may_pass(run, &trouble)) {
            *e = trouble;
            return -1;
        }
        (void)snprintf(s->now, sizeof s->now, "%.200s", trouble.msg);
        return 0;
    }
    return s->done ? 1 : 0;
}

static int
wait_too_long(const struct wait *w, const struct wait_state *s, struct err *e)
{
    char limit[32];

    err_set(e, ERR_TIMEOUT,
            "%s%stimed out after %s waiting for %s (last seen: %s; expected: %s)", w->pod,
            w->pod[0] != '\0' ? ": " : "",
            clock_duration(w->limit_ms, limit, sizeof limit), w->text, s->now,
            s->want[0] != '\0' ? s->want : w->text);
    return err_reason(e, "TIMEOUT");
}

int
wait_until(struct run *run, const struct wait *w, struct err *e)
{
    struct wait_state s = { 0 };
    long long since = clock_ms();
    long long held = 0;
    long long away = kube_away_ms(run->target->kube);

    for (;;) {
        int look = wait_look(run, w, &s, e);
        long pause = w->probe_ms;

        since += kube_away_ms(run->target->kube) -
                 away; /* what could not be seen does not count */
        away = kube_away_ms(run->target->kube);
        if (look < 0) {
            return -1;
        }
        if (look == 0) {
            held = 0;
            wait_tell(run, w, &s, since);
        } else {
            held = held == 0 ? clock_ms() : held;
            if (clock_ms() - held >= w->hold_ms) {
                return 0;
            }
            pause = (long)(w->hold_ms - (clock_ms() - held)) + 1;
        }
        if (wait_check_stop(run, e) < 0 || run_renew(run, e) < 0 ||
            (w->watchful && run_glance(run, e) < 0)) {
            return -1;
        }
        if (w->limit_ms > 0 && clock_ms() - since > w->limit_ms) {
            return wait_too_long(w, &s, e);
        }
        kube_pump(run->target->kube, pause < 1000 ? pause : 1000);
    }
}
