#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/replacement.h"
#include "kubedb/catalog.h"

/*
 * The members of an upgrade by a new set: one after the other joins, so that those who
 * are well stay a majority whatever it does; the lead moves; one after the other leaves.
 */

enum { NEWSET_PROBE_MS = 500 };

static const struct flow_step *
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
    f->step = flow_step_number(f, row) + (unsigned)before;
    (void)snprintf(f->title, sizeof f->title, "%s %s", row->title, p->name);
    f->step_title = f->title;
}

/* One member's part of a row, told as a step of its own. */
static int
members_do(struct flow *f, const struct flow_step *row, size_t before, struct flow_pod *p,
           int (*one)(struct flow *f, struct flow_pod *p, struct err *e), struct err *e)
{
    long long since = clock_ms();
    int got = 0;

    members_number(f, row, before, p);
    tell_step(f, row, p->name, UI_STEP_STARTED, 0);
    got = one(f, p, e);
    if (got < 0 && !flow_is_transient(e) && e->code != ERR_INTERRUPTED) {
        tell_pod(f, p, UI_POD_FAILED, "%.200s", e->msg);
        f->failed = newset_is_goal_pod(f, p) ? p : NULL;
    }
    tell_step(f, row, p->name, got < 0 ? UI_STEP_FAILED : UI_STEP_DONE,
              clock_ms() - since);
    return got;
}

/* Whether a pod's set still wants it, as far as the mirror shows. */
static bool
members_is_wanted(const struct flow *f, const struct flow_pod *p)
{
    return !p->set->absent &&
           json_path_int(sets_object(f, p->set), "spec.replicas", 0) > p->ordinal;
}

/* Those of the set that goes which serve nobody: nothing waits for them. */
static void
members_mark_lost(struct flow *f)
{
    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *p = &f->pods[i];
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
    return p->verified && sets_has_pod(p) && member_is_there(f, p);
}

int
step_join_done(struct flow *f, bool *done, struct err *e)
{
    (void)e;
    *done = true;
    for (size_t i = 0; i < f->n_pods; i++) {
        *done = *done &&
                (!newset_is_goal_pod(f, &f->pods[i]) || join_is_done(f, &f->pods[i]));
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
        tell_pod(f, p, UI_POD_STARTING, "its set makes it");
    }
    return newset_check_number(f, p, e) < 0 ? -1 : member_settle(f, p, e);
}

