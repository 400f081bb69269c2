#include <stdio.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/session.h"
#include "engine/engine.h"
#include "engine/postgres.h"
#include "member/member.h"
#include "member/member_state.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/emit.h"
#include "run/flow.h"
#include "run/wait.h"

/*
 * The steps of a major upgrade. What a step did is seen on the first member's volume, so
 * each asks there.
 */

enum { MAJOR_REPLAY_PROBE_MS = 100 };

int
major_look_first(struct flow *f, struct pg_state *s, bool *begun, struct err *e)
{
    if (member_check_broken(f, major_first(f), e) < 0) {
        f->cluster.progress.failed = major_first(f);
        return -1;
    }
    if (major_state(f, major_first(f), s, e) < 0) {
        return -1;
    }
    *begun = pg_state_is_begun(s, major_to(f));
    return 0;
}

/* -- keep -- */

static bool
major_is_kept(const struct pg_state *s)
{
    return s->kept;
}

int
step_keep_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (major_look_first(f, &s, done, e) < 0) {
        return -1;
    }
    *done = *done || major_is_kept(&s);
    return 0;
}

int
step_keep_run(struct flow *f, struct err *e)
{
    static const struct major_job job = { "keep", "copying the old server's programs",
                                          NULL, NULL, major_is_kept };

    return major_do_job(f, &job, e);
}

/* -- stop -- */

static bool
major_is_stopped(const struct pg_state *s)
{
    return !s->up;
}

/* The end of the old data's log, as its shutdown wrote it; "" where it was not shut
 * down. */
static const char *
major_log_end(const struct pg_state *s)
{
    return str_eq(s->cluster, "shut down") ? s->checkpoint : "";
}

/* What the shutdown writes out is written while the database is up still; that it cannot
 * be makes the shutdown longer, no more. */
static int
major_checkpoint(struct flow *f, struct err *e)
{
    struct err refused = { 0 };
    struct pg_state s = { 0 };

    if (major_state(f, major_first(f), &s, e) < 0) {
        return -1;
    }
    if (!s.up || session_order(f, major_first(f), pg_checkpoint_sql, &refused) == 0) {
        return 0;
    }
    tell_note(f, "no checkpoint before the shutdown: %s", refused.msg);
    return flow_check_stop(f, e);
}

/* Whether every standby has replayed the shutdown: whoever has to go back to one of them
 * loses nothing then. Those that are new already do not count. */
static int
major_look_replayed(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    const char *end = ctx;
    auto_free char *sql = engine_format(pg_replayed_sql, end);

    (void)snprintf(s->want, sizeof s->want, "every standby has replayed %s", end);
    s->done = true;
    for (size_t i = 1; i < f->cluster.n_pods && s->done; i++) {
        auto_free char *answer = NULL;

        if (session_ask(f, &f->cluster.pods[i], sql, &answer, e) < 0) {
            return -1;
        }
        s->done = str_starts(answer, "1");
        (void)snprintf(s->now, sizeof s->now, "%s has not", f->cluster.pods[i].name);
    }
    return 0;
}

int
step_stop_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };
    struct wait_state replayed = { 0 };

    if (major_look_first(f, &s, done, e) < 0) {
        return -1;
    }
    if (*done || s.binaries == major_to(f)) {
        *done = true; /* the pod is the new one */
        return 0;
    }
    if (s.up) {
        return 0;
    }
    *done = major_log_end(&s)[0] == '\0';
    if (!*done) {
        char end[sizeof s.checkpoint];

        str_copy(end, sizeof end, major_log_end(&s));
        if (major_look_replayed(f, end, &replayed, e) < 0) {
            return -1;
        }
        *done = replayed.done;
    }
    return 0;
}

int
step_stop_run(struct flow *f, struct err *e)
{
    static const struct major_job job = { "stop", "the old server to stop", NULL, NULL,
                                          major_is_stopped };
    struct pg_state s = { 0 };
    char end[sizeof s.checkpoint];
    struct wait w = { .id = "replay",
                      .pod = "",
                      .text = "the standbys to replay the shutdown",
                      .limit_ms = f->target.request->pod_timeout_ms,
                      .probe_ms = MAJOR_REPLAY_PROBE_MS,
                      .watchful = true,
                      .check = major_look_replayed,
                      .ctx = end };

    if (major_may(f, major_first(f), e) < 0 || major_checkpoint(f, e) < 0 ||
        major_do_job(f, &job, e) < 0 || major_state(f, major_first(f), &s, e) < 0) {
        return -1;
    }
    str_copy(end, sizeof end, major_log_end(&s));
    return end[0] != '\0' && f->cluster.n_pods > 1 ? flow_wait(f, &w, e) : 0;
}

/* -- switch: the first member's new pod, without a server -- */

int
step_switch_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    *done = false;
    if (!major_has_pod(f, major_first(f))) {
        return 0;
    }
    if (major_state(f, major_first(f), &s, e) < 0) {
        return err_is_transient(e) ? (err_clear(e), 0) : -1;
    }
    *done = pg_state_is_begun(&s, major_to(f)) || major_has_standbys(f) || s.held;
    return 0;
}

int
step_switch_run(struct flow *f, struct err *e)
{
    struct flow_pod *p = major_first(f);

    if (!major_has_pod(f, p) && member_evict(f, p, true, e) < 0) {
        return -1;
    }
    if (major_wait_pod(f, "the new pod", e) < 0) {
        return -1;
    }
    return major_has_standbys(f) ? 0 : major_change(f, p, "hold", NULL, e);
}

/* -- upgrade, swap -- */

static bool
major_is_upgraded(const struct pg_state *s)
{
    return s->fresh == PG_NEW_UPGRADED;
}

int
step_upgrade_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (major_look_first(f, &s, done, e) < 0) {
        return -1;
    }
    *done = *done || s.swapped || major_is_upgraded(&s);
    return 0;
}

int
step_upgrade_run(struct flow *f, struct err *e)
{
    const struct major_job job = { "upgrade", "pg_upgrade", f->plan.pg_upgrade_mode, NULL,
                                   major_is_upgraded };

    return major_do_job(f, &job, e);
}

int
step_swap_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (major_look_first(f, &s, done, e) < 0) {
        return -1;
    }
    *done = *done || s.swapped;
    return 0;
}

int
step_swap_run(struct flow *f, struct err *e)
{
    return major_change(f, major_first(f), "swap", NULL, e);
}
