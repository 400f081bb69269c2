#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/blocker.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "kube/client.h"
#include "kubedb/pod.h"
#include "member/drift.h"
#include "member/member.h"
#include "member/member_state.h"
#include "member/member_storage.h"
#include "member/router_gate.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * A member's old pod goes: by eviction, which asks its disruption budget.
 */

struct member_eviction {
    struct member *p;
    char uid[64];     /* of the pod that has to go */
    char version[64]; /* as it was when it was looked at */
    bool sent;
    bool broken; /* it serves nobody: the others need not be well */
};

/* A disruption budget counts a pod that is not ready among those that are away, and a
 * budget of one then allows nothing more: for ever, if it is this pod. To delete one that
 * serves nobody takes nothing from anybody. Without the right to do so it waits. */
static int
member_try_delete(struct cluster *cluster, struct member_eviction *ev,
                  struct wait_state *s, struct err *e)
{
    struct kube_ref ref = mirror_ref_pods(cluster->target);
    struct err refused = { 0 };

    ref.name = ev->p->name;
    if (!ev->broken || e->status != 429 || mirror_pod_is_ready(cluster, ev->p) ||
        kube_delete(cluster->target->kube, &ref, ev->uid, ev->version, &refused) < 0) {
        return blocker_evict(cluster, ev->p, s, e);
    }
    err_clear(e);
    ev->sent = true;
    emit_pod(cluster->run, ev->p, UI_POD_DELETING, "deleted (uid %.8s%s%s)", ev->uid,
             ev->p->version[0] != '\0' ? ", was " : "", ev->p->version);
    return 0;
}

/* Whether the pod is still as it was when the looking began: the coordinators may have
 * made it the primary meanwhile. A conflict says the same, but only after the API server
 * has taken from the pod's budget what it then does not use. */
static bool
member_is_as_seen(const struct cluster *cluster, const struct member_eviction *ev)
{
    const json_t *object = mirror_pod_object(cluster, ev->p->name);

    return str_eq(json_path_str(object, "metadata.uid"), ev->uid) &&
           str_eq(json_path_str(object, "metadata.resourceVersion"), ev->version);
}

/* Sends the eviction, if the world and the others are well at this moment. A disruption
 * budget may refuse it for minutes, so both are asked each time. */
static int
member_try_evict(struct cluster *cluster, struct member_eviction *ev,
                 struct wait_state *s, struct err *e)
{
    if (drift_check(cluster, e) < 0) {
        return -1;
    }
    if (!ev->broken && cluster->n_pods > 1) {
        if (member_look_others(cluster, ev->p, s, e) < 0) {
            return -1;
        }
        if (!s->done) {
            return 0;
        }
    }
    if (!ev->broken && router_gate_look_going(cluster, ev->p, s, e) < 0) {
        return -1;
    }
    if (!ev->broken && !s->done) {
        return 0;
    }
    s->done = false;
    if (storage_guard(cluster, ev->p, STORAGE_CLAIMS, e) < 0) {
        return -1;
    }
    if (!member_is_as_seen(cluster, ev)) {
        str_copy(s->now, sizeof s->now,
                 "the pod changed while the other members were checked");
        return 0;
    }
    if (kube_evict(cluster->target->kube, cluster->target->request->name_space,
                   ev->p->name, ev->uid, ev->version, e) < 0) {
        /* Gone, or another pod is there: the mirror will tell. */
        return e->code == ERR_NOT_FOUND || e->code == ERR_CONFLICT
                   ? 0
                   : member_try_delete(cluster, ev, s, e);
    }
    ev->sent = true;
    emit_pod(cluster->run, ev->p, UI_POD_DELETING, "evicted (uid %.8s%s%s)", ev->uid,
             ev->p->version[0] != '\0' ? ", was " : "", ev->p->version);
    return 0;
}

static int
member_look_evicted(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member_eviction *ev = ctx;
    const json_t *object = mirror_pod_object(cluster, ev->p->name);

    if (object == NULL || !str_eq(json_path_str(object, "metadata.uid"), ev->uid)) {
        s->done = true;
        return 0;
    }
    if (!ev->sent) {
        int got = 0;

        str_copy(ev->version, sizeof ev->version,
                 json_path_str(object, "metadata.resourceVersion"));
        got = member_try_evict(cluster, ev, s, e);
        if (got < 0 || !ev->sent) {
            return got;
        }
    }
    str_copy(s->want, sizeof s->want, "the old pod deleted");
    object = mirror_pod_object(
        cluster, ev->p->name); /* the loop was served: it may have changed */
    if (object != NULL) {
        pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    }
    return 0;
}

int
member_evict(struct cluster *cluster, struct member *p, bool broken, struct err *e)
{
    struct member_eviction ev = { .p = p, .broken = broken };
    const json_t *object = mirror_pod_object(cluster, p->name);
    struct wait w = { .id = "evict",
                      .pod = p->name,
                      .text = "the old pod to be deleted",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = MEMBER_PROBE_MS,
                      .watchful = true,
                      .check = member_look_evicted,
                      .on = cluster,
                      .ctx = &ev };

    if (object == NULL) {
        return 0;
    }
    str_copy(ev.uid, sizeof ev.uid, json_path_str(object, "metadata.uid"));
    if (wait_until(cluster->run, &w, e) < 0) {
        return -1;
    }
    session_close(&p->session);
    return 0;
}
