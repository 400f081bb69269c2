#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "cluster/replacement.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "lock/steer.h"
#include "member/drift.h"
#include "member/member_state.h"
#include "member/switchover.h"
#include "procedure/replacement_members.h"
#include "procedure/steps.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The members of the set that goes leave one after the other.
 */

static bool
retire_is_done(const struct cluster *cluster, const struct member *p)
{
    return !sets_has_pod(p) && mirror_pod_object(cluster, p->name) == NULL &&
           !members_is_wanted(cluster, p);
}

int
step_retire_done(struct cluster *cluster, bool *done, struct err *e)
{
    (void)e;
    *done = true;
    for (size_t i = 0; i < cluster->n_pods; i++) {
        *done = *done && (!replacement_is_other_pod(cluster, &cluster->pods[i]) ||
                          retire_is_done(cluster, &cluster->pods[i]));
    }
    return 0;
}

/* Whether the pod is gone, and the group has as many members as are to be there, all of
 * them well. */
static int
retire_look_gone(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    const struct member *p = ctx;
    unsigned lost = 0;
    unsigned n = 0;

    if (mirror_pod_object(cluster, p->name) != NULL || members_is_wanted(cluster, p)) {
        (void)snprintf(s->now, sizeof s->now, "its pod still exists");
        str_copy(s->want, sizeof s->want, "its pod deleted");
        return 0;
    }
    p->set->was = p->set->size; /* the mirror shows it */
    for (size_t i = 0; i < cluster->n_pods; i++) {
        lost += cluster->pods[i].lost ? 1U : 0U;
    }
    n = sets_count_pods(cluster);
    if (member_look_others(cluster, NULL, s, e) < 0 || !s->done) {
        s->done = false;
        return e->code == ERR_NONE ? 0 : -1;
    }
    (void)snprintf(s->want, sizeof s->want, "a group of %u, all online", n);
    for (size_t i = 0; i < cluster->n_pods && s->done; i++) {
        struct member_report m = { 0 };

        if (!sets_has_pod(&cluster->pods[i])) {
            continue;
        }
        if (session_member(cluster, &cluster->pods[i], &m, e) < 0) {
            s->done = false;
            return -1;
        }
        s->done = m.members >= n && m.members <= n + lost && m.online >= n;
        if (!s->done) {
            (void)snprintf(s->now, sizeof s->now, "%s sees %u of %u online",
                           cluster->pods[i].name, m.online, m.members);
        }
        member_report_clear(&m);
    }
    return 0;
}

static int
retire_wait_gone(struct cluster *cluster, struct member *p, struct err *e)
{
    struct wait w = { .id = "retire",
                      .pod = p->name,
                      .text = "the member to leave",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = NEWSET_PROBE_MS,
                      .watchful = true,
                      .check = retire_look_gone,
                      .on = cluster,
                      .ctx = p };

    return wait_until(cluster->run, &w, e);
}

/* It gives way, if it leads or takes writes. One that is well is asked until it answers.
 */
static int
retire_give_way(struct cluster *cluster, struct member *p, struct err *e)
{
    struct member_report m = { 0 };

    p->role = MEMBER_ROLE_NONE;
    if (p->lost || !mirror_pod_is_ready(cluster, p)) {
        return 0;
    }
    if (session_member(cluster, p, &m, e) < 0) {
        return -1;
    }
    member_report_clear(&m);
    if (p->role == MEMBER_PRIMARY) {
        return switchover_run(cluster, p, e);
    }
    return p->role == MEMBER_PEER ? switchover_leave(cluster, p, e) : 0;
}

/* How many members the set is to have without this one. A controller that keeps to the
 * order takes none away while one below is not well, but all that are to go together: it
 * is told the lowest that is lost. */
static size_t
retire_size(const struct cluster *cluster, const struct member *p)
{
    int size = p->ordinal;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        const struct member *q = &cluster->pods[i];

        size = q->set == p->set && q->lost && q->ordinal < size ? q->ordinal : size;
    }
    return (size_t)size;
}

/* All that go with it give way first. */
static int
retire_give_all_way(struct cluster *cluster, const struct member *p, size_t size,
                    struct err *e)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *q = &cluster->pods[i];

        if (q->set == p->set && (size_t)q->ordinal >= size && q->ordinal <= p->ordinal &&
            (member_wait_others(cluster, q, e) < 0 ||
             retire_give_way(cluster, q, e) < 0)) {
            return -1;
        }
    }
    return 0;
}

static int
retire_one(struct cluster *cluster, struct member *p, struct err *e)
{
    size_t size = 0;

    members_mark_lost(cluster);
    size = retire_size(cluster, p);
    if (members_is_wanted(cluster, p) && (retire_give_all_way(cluster, p, size, e) < 0 ||
                                          member_wait_others(cluster, p, e) < 0)) {
        return -1;
    }
    if (drift_check(cluster, e) < 0 ||
        (!p->set->absent && p->set->size > size &&
         replacement_scale(cluster->target, p->set, size, e) < 0) ||
        (members_is_wanted(cluster, p) &&
         replacement_scale(cluster->target, p->set, p->set->size, e) < 0)) {
        return -1;
    }
    emit_pod(cluster->run, p, UI_POD_DELETING, "leaving: %s now has %d members",
             p->set->name, p->ordinal);
    if (retire_wait_gone(cluster, p, e) < 0) {
        return -1;
    }
    session_close(&p->session);
    emit_pod(cluster->run, p, UI_POD_DONE, "gone");
    return 0;
}

int
step_retire_run(struct cluster *cluster, struct err *e)
{
    const struct step *row = members_row(cluster->run, "retire");
    size_t before = 0;

    for (size_t i = cluster->n_pods; i-- > 0;) {
        struct member *p = &cluster->pods[i];

        if (!replacement_is_other_pod(cluster, p)) {
            continue;
        }
        if (!retire_is_done(cluster, p)) {
            if (cluster->lock->steer.hold && sets_has_pod(p) &&
                steer_hold(cluster->lock, e) < 0) {
                return -1;
            }
            if (members_do(cluster, row, before, p, retire_one, e) < 0) {
                return -1;
            }
        }
        before++;
    }
    return 0;
}
