#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "engine/topology.h"
#include "lock/steer.h"
#include "member/drift.h"
#include "member/member.h"
#include "member/member_state.h"
#include "member/router_gate.h"
#include "procedure/steps.h"
#include "run/run.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The roll: which member is next is decided anew each time, from what the cluster says
 * then. Members that are restarted already are brought to their end first; then those
 * that are down anyway; then the secondaries; the primary last.
 */

static void
roll_refresh_roles(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member_report m = { 0 };
        struct err ignored = { 0 };

        if (mirror_pod_is_ready(cluster, &cluster->pods[i])) {
            (void)session_member(cluster, &cluster->pods[i], &m, &ignored);
            member_report_clear(&m);
        } else {
            cluster->pods[i].role = MEMBER_ROLE_NONE; /* what it was when it was well */
        }
    }
}

/* A member that is on its way already: gone, going, or with the wanted images. Those that
 * are down come first: the others could not see a whole group. */
static struct member *
roll_begun(struct cluster *cluster)
{
    struct member *begun = NULL;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        const json_t *object = mirror_pod_object(cluster, p->name);

        if (p->verified || (object != NULL && !mirror_pod_is_there(cluster, p) &&
                            json_path(object, "metadata.deletionTimestamp") == NULL)) {
            continue;
        }
        if (!mirror_pod_is_ready(cluster, p)) {
            return p;
        }
        begun = begun == NULL ? p : begun;
    }
    return begun;
}

static struct member *
roll_next(struct cluster *cluster)
{
    struct roll_item items[MEMBERS_MAX];
    size_t order[MEMBERS_MAX];

    roll_refresh_roles(cluster);
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];

        if (!p->verified && !mirror_pod_is_ready(cluster, p)) {
            return p;
        }
        items[i] = sets_roll_item(cluster, p);
    }
    engine_roll_order(items, cluster->n_pods, order);
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (!cluster->pods[order[i]].verified) {
            return &cluster->pods[order[i]];
        }
    }
    return NULL;
}

/* The row of the members' restarts. */
static const struct step *
roll_row(const struct run *run)
{
    const struct step *row = procedure_steps(run);

    while (!row->each_pod) {
        row++;
    }
    return row;
}

/* The number of a member's step: those before the roll, those verified, and this one. */
static void
roll_number(struct cluster *cluster, const struct member *p)
{
    const struct step *row = roll_row(cluster->run);

    cluster->run->step.number = step_number(cluster, row);
    for (size_t i = 0; i < cluster->n_pods; i++) {
        cluster->run->step.number +=
            step_takes(cluster, row, &cluster->pods[i]) && cluster->pods[i].verified ? 1U
                                                                                     : 0U;
    }
    (void)snprintf(cluster->run->step.text, sizeof cluster->run->step.text, "%s %s",
                   mirror_pod_is_there(cluster, p) && mirror_pod_is_ready(cluster, p)
                       ? "verify"
                       : "restart",
                   p->name);
    cluster->run->step.title = cluster->run->step.text;
}

static int
roll_one(struct cluster *cluster, struct member *p, bool begun, struct err *e)
{
    const struct step *row = roll_row(cluster->run);
    long long since = clock_ms();
    int got = 0;

    roll_number(cluster, p);
    step_emit(cluster->run, row, p->name, UI_STEP_STARTED, 0);
    got = begun ? member_settle(cluster, p, e) : member_restart(cluster, p, e);
    if (got < 0 && !err_is_transient(e) && e->code != ERR_INTERRUPTED) {
        emit_pod(cluster->run, p, UI_POD_FAILED, "%.200s", e->msg);
        cluster->progress.failed = p;
    }
    step_emit(cluster->run, row, p->name, got < 0 ? UI_STEP_FAILED : UI_STEP_DONE,
              clock_ms() - since);
    return got;
}

int
step_roll_done(struct cluster *cluster, bool *done, struct err *e)
{
    (void)e;
    *done = true;
    for (size_t i = 0; i < cluster->n_pods; i++) {
        *done = *done && cluster->pods[i].verified &&
                mirror_pod_is_there(cluster, &cluster->pods[i]);
    }
    return 0;
}

int
step_roll_run(struct cluster *cluster, struct err *e)
{
    for (;;) {
        struct member *p = NULL;
        bool begun = true;

        if (drift_check(cluster, e) < 0) {
            return -1;
        }
        p = member_in_the_way(cluster, NULL);
        begun = p == NULL;
        if (p != NULL) {
            p->role = MEMBER_ROLE_NONE; /* what it was when it was well */
        } else {
            p = roll_begun(cluster);
        }
        if (p == NULL) {
            begun = false;
            p = roll_next(cluster);
        }
        if (p == NULL) {
            return 0;
        }
        if (!begun && cluster->lock->steer.hold) {
            if (steer_hold(cluster->lock, e) < 0) {
                return -1;
            }
            continue; /* the world may be another one now */
        }
        if (roll_one(cluster, p, begun, e) < 0) {
            return -1;
        }
    }
}

/* -- at the end: all of them together -- */

int
step_look_whole(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    unsigned primaries = 0;

    (void)ctx;
    s->done = true;
    (void)snprintf(
        s->want, sizeof s->want, "%u members online%s", sets_count_pods(cluster),
        engine_has_primary(cluster->plan->topology) ? ", one of them primary" : "");
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        struct member_report m = { 0 };
        bool well = false;

        if (!sets_has_pod(p)) {
            continue;
        }
        if (!member_look_pod(cluster, p, s)) {
            s->done = false;
            return 0;
        }
        if (session_member(cluster, p, &m, e) < 0) {
            s->done = false;
            (void)snprintf(s->now, sizeof s->now, "%s does not answer", p->name);
            member_report_clear(&m);
            return e->code == ERR_NONE ? 0 : -1;
        }
        well = engine_member_serves(cluster->plan->topology, &m) &&
               engine_member_sees(&m, sets_count_pods(cluster), 0);
        primaries += m.role == MEMBER_PRIMARY ? 1U : 0U;
        if (!well) {
            (void)snprintf(s->now, sizeof s->now, "%s is %s", p->name, m.state);
            if (m.members > 0) {
                str_append(s->now, sizeof s->now, " and sees %u online", m.online);
            }
        }
        s->done = s->done && well;
        member_report_clear(&m);
    }
    if (s->done && engine_has_primary(cluster->plan->topology) && primaries != 1) {
        (void)snprintf(s->now, sizeof s->now, "%u primaries", primaries);
        s->done = false;
    }
    return 0;
}

int
step_verify_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct wait_state s = { 0 };

    *done = false;
    if (step_look_whole(cluster, NULL, &s, e) < 0 ||
        (s.done && router_gate_look(cluster, &s, e) < 0)) {
        return err_is_transient(e) ? 0 : -1;
    }
    *done = s.done;
    return 0;
}

int
step_verify_run(struct cluster *cluster, struct err *e)
{
    struct wait w = { .id = "verify",
                      .pod = "",
                      .text = "all members to be online",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = 500,
                      .watchful = true,
                      .check = step_look_whole,
                      .on = cluster };

    return wait_until(cluster->run, &w, e) < 0 ? -1 : router_gate_wait(cluster, "", e);
}
