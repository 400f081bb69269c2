#include "member/switchover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/coordinator.h"
#include "cluster/emit_pod.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "engine/topology.h"
#include "kubedb/catalog.h"
#include "lock/lock.h"
#include "member/drift.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/plan.h"
#include "run/run.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The primary gives way before its pod goes: first every other member must have all that
 * it executed, then it hands over in the way that the engine's table has for these
 * versions. Where that is refused the pod just goes and the group elects.
 */

enum {
    HANDOVER_PROBE_MS = 100,
    HANDOVER_ELECT_MS = 60 * 1000,
};

/* Whether a member takes its clients' writes; of peers all that serve do. */
static bool
switchover_writes(const struct plan *plan, const struct member_report *m)
{
    return engine_has_primary(plan->topology) ? m->role == MEMBER_PRIMARY
           : plan->topology == TOPOLOGY_STANDALONE
               ? true
               : engine_member_serves(plan->topology, m);
}

/* Keeps a member's position, with those of members asked before it. False where one of
 * them is kept instead. */
static bool
switchover_keep(struct cluster *cluster, const struct member *before,
                const struct member_report *m)
{
    const char *position = m->position != NULL ? m->position : "";
    const char *kept = before != NULL ? cluster->progress.primary_position : "";
    char *joined = NULL;

    if (before != NULL && cluster->target->engine->member.position_is_later != NULL &&
        (*position == '\0' ||
         !cluster->target->engine->member.position_is_later(position, kept))) {
        return false;
    }
    joined = cluster->target->engine->member.position_is_later == NULL && *kept != '\0' &&
                     *position != '\0'
                 ? mem_printf("%s,%s", kept, position)
                 : mem_strdup(*position != '\0' ? position : kept);
    free(cluster->progress.primary_position);
    cluster->progress.primary_position = joined;
    return true;
}

struct member *
switchover_primary(struct cluster *cluster, const struct member *except)
{
    bool one = !engine_has_peers(cluster->plan->topology);
    struct member *found = NULL;

    for (size_t i = 0; i < cluster->n_pods && !(one && found != NULL); i++) {
        struct member *p = &cluster->pods[i];
        struct member_report m = { 0 };
        struct err ignored = { 0 };

        if (p == except || p->set->follows || !sets_has_pod(p) ||
            session_member(cluster, p, &m, &ignored) < 0) {
            continue;
        }
        if (switchover_writes(cluster->plan, &m) && switchover_keep(cluster, found, &m)) {
            found = p;
        }
        member_report_clear(&m);
    }
    return found;
}

/* A verified member that may lead: none of a set that only follows, or that goes. */
static struct member *
switchover_successor(struct cluster *cluster, const struct member *old)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        const struct member *p = &cluster->pods[i];

        if (p != old && p->set->follows == old->set->follows && sets_has_pod(p) &&
            p->verified) {
            return &cluster->pods[i];
        }
    }
    return NULL;
}

struct handover_lag {
    const struct member *old;
    const char *position;
};

/* Whether a member has little left to apply; if not, `s` says how much. */
static int
switchover_is_near(struct cluster *cluster, struct member *p, struct wait_state *s,
                   struct err *e)
{
    struct member_report m = { 0 };

    if (session_member(cluster, p, &m, e) < 0) {
        return -1;
    }
    s->done = m.queue <= cluster->target->request->limits.max_lag;
    if (!s->done) {
        (void)snprintf(s->now, sizeof s->now, "%s has %lld %s to apply", p->name, m.queue,
                       cluster->target->engine->member.lag_unit);
        (void)snprintf(s->want, sizeof s->want, "at most %lld",
                       cluster->target->request->limits.max_lag);
    }
    member_report_clear(&m);
    return 0;
}

static int
switchover_look_lag(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    const struct handover_lag *lag = ctx;

    str_copy(s->want, sizeof s->want,
             "every member has applied all transactions of the primary");
    s->done = true;
    for (size_t i = 0; i < cluster->n_pods && s->done; i++) {
        struct member *p = &cluster->pods[i];

        if (p == lag->old || !sets_has_pod(p)) {
            continue;
        }
        if (switchover_is_near(cluster, p, s, e) < 0) {
            return -1;
        }
        if (!s->done) {
            return 0;
        }
        if (session_reached(cluster, p, lag->position, &s->done, e) < 0) {
            return -1;
        }
        if (!s->done) {
            (void)snprintf(s->now, sizeof s->now, "%s lags behind", p->name);
        }
    }
    return 0;
}

static int
switchover_look_elected(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    const struct member *old = ctx;

    (void)e;
    str_copy(s->want, sizeof s->want, "an upgraded member is primary");
    str_copy(s->now, sizeof s->now, "no new primary yet");
    s->done = switchover_primary(cluster, old) != NULL;
    return 0;
}

const struct engine_handover *
switchover_for(const struct run *run, const char *from, const char *to)
{
    const char *id = run->target->request->lead.handover;

    return id == NULL
               ? engine_handover_for(run->target->engine, run->plan->topology, from, to)
               : engine_handover_named(run->target->engine, run->plan->topology, id);
}

