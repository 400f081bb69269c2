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
#include "run/run.h"
#include "ui/ui.h"

/*
 * The members of an upgrade by a new set: one after the other joins, so that those who
 * are well stay a majority whatever it does; the lead moves; one after the other leaves.
 */

const struct step *
members_row(const struct run *run, const char *name)
{
    const struct step *row = procedure_steps(run);

    while (!str_eq(row->name, name)) {
        row++;
    }
    return row;
}

/* The number of a member's step: those before the row, those done, and this one. */
static void
members_number(struct cluster *cluster, const struct step *row, size_t before,
               const struct member *p)
{
    cluster->run->step.number = step_number(cluster, row) + (unsigned)before;
    (void)snprintf(cluster->run->step.text, sizeof cluster->run->step.text, "%s %s",
                   row->title, p->name);
    cluster->run->step.title = cluster->run->step.text;
}

/* One member's part of a row, told as a step of its own. */
int
members_do(struct cluster *cluster, const struct step *row, size_t before,
           struct member *p,
           int (*one)(struct cluster *cluster, struct member *p, struct err *e),
           struct err *e)
{
    long long since = clock_ms();
    int got = 0;

    members_number(cluster, row, before, p);
    step_emit(cluster->run, row, p->name, UI_STEP_STARTED, 0);
    got = one(cluster, p, e);
    if (got < 0 && !err_is_transient(e) && e->code != ERR_INTERRUPTED) {
        emit_pod(cluster->run, p, UI_POD_FAILED, "%.200s", e->msg);
        cluster->progress.failed = replacement_is_goal_pod(cluster, p) ? p : NULL;
    }
    step_emit(cluster->run, row, p->name, got < 0 ? UI_STEP_FAILED : UI_STEP_DONE,
              clock_ms() - since);
    return got;
}

/* Whether a pod's set still wants it, as far as the mirror shows. */
bool
members_is_wanted(const struct cluster *cluster, const struct member *p)
{
    return !p->set->absent &&
           json_path_int(sets_object(cluster, p->set), "spec.replicas", 0) > p->ordinal;
}

/* Those of the set that goes which serve nobody: nothing waits for them. */
void
members_mark_lost(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        struct member_report m = { 0 };
        struct err silent = { 0 };

        p->lost = false;
        if (replacement_is_other_pod(cluster, p) && sets_has_pod(p)) {
            p->lost = !mirror_pod_is_ready(cluster, p) ||
                      (session_member(cluster, p, &m, &silent) == 0 &&
                       engine_member_is_out(&m));
        }
        member_report_clear(&m);
    }
}

static bool
join_is_done(const struct cluster *cluster, const struct member *p)
{
    return p->verified && sets_has_pod(p) && mirror_pod_is_there(cluster, p);
}

int
step_join_done(struct cluster *cluster, bool *done, struct err *e)
{
    (void)e;
    *done = true;
    for (size_t i = 0; i < cluster->n_pods; i++) {
        *done = *done && (!replacement_is_goal_pod(cluster, &cluster->pods[i]) ||
                          join_is_done(cluster, &cluster->pods[i]));
    }
    return 0;
}

static int
join_one(struct cluster *cluster, struct member *p, struct err *e)
{
    size_t size =
        p->set->size > (size_t)p->ordinal ? p->set->size : (size_t)p->ordinal + 1;

    if (!members_is_wanted(cluster, p) && member_wait_others(cluster, p, e) < 0) {
        return -1;
    }
    if (drift_check(cluster, e) < 0 ||
        replacement_scale(cluster->target, p->set, size, e) < 0) {
        return -1;
    }
    if (mirror_pod_object(cluster, p->name) == NULL) {
        emit_pod(cluster->run, p, UI_POD_STARTING, "its workload creates it");
    }
    return replacement_check_number(cluster, p, e) < 0 ? -1
                                                       : member_settle(cluster, p, e);
}

int
step_join_run(struct cluster *cluster, struct err *e)
{
    const struct step *row = members_row(cluster->run, "join");
    size_t before = 0;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];

        if (!replacement_is_goal_pod(cluster, p)) {
            continue;
        }
        if (!join_is_done(cluster, p)) {
            if (cluster->lock->steer.hold && !sets_has_pod(p) &&
                steer_hold(cluster->lock, e) < 0) {
                return -1;
            }
            if (members_do(cluster, row, before, p, join_one, e) < 0) {
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
static struct member *
promote_choose(struct cluster *cluster, const struct member *primary)
{
    bool same = replacement_is_same_version(cluster->plan);

    if (replacement_is_goal_pod(cluster, primary)) {
        return NULL;
    }
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        bool fits = same ? replacement_is_goal_pod(cluster, p) && p->verified
                         : p->set == primary->set && p->ordinal == 0;

        if (fits && sets_has_pod(p)) {
            return p == primary ? NULL : p;
        }
    }
    return NULL;
}

int
step_promote_done(struct cluster *cluster, bool *done, struct err *e)
{
    const struct member *primary = NULL;

    *done =
        cluster->progress.major.promoted || !engine_has_primary(cluster->plan->topology);
    if (*done) {
        return 0;
    }
    primary = switchover_primary(cluster, NULL);
    if (primary == NULL) {
        return err_set(e, ERR_NETWORK, "no member reports itself as primary");
    }
    *done = promote_choose(cluster, primary) == NULL;
    return 0;
}

/* That it is refused is no reason to stop: then the others elect when its turn comes. */
int
step_promote_run(struct cluster *cluster, struct err *e)
{
    struct member *primary =
        (members_mark_lost(cluster), switchover_primary(cluster, NULL));
    struct member *next = primary != NULL ? promote_choose(cluster, primary) : NULL;

    if (next == NULL) {
        return 0;
    }
    if (member_wait_others(cluster, NULL, e) < 0 ||
        switchover_to(cluster, primary, next, e) < 0) {
        return -1;
    }
    emit_pod(cluster->run, primary, UI_POD_WAITING, "waiting");
    cluster->progress.major.promoted = true;
    return 0;
}
