#include "member/member.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/blocker.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/state_transfer.h"
#include "engine/engine.h"
#include "engine/topology.h"
#include "kubedb/pod.h"
#include "member/channels_stop.h"
#include "member/diagnose.h"
#include "member/drain.h"
#include "member/drift.h"
#include "member/gates.h"
#include "member/member_state.h"
#include "member/member_storage.h"
#include "member/proxy_config.h"
#include "member/router_gate.h"
#include "member/switchover.h"
#include "member/upstream.h"
#include "run/emit.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * One member's restart: the others healthy -> hand over -> evict -> new pod -> gates.
 */

/* -- before: the others -- */

/* -- the new pod -- */

struct member_start {
    struct member *p;
    const struct member *first; /* that must be well before p is made */
    bool old_images;
};

/* Nothing but the set's controller makes the pod, from the set as it is now, and perhaps
 * only once the members before it are well. */
static int
member_look_absent(struct cluster *cluster, struct member_start *st, struct wait_state *s,
                   struct err *e)
{
    str_copy(s->now, sizeof s->now, "no pod yet");
    st->first = member_in_the_way(cluster, st->p);
    s->done = st->first != NULL;
    if (s->done) {
        return 0;
    }
    return drift_check(cluster, e) < 0 ? -1
                                       : blocker_absent(cluster->target, st->p, s, e);
}

static int
member_look_started(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member_start *st = ctx;
    const json_t *object = mirror_pod_object(cluster, st->p->name);
    struct pod pod = { 0 };

    str_copy(s->want, sizeof s->want, "a new pod, ready");
    if (object == NULL) {
        return member_look_absent(cluster, st, s, e);
    }
    if (pod_parse(cluster->target->engine, object, &pod, e) < 0) {
        return -1;
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    if (pod.deleting) {
        return 0;
    }
    st->old_images = !mirror_pod_is_there(cluster, st->p);
    s->done = st->old_images || pod.ready;
    if ((!st->old_images && storage_verify(cluster, st->p, e) < 0) ||
        member_check_broken(cluster, st->p, e) < 0) {
        return -1;
    }
    if (!s->done && cluster->plan->procedure->tend != NULL) {
        cluster->plan->procedure->tend(cluster, st->p);
    }
    if (!s->done && state_transfer_watch(cluster, st->p, s)) {
        return 0;
    }
    return diagnose_silence(cluster, st->p, s, e) < 0
               ? -1
               : blocker_creating(cluster, st->p, s, e);
}

int
member_revive(struct cluster *cluster, struct member *p, struct err *e)
{
    const json_t *object = mirror_pod_object(cluster, p->name);
    char container[128] = "";
    struct err broken = { 0 };

    if (p->revived || object == NULL ||
        !pod_is_broken(object, clock_wall_ms(), container, sizeof container, &broken)) {
        return 0;
    }
    p->revived = true;
    emit_note(cluster->run, "recreating failing pod %s (%s)", p->name, broken.msg);
    return member_evict(cluster, p, true, e);
}

/* Whether no server tells anything because none answers the program's account. */
static int
member_check_account(struct cluster *cluster, struct wait_state *s, struct err *e)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member_report m = { 0 };
        struct err trouble = { 0 };

        if (mirror_pod_is_ready(cluster, &cluster->pods[i]) &&
            session_member(cluster, &cluster->pods[i], &m, &trouble) < 0 &&
            str_eq(trouble.reason, "ACCOUNT")) {
            (void)snprintf(s->now, sizeof s->now, "%.250s", trouble.msg);
            if (!err_is_transient(&trouble)) {
                *e = trouble;
                return -1;
            }
        }
        member_report_clear(&m);
    }
    return 0;
}

/* What the member must contain: what the primary has executed by now. */
static int
member_look_position(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member *p = ctx;

    str_copy(s->want, sizeof s->want,
             engine_has_peers(cluster->plan->topology) ? "a node in service"
                                                       : "a primary");
    str_copy(s->now, sizeof s->now,
             engine_has_peers(cluster->plan->topology)
                 ? "no node is in service"
                 : "no member reports itself as primary");
    if (member_check_broken(cluster, p, e) < 0) {
        return -1;
    }
    s->done = switchover_primary(cluster, cluster->plan->topology == TOPOLOGY_STANDALONE
                                              ? NULL
                                              : p) != NULL ||
              switchover_primary(cluster, NULL) != NULL;
    return s->done ? 0 : member_check_account(cluster, s, e);
}