int
switchover_check(const struct run *run, struct err *e)
{
    const char *id = run->target->request->lead.handover;
    char known[256] = "none";

    if (id == NULL || str_eq(id, "none") ||
        engine_handover_named(run->target->engine, run->plan->topology, id) != NULL) {
        return 0;
    }
    for (const struct engine_handover *h = run->target->engine->member.handovers;
         h->id != NULL; h++) {
        if (h->topology == run->plan->topology) {
            str_append(known, sizeof known, ", %s", h->id);
        }
    }
    (void)err_set(e, ERR_USAGE, "--handover: \"%s\" is not for %s", id,
                  run->plan->mode != NULL ? run->plan->mode->title : "this topology");
    return err_hint(e, "it can be one of: %s", known);
}

/* The statement changes the group: as for every mutation the lock must be held, and the
 * world be the one that this run knows. */
static int
switchover_may(struct cluster *cluster, struct member *old, struct err *e)
{
    struct err ignored = { 0 }; /* who asks it hears of that */

    (void)session_home(cluster, old, &ignored);
    return drift_check(cluster, e) < 0 ? -1
                                       : lock_guard_exec(cluster->lock, old->name, e);
}

/* What the row says, asked of the primary, and the coordinator told. */
static int
switchover_ask(struct cluster *cluster, struct member *old, const struct member *next,
               const struct engine_handover *h, const char *id, struct err *e)
{
    auto_free char *sql = engine_format(h->sql, id);

    if (session_order(cluster, old, sql, e) < 0 ||
        (h->coordinator && switchover_may(cluster, old, e) < 0)) {
        return -1;
    }
    return h->coordinator ? coordinator_transfer(cluster->run, old, next->ordinal, e) : 0;
}

static int
switchover_do(struct cluster *cluster, struct member *old, struct member *next,
              const struct engine_handover *h, struct err *e)
{
    char id[sizeof((struct member_report *)NULL)->id];
    struct err refused = { 0 };
    struct member_report m = { 0 };
    struct wait w = { .id = "handover",
                      .pod = old->name,
                      .text = "another member to become primary",
                      .limit_ms = HANDOVER_ELECT_MS,
                      .probe_ms = HANDOVER_PROBE_MS,
                      .watchful = true,
                      .check = switchover_look_elected,
                      .on = cluster,
                      .ctx = old };

    if (session_member(cluster, next, &m, e) < 0) {
        return -1;
    }
    str_copy(id, sizeof id, m.id);
    member_report_clear(&m);
    if (switchover_may(cluster, old, e) < 0) {
        return -1;
    }
    if (switchover_ask(cluster, old, next, h, id, &refused) < 0) {
        emit_warning(cluster->run, "",
                     "%s was refused (%s): the other members elect a primary when the "
                     "pod is deleted",
                     h->title, refused.msg);
        return 0;
    }
    if (wait_until(cluster->run, &w, e) < 0) {
        return -1;
    }
    next = switchover_primary(cluster, old);
    if (next != NULL) {
        switchover_relabel(cluster, next, MEMBER_PRIMARY);
        switchover_relabel(cluster, old, MEMBER_SECONDARY);
        emit_role(cluster->run, old, MEMBER_SECONDARY);
    }
    return 0;
}

int
switchover_leave(struct cluster *cluster, struct member *p, struct err *e)
{
    const struct engine_handover *h =
        cluster->n_pods > 1
            ? switchover_for(cluster->run, p->version,
                             catalog_version(course_goal_object(cluster->run)))
            : NULL;
    struct err refused = { 0 };

    if (h == NULL) {
        return 0;
    }
    emit_pod(cluster->run, p, UI_POD_HANDOVER, "%s", h->title);
    if (switchover_may(cluster, p, e) < 0) {
        return -1;
    }
    switchover_relabel(cluster, p,
                       MEMBER_SECONDARY); /* no further clients are sent to it */
    if (switchover_ask(cluster, p, p, h, "", &refused) < 0) {
        emit_warning(cluster->run, "",
                     "%s was refused (%s): the pod is deleted without it", h->title,
                     refused.msg);
    }
    return 0;
}

int
switchover_run(struct cluster *cluster, struct member *p, struct err *e)
{
    return switchover_to(cluster, p, switchover_successor(cluster, p), e);
}

int
switchover_to(struct cluster *cluster, struct member *p, struct member *next,
              struct err *e)
{
    const struct engine_handover *h =
        next != NULL ? switchover_for(cluster->run, p->version, next->version) : NULL;
    struct member_report m = { 0 };
    struct handover_lag lag = { .old = p };
    struct wait w = { .id = "lag",
                      .pod = p->name,
                      .text = "the other members to catch up",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = HANDOVER_PROBE_MS,
                      .watchful = true,
                      .check = switchover_look_lag,
                      .on = cluster,
                      .ctx = &lag };
    int got = 0;

    if (next == NULL) {
        return 0;
    }
    emit_pod(cluster->run, p, UI_POD_HANDOVER, "waiting for the others to catch up");
    if (session_member(cluster, p, &m, e) < 0) {
        return -1;
    }
    lag.position = m.position != NULL ? m.position : "";
    got = wait_until(cluster->run, &w, e);
    member_report_clear(&m);
    if (got < 0 || h == NULL) {
        return got;
    }
    emit_pod(cluster->run, p, UI_POD_HANDOVER, "%s", h->title);
    return switchover_do(cluster, p, next, h, e);
}
