#include "flow/major.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "flow/coordinator.h"

/*
 * The way back of a major upgrade, while the new server has not written: the old data are
 * whole, and go back to their place under the old server.
 */

enum { TURN_PROBE_MS = 1000 };

bool
major_is_begun(const struct flow *f)
{
    return f->begun;
}

void
major_explain(struct flow *f, struct err *e)
{
    struct pg_state s = { 0 };
    struct err ignored = { 0 };
    auto_free char *status = NULL;

    if (f->procedure != PROCEDURE_PG_UPGRADE || !f->had_lock || f->walked_back) {
        return;
    }
    if (major_state(f, major_first(f), &s, &ignored) < 0 || !s.up) {
        err_detail(e, "the database is DOWN: it comes back when the upgrade goes on, or "
                      "is walked back");
    }
    if (major_has_standbys(f) && major_failover(f, &status, &ignored) == 0 &&
        (str_eq(status, COORDINATOR_PAUSE) || str_eq(status, COORDINATOR_STAY))) {
        err_detail(e, "failover is stopped (%s=%s): no standby takes over",
                   COORDINATOR_STATUS, status);
    }
}

/* -- giveback: the first member's pod has its old images -- */

static bool
turn_has_pod(const struct flow *f, const struct flow_pod *p)
{
    const json_t *object = flow_pod_object(f, p->name);

    return object != NULL && member_is_there(f, p) &&
           json_path(object, "metadata.deletionTimestamp") == NULL;
}

int
step_giveback_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    *done = turn_has_pod(f, major_first(f));
    if (*done && major_state(f, major_first(f), &s, e) < 0) {
        *done = false;
        return flow_is_transient(e) ? (err_clear(e), 0) : -1;
    }
    return 0;
}

static int
turn_look_pod(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    struct flow_pod *p = ctx;
    const json_t *object = flow_pod_object(f, p->name);
    struct pg_state is = { 0 };

    str_copy(s->want, sizeof s->want, "the old pod again, its container running");
    str_copy(s->now, sizeof s->now, "no pod yet");
    if (object == NULL) {
        return world_check(f, e) < 0 ? -1 : obstacle_absent(f, p, s, e);
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    if (!turn_has_pod(f, p)) {
        return 0;
    }
    if (member_check_broken(f, p, e) < 0 || obstacle_creating(f, p, s, e) < 0 ||
        major_state(f, p, &is, e) < 0) {
        return -1;
    }
    s->done = true;
    return 0;
}

/* Data that are swapped go back to their place before their pod goes, if that can be: an
 * old server that finds none might make new ones. */
static void
turn_unswap_early(struct flow *f, struct flow_pod *p)
{
    struct pg_state s = { 0 };
    struct err ignored = { 0 };

    if (major_state(f, p, &s, &ignored) == 0 && s.data != major_from(f)) {
        (void)major_change(f, p, "unswap", NULL, &ignored);
    }
}

int
step_giveback_run(struct flow *f, struct err *e)
{
    struct flow_pod *p = major_first(f);
    struct wait w = { .id = "start",
                      .pod = p->name,
                      .text = "the pod with the old images",
                      .limit_ms = f->rq->pod_timeout_ms,
                      .probe_ms = TURN_PROBE_MS,
                      .watchful = true,
                      .check = turn_look_pod,
                      .ctx = p };

    if (!turn_has_pod(f, p)) {
        turn_unswap_early(f, p);
        if (member_evict(f, p, true, e) < 0) {
            return -1;
        }
    }
    tell_pod(f, p, UI_POD_STARTING, "waiting for the pod with the old images");
    return flow_wait(f, &w, e);
}

/* -- restore: the old data are in their place, whole -- */

int
step_restore_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (major_state(f, major_first(f), &s, e) < 0) {
        return -1;
    }
    *done = s.up || (s.data == major_from(f) && !s.swapped && !s.linked);
    return 0;
}

int
step_restore_run(struct flow *f, struct err *e)
{
    struct flow_pod *p = major_first(f);

    if (!major_has_standbys(f) && major_change(f, p, "hold", NULL, e) < 0) {
        return -1;
    }
    return major_change(f, p, "unswap", NULL, e);
}

/* -- serve: the old server runs -- */

int
step_serve_done(struct flow *f, bool *done, struct err *e)
{
    (void)e;
    *done = major_first(f)->verified;
    return 0;
}

static int
turn_let_serve(struct flow *f, struct err *e)
{
    auto_free char *status = NULL;

    if (!major_has_standbys(f)) {
        return major_change(f, major_first(f), "release", NULL, e);
    }
    if (major_failover(f, &status, e) < 0) {
        return -1;
    }
    return str_eq(status, COORDINATOR_PAUSE) ? major_set_failover(f, COORDINATOR_STAY, e)
                                             : 0;
}

int
step_serve_run(struct flow *f, struct err *e)
{
    struct flow_pod *p = major_first(f);

    if (turn_let_serve(f, e) < 0) {
        return -1;
    }
    free(p->position);
    p->position = mem_strdup("");
    return member_settle(f, p, e);
}

/* -- tidy -- */

int
step_tidy_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (major_state(f, major_first(f), &s, e) < 0) {
        return -1;
    }
    *done = !s.kept && s.fresh == PG_NEW_ABSENT && s.job[0] == '\0';
    return 0;
}

int
step_tidy_run(struct flow *f, struct err *e)
{
    return major_change(f, major_first(f), "tidy", NULL, e);
}

static bool
turn_has_rolls(const struct flow *f)
{
    return f->n_pods > 1;
}

const struct flow_step flow_pg_walk_back[] = {
    { FLOW_STEP(pause, "pause the operator", "resume") },
    { FLOW_STEP(images, "set the old images", "-") },
    { FLOW_STEP(giveback, "restart the first member with its old images", "-") },
    { FLOW_STEP(restore, "put the old data back in their place", "-") },
    { FLOW_STEP(serve, "start the old server", "-") },
    { FLOW_STEP(roll, "restart", "-"), .each_pod = true, .but_first = true,
      .applies = turn_has_rolls },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(failover, "allow failover again", "-"), .applies = major_has_standbys },
    { FLOW_STEP(tidy, "remove what the upgrade kept", "-") },
    { FLOW_STEP(resume, "resume the operator", "-") },
    { FLOW_STEP(settle, "wait until the operator agrees", "-") },
    { 0 },
};
