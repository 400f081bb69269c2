#include "procedure/replacement_members.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "cluster/replacement.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "engine/topology.h"
#include "lock/steer.h"
#include "member/drift.h"
#include "member/member.h"
#include "member/member_state.h"
#include "member/switchover.h"
#include "procedure/replacement_number.h"
#include "procedure/steps.h"
#include "run/flow.h"
#include "ui/ui.h"

/*
 * The members of an upgrade by a new set: one after the other joins, so that those who
 * are well stay a majority whatever it does; the lead moves; one after the other leaves.
 */

const struct flow_step *
members_row(const struct flow *f, const char *name)
{
    const struct flow_step *row = flow_table(f);

    while (!str_eq(row->name, name)) {
        row++;
    }
    return row;
}

/* The number of a member's step: those before the row, those done, and this one. */
static void
members_number(struct flow *f, const struct flow_step *row, size_t before,
               const struct flow_pod *p)
{
    f->run.step.number = flow_step_number(f, row) + (unsigned)before;
    (void)snprintf(f->run.step.text, sizeof f->run.step.text, "%s %s", row->title,
                   p->name);
    f->run.step.title = f->run.step.text;
}

/* One member's part of a row, told as a step of its own. */
int
members_do(struct flow *f, const struct flow_step *row, size_t before, struct flow_pod *p,
           int (*one)(struct flow *f, struct flow_pod *p, struct err *e), struct err *e)
{
    long long since = clock_ms();
    int got = 0;

    members_number(f, row, before, p);
    tell_step(f, row, p->name, UI_STEP_STARTED, 0);
    got = one(f, p, e);
    if (got < 0 && !err_is_transient(e) && e->code != ERR_INTERRUPTED) {
        tell_pod(f, p, UI_POD_FAILED, "%.200s", e->msg);
        f->cluster.progress.failed = newset_is_goal_pod(f, p) ? p : NULL;
    }
    tell_step(f, row, p->name, got < 0 ? UI_STEP_FAILED : UI_STEP_DONE,
              clock_ms() - since);
    return got;
}

/* Whether a pod's set still wants it, as far as the mirror shows. */
bool
members_is_wanted(const struct flow *f, const struct flow_pod *p)
{
    return !p->set->absent &&
           json_path_int(sets_object(f, p->set), "spec.replicas", 0) > p->ordinal;
}

/* Those of the set that goes which serve nobody: nothing waits for them. */
void
members_mark_lost(struct flow *f)
{
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        struct flow_pod *p = &f->cluster.pods[i];
        struct member m = { 0 };
        struct err silent = { 0 };

        p->lost = false;
        if (newset_is_other_pod(f, p) && sets_has_pod(p)) {
            p->lost =
                !flow_pod_is_ready(f, p) ||
                (session_member(f, p, &m, &silent) == 0 && engine_member_is_out(&m));
        }
        member_clear(&m);
    }
}

static bool
join_is_done(const struct flow *f, const struct flow_pod *p)
{
    return p->verified && sets_has_pod(p) && flow_pod_is_there(f, p);
}

int
step_join_done(struct flow *f, bool *done, struct err *e)
{
    (void)e;
    *done = true;
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        *done = *done && (!newset_is_goal_pod(f, &f->cluster.pods[i]) ||
                          join_is_done(f, &f->cluster.pods[i]));
    }
    return 0;
}

static int
join_one(struct flow *f, struct flow_pod *p, struct err *e)
{
    size_t size =
        p->set->size > (size_t)p->ordinal ? p->set->size : (size_t)p->ordinal + 1;

    if (!members_is_wanted(f, p) && member_wait_others(f, p, e) < 0) {
        return -1;
    }
    if (world_check(f, e) < 0 || newset_scale(f, p->set, size, e) < 0) {
        return -1;
    }
    if (flow_pod_object(f, p->name) == NULL) {
        tell_pod(f, p, UI_POD_STARTING, "its workload creates it");
    }
    return newset_check_number(f, p, e) < 0 ? -1 : member_settle(f, p, e);
}

int
step_join_run(struct flow *f, struct err *e)
{
    const struct flow_step *row = members_row(f, "join");
    size_t before = 0;

    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        struct flow_pod *p = &f->cluster.pods[i];

        if (!newset_is_goal_pod(f, p)) {
            continue;
        }
        if (!join_is_done(f, p)) {
            if (f->lock.steer.hold && !sets_has_pod(p) && steer_hold(f, e) < 0) {
                return -1;
            }
            if (members_do(f, row, before, p, join_one, e) < 0) {
                return -1;
            }
        }
        before++;
    }
    return 0;
}

/* Who is to lead instead of the primary; NULL: it may stay. Members of a higher version
 * cannot lead while one of a lower is there: then it is the one that is retired last, and
 * the group has to elect only once. */
static struct flow_pod *
promote_choose(struct flow *f, const struct flow_pod *primary)
{
    bool same = newset_is_same_version(f);

    if (newset_is_goal_pod(f, primary)) {
        return NULL;
    }
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        struct flow_pod *p = &f->cluster.pods[i];
        bool fits = same ? newset_is_goal_pod(f, p) && p->verified
                         : p->set == primary->set && p->ordinal == 0;

        if (fits && sets_has_pod(p)) {
            return p == primary ? NULL : p;
        }
    }
    return NULL;
}

int
step_promote_done(struct flow *f, bool *done, struct err *e)
{
    const struct flow_pod *primary = NULL;

    *done = f->cluster.progress.promoted || !engine_has_primary(f->plan.topology);
    if (*done) {
        return 0;
    }
    primary = flow_primary(f, NULL);
    if (primary == NULL) {
        return err_set(e, ERR_NETWORK, "no member reports itself as primary");
    }
    *done = promote_choose(f, primary) == NULL;
    return 0;
}

/* That it is refused is no reason to stop: then the others elect when its turn comes. */
int
step_promote_run(struct flow *f, struct err *e)
{
    struct flow_pod *primary = (members_mark_lost(f), flow_primary(f, NULL));
    struct flow_pod *next = primary != NULL ? promote_choose(f, primary) : NULL;

    if (next == NULL) {
        return 0;
    }
    if (member_wait_others(f, NULL, e) < 0 || handover_to(f, primary, next, e) < 0) {
        return -1;
    }
    tell_pod(f, primary, UI_POD_WAITING, "waiting");
    f->cluster.progress.promoted = true;
    return 0;
}