static int
member_wait_position(struct cluster *cluster, struct member *p, struct err *e)
{
    struct wait w = { .id = "primary",
                      .pod = p->name,
                      .text = "a member to report its position",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = MEMBER_PROBE_MS,
                      .watchful = true,
                      .check = member_look_position,
                      .on = cluster,
                      .ctx = p };

    if (wait_until(cluster->run, &w, e) < 0) {
        return -1;
    }
    free(p->position);
    p->position = mem_strdup(cluster->progress.primary_position);
    return 0;
}

static int
member_take_position(struct cluster *cluster, struct member *p, struct err *e)
{
    if (cluster->plan->topology == TOPOLOGY_PROXIES ||
        engine_follows(cluster->plan->topology)) {
        return 0; /* they have no data, or a source that is asked for it */
    }
    return member_wait_position(cluster, p, e);
}

int
member_settle(struct cluster *cluster, struct member *p, struct err *e)
{
    struct member_start st = { .p = p };
    struct wait w = { .id = "start",
                      .pod = p->name,
                      .text = "the new pod to be ready",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = MEMBER_PROBE_MS,
                      .watchful = true,
                      .check = member_look_started,
                      .on = cluster,
                      .ctx = &st };

    if (member_revive(cluster, p, e) < 0) {
        return -1;
    }
    drain_end(cluster, p);
    p->blocker = (struct blocker){ 0 }; /* what kept another pod away is another matter */
    emit_pod(cluster->run, p, UI_POD_STARTING, "waiting for the new pod");
    if (wait_until(cluster->run, &w, e) < 0) {
        if (e->code == ERR_TIMEOUT) {
            diagnose_log(cluster->run, p, cluster->target->engine->container, e);
            diagnose_members(cluster, p, e);
        }
        return -1;
    }
    if (st.first != NULL) {
        return err_set(e, ERR_CONFLICT, "%s is not created until %s is healthy", p->name,
                       st.first->name);
    }
    if (st.old_images) {
        return member_explain_images(cluster, p, e);
    }
    emit_pod(cluster->run, p, UI_POD_VERIFYING, "ready; querying its server");
    if (proxy_config_restore(cluster, p, e) < 0 ||
        (p->position == NULL && member_take_position(cluster, p, e) < 0) ||
        upstream_await(cluster, p, e) < 0) {
        return -1;
    }
    if (gates_wait(cluster, p, e) < 0) {
        if (e->code == ERR_TIMEOUT) {
            diagnose_log(cluster->run, p, cluster->target->engine->container, e);
        }
        if (e->code == ERR_UNHEALTHY || e->code == ERR_TIMEOUT) {
            diagnose_members(cluster, p, e);
        }
        return -1;
    }
    state_transfer_after(cluster, p);
    p->verified = true;
    emit_pod(cluster->run, p, UI_POD_DONE, "verified");
    return 0;
}

/* Its clients go, and then its pod. One that stays after all takes clients again. */
static int
member_leave(struct cluster *cluster, struct member *p, struct err *e)
{
    bool ready = mirror_pod_is_ready(cluster, p);

    if (proxy_config_check_saved(cluster, p, e) < 0) {
        return -1;
    }
    if ((ready && drain_run(cluster, p, e) < 0) ||
        member_evict(cluster, p, !ready, e) < 0) {
        drain_end(cluster, p);
        return -1;
    }
    return 0;
}

int
member_restart(struct cluster *cluster, struct member *p, struct err *e)
{
    /* What is broken serves nobody, and others may wait for it. */
    if (!member_is_spoilt(cluster, p) && member_wait_others(cluster, p, e) < 0) {
        return -1;
    }
    if (storage_wait(cluster, p, e) < 0 || state_transfer_before(cluster, p, e) < 0) {
        return -1;
    }
    if (channels_stop(cluster, p, e) < 0) {
        return -1;
    }
    if (p->role == MEMBER_PRIMARY && switchover_run(cluster, p, e) < 0) {
        return -1;
    }
    if (p->role == MEMBER_PEER && switchover_leave(cluster, p, e) < 0) {
        return -1;
    }
    if (!member_is_spoilt(cluster, p) && router_gate_wait(cluster, p->name, e) < 0) {
        return -1;
    }
    free(p->position);
    p->position = NULL;
    if (mirror_pod_is_ready(cluster, p) &&
        ((cluster->plan->topology == TOPOLOGY_STANDALONE &&
          member_take_position(cluster, p, e) < 0) ||
         upstream_await(cluster, p, e) < 0)) {
        return -1;
    }
    if (member_leave(cluster, p, e) < 0) {
        return -1;
    }
    if (cluster->plan->topology != TOPOLOGY_STANDALONE &&
        member_take_position(cluster, p, e) < 0) {
        return -1;
    }
    return member_settle(cluster, p, e);
}
