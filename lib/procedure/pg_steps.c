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
#include "member/member_storage.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/emit.h"
#include "run/wait.h"

/*
 * The steps of a major upgrade. What a step did is seen on the first member's volume, so
 * each asks there.
 */

enum { MAJOR_REPLAY_PROBE_MS = 100 };

int
pg_upgrade_look_first(struct cluster *cluster, struct pg_state *s, bool *begun,
                      struct err *e)
{
    if (member_check_broken(cluster, pg_upgrade_first(cluster), e) < 0) {
        cluster->progress.failed = pg_upgrade_first(cluster);
        return -1;
    }
    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), s, e) < 0) {
        return -1;
    }
    *begun = pg_state_is_begun(s, pg_upgrade_to(cluster->plan));
    return 0;
}

/* -- keep -- */

static bool
pg_upgrade_is_kept(const struct pg_state *s)
{
    return s->kept;
}

int
step_keep_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (pg_upgrade_look_first(cluster, &s, done, e) < 0) {
        return -1;
    }
    *done = *done || pg_upgrade_is_kept(&s);
    return 0;
}

int
step_keep_run(struct cluster *cluster, struct err *e)
{
    static const struct pg_upgrade_job job = { "keep",
                                               "copying the old server's programs", NULL,
                                               NULL, pg_upgrade_is_kept };

    return pg_upgrade_do_job(cluster, &job, e);
}

/* -- stop -- */

static bool
pg_upgrade_is_stopped(const struct pg_state *s)
{
    return !s->up;
}

/* The end of the old data's log, as its shutdown wrote it; "" where it was not shut
 * down. */
static const char *
pg_upgrade_log_end(const struct pg_state *s)
{
    return str_eq(s->cluster, "shut down") ? s->checkpoint : "";
}

/* What the shutdown writes out is written while the database is up still; that it cannot
 * be makes the shutdown longer, no more. */
static int
pg_upgrade_checkpoint(struct cluster *cluster, struct err *e)
{
    struct err refused = { 0 };
    struct pg_state s = { 0 };

    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        return -1;
    }
    if (!s.up || session_order(cluster, pg_upgrade_first(cluster), pg_checkpoint_sql,
                               &refused) == 0) {
        return 0;
    }
    emit_note(cluster->run, "no checkpoint before the shutdown: %s", refused.msg);
    return wait_check_stop(cluster->run, e);
}

/* Whether every standby has replayed the shutdown: whoever has to go back to one of them
 * loses nothing then. Those that are new already do not count. */
static int
pg_upgrade_look_replayed(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    const char *end = ctx;
    auto_free char *sql = engine_format(pg_replayed_sql, end);

    (void)snprintf(s->want, sizeof s->want, "every standby has replayed %s", end);
    s->done = true;
    for (size_t i = 1; i < cluster->n_pods && s->done; i++) {
        auto_free char *answer = NULL;

        if (session_ask(cluster, &cluster->pods[i], sql, &answer, e) < 0) {
            return -1;
        }
        s->done = str_starts(answer, "1");
        (void)snprintf(s->now, sizeof s->now, "%s has not", cluster->pods[i].name);
    }
    return 0;
}

int
step_stop_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };
    struct wait_state replayed = { 0 };

    if (pg_upgrade_look_first(cluster, &s, done, e) < 0) {
        return -1;
    }
    if (*done || s.binaries == pg_upgrade_to(cluster->plan)) {
        *done = true; /* the pod is the new one */
        return 0;
    }
    if (s.up) {
        return 0;
    }
    *done = pg_upgrade_log_end(&s)[0] == '\0';
    if (!*done) {
        char end[sizeof s.checkpoint];

        str_copy(end, sizeof end, pg_upgrade_log_end(&s));
        if (pg_upgrade_look_replayed(cluster, end, &replayed, e) < 0) {
            return -1;
        }
        *done = replayed.done;
    }
    return 0;
}

int
step_stop_run(struct cluster *cluster, struct err *e)
{
    static const struct pg_upgrade_job job = { "stop", "the old server to stop", NULL,
                                               NULL, pg_upgrade_is_stopped };
    struct pg_state s = { 0 };
    char end[sizeof s.checkpoint];
    struct wait w = { .id = "replay",
                      .pod = "",
                      .text = "the standbys to replay the shutdown",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = MAJOR_REPLAY_PROBE_MS,
                      .watchful = true,
                      .check = pg_upgrade_look_replayed,
                      .on = cluster,
                      .ctx = end };

    if (storage_wait(cluster, pg_upgrade_first(cluster), e) < 0 ||
        pg_upgrade_may(cluster, pg_upgrade_first(cluster), e) < 0 ||
        pg_upgrade_checkpoint(cluster, e) < 0 ||
        pg_upgrade_do_job(cluster, &job, e) < 0 ||
        pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        return -1;
    }
    str_copy(end, sizeof end, pg_upgrade_log_end(&s));
    return end[0] != '\0' && cluster->n_pods > 1 ? wait_until(cluster->run, &w, e) : 0;
}

/* -- switch: the first member's new pod, without a server -- */

int
step_switch_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    *done = false;
    if (!pg_upgrade_has_pod(cluster, pg_upgrade_first(cluster))) {
        return 0;
    }
    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        return err_is_transient(e) ? (err_clear(e), 0) : -1;
    }
    *done = pg_state_is_begun(&s, pg_upgrade_to(cluster->plan)) ||
            pg_upgrade_has_standbys(cluster) || s.held;
    return 0;
}

int
step_switch_run(struct cluster *cluster, struct err *e)
{
    struct member *p = pg_upgrade_first(cluster);

    if (!pg_upgrade_has_pod(cluster, p) && member_evict(cluster, p, true, e) < 0) {
        return -1;
    }
    if (pg_upgrade_wait_pod(cluster, "the new pod", e) < 0) {
        return -1;
    }
    return pg_upgrade_has_standbys(cluster)
               ? 0
               : pg_upgrade_change(cluster, p, "hold", NULL, e);
}

/* -- upgrade, swap -- */

static bool
pg_upgrade_is_upgraded(const struct pg_state *s)
{
    return s->fresh == PG_NEW_UPGRADED;
}

int
step_upgrade_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (pg_upgrade_look_first(cluster, &s, done, e) < 0) {
        return -1;
    }
    *done = *done || s.swapped || pg_upgrade_is_upgraded(&s);
    return 0;
}

int
step_upgrade_run(struct cluster *cluster, struct err *e)
{
    const struct pg_upgrade_job job = { "upgrade", "pg_upgrade",
                                        cluster->plan->pg_upgrade_mode, NULL,
                                        pg_upgrade_is_upgraded };

    return pg_upgrade_do_job(cluster, &job, e);
}

int
step_swap_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (pg_upgrade_look_first(cluster, &s, done, e) < 0) {
        return -1;
    }
    *done = *done || s.swapped;
    return 0;
}

int
step_swap_run(struct cluster *cluster, struct err *e)
{
    return pg_upgrade_change(cluster, pg_upgrade_first(cluster), "swap", NULL, e);
}