int
step_join_run(struct flow *f, struct err *e)
{
    const struct flow_step *row = members_row(f, "join");
    size_t before = 0;

    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *p = &f->pods[i];

        if (!newset_is_goal_pod(f, p)) {
            continue;
        }
        if (!join_is_done(f, p)) {
            if (f->steer.hold && !sets_has_pod(p) && steer_hold(f, e) < 0) {
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
    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *p = &f->pods[i];
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

    *done = f->promoted || !engine_has_primary(f->topology);
    if (*done) {
        return 0;
    }
    primary = flow_primary(f, NULL);
    if (primary == NULL) {
        return err_set(e, ERR_NETWORK, "no member says that it leads");
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
    f->promoted = true;
    return 0;
}

static bool
retire_is_done(const struct flow *f, const struct flow_pod *p)
{
    return !sets_has_pod(p) && flow_pod_object(f, p->name) == NULL &&
           !members_is_wanted(f, p);
}

int
step_retire_done(struct flow *f, bool *done, struct err *e)
{
    (void)e;
    *done = true;
    for (size_t i = 0; i < f->n_pods; i++) {
        *done = *done &&
                (!newset_is_other_pod(f, &f->pods[i]) || retire_is_done(f, &f->pods[i]));
    }
    return 0;
}

/* Whether the pod is gone, and the group has as many members as are to be there, all of
 * them well. */
static int
retire_look_gone(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    const struct flow_pod *p = ctx;
    unsigned lost = 0;
    unsigned n = 0;

    if (flow_pod_object(f, p->name) != NULL || members_is_wanted(f, p)) {
        (void)snprintf(s->now, sizeof s->now, "its pod is there");
        str_copy(s->want, sizeof s->want, "its pod gone");
        return 0;
    }
    p->set->was = p->set->size; /* the mirror shows it */
    for (size_t i = 0; i < f->n_pods; i++) {
        lost += f->pods[i].lost ? 1U : 0U;
    }
    n = sets_count_pods(f);
    if (member_look_others(f, NULL, s, e) < 0 || !s->done) {
        s->done = false;
        return e->code == ERR_NONE ? 0 : -1;
    }
    (void)snprintf(s->want, sizeof s->want, "a group of %u, all online", n);
    for (size_t i = 0; i < f->n_pods && s->done; i++) {
        struct member m = { 0 };

        if (!sets_has_pod(&f->pods[i])) {
            continue;
        }
        if (session_member(f, &f->pods[i], &m, e) < 0) {
            s->done = false;
            return -1;
        }
        s->done = m.members >= n && m.members <= n + lost && m.online >= n;
        if (!s->done) {
            (void)snprintf(s->now, sizeof s->now, "%s sees %u of %u online",
                           f->pods[i].name, m.online, m.members);
        }
        member_clear(&m);
    }
    return 0;
}

static int
retire_wait_gone(struct flow *f, struct flow_pod *p, struct err *e)
{
    struct wait w = { .id = "retire",
                      .pod = p->name,
                      .text = "the member to leave",
                      .limit_ms = f->rq->pod_timeout_ms,
                      .probe_ms = NEWSET_PROBE_MS,
                      .watchful = true,
                      .check = retire_look_gone,
                      .ctx = p };

    return flow_wait(f, &w, e);
}

/* It gives way, if it leads or takes writes. One that is well is asked until it answers.
 */
static int
retire_give_way(struct flow *f, struct flow_pod *p, struct err *e)
{
    struct member m = { 0 };

    p->role = MEMBER_ROLE_NONE;
    if (p->lost || !flow_pod_is_ready(f, p)) {
        return 0;
    }
    if (session_member(f, p, &m, e) < 0) {
        return -1;
    }
    member_clear(&m);
    if (p->role == MEMBER_PRIMARY) {
        return handover_run(f, p, e);
    }
    return p->role == MEMBER_PEER ? handover_leave(f, p, e) : 0;
}

/* How many members the set is to have without this one. A controller that keeps to the
 * order takes none away while one below is not well, but all that are to go together: it
 * is told the lowest that is lost. */
static size_t
retire_size(const struct flow *f, const struct flow_pod *p)
{
    int size = p->ordinal;

    for (size_t i = 0; i < f->n_pods; i++) {
        const struct flow_pod *q = &f->pods[i];

        size = q->set == p->set && q->lost && q->ordinal < size ? q->ordinal : size;
    }
    return (size_t)size;
}

/* All that go with it give way first. */
static int
retire_give_all_way(struct flow *f, const struct flow_pod *p, size_t size, struct err *e)
{
    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *q = &f->pods[i];

        if (q->set == p->set && (size_t)q->ordinal >= size && q->ordinal <= p->ordinal &&
            (member_wait_others(f, q, e) < 0 || retire_give_way(f, q, e) < 0)) {
            return -1;
        }
    }
    return 0;
}

static int
retire_one(struct flow *f, struct flow_pod *p, struct err *e)
{
    size_t size = 0;

    members_mark_lost(f);
    size = retire_size(f, p);
    if (members_is_wanted(f, p) &&
        (retire_give_all_way(f, p, size, e) < 0 || member_wait_others(f, p, e) < 0)) {
        return -1;
    }
    if (world_check(f, e) < 0 ||
        (!p->set->absent && p->set->size > size &&
         newset_scale(f, p->set, size, e) < 0) ||
        (members_is_wanted(f, p) && newset_scale(f, p->set, p->set->size, e) < 0)) {
        return -1;
    }
    tell_pod(f, p, UI_POD_DELETING, "leaves: %s has %d members now", p->set->name,
             p->ordinal);
    if (retire_wait_gone(f, p, e) < 0) {
        return -1;
    }
    session_close(&p->session);
    tell_pod(f, p, UI_POD_DONE, "gone");
    return 0;
}

int
step_retire_run(struct flow *f, struct err *e)
{
    const struct flow_step *row = members_row(f, "retire");
    size_t before = 0;

    for (size_t i = f->n_pods; i-- > 0;) {
        struct flow_pod *p = &f->pods[i];

        if (!newset_is_other_pod(f, p)) {
            continue;
        }
        if (!retire_is_done(f, p)) {
            if (f->steer.hold && sets_has_pod(p) && steer_hold(f, e) < 0) {
                return -1;
            }
            if (members_do(f, row, before, p, retire_one, e) < 0) {
                return -1;
            }
        }
        before++;
    }
    return 0;
}
