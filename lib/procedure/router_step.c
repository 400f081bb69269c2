#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cluster/blocker.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "cluster/routers.h"
#include "kubedb/pod.h"
#include "lock/steer.h"
#include "member/diagnose.h"
#include "member/drift.h"
#include "member/member.h"
#include "member/member_state.h"
#include "member/router_gate.h"
#include "procedure/steps.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The programs in front of the members are restarted one by one, and each must lead to
 * the primary before the next goes.
 */

enum { FRONT_SET_MS = 60 * 1000 };

/* -- their set -- */

/* The pods are made from the template that the set's controller has seen. */
static int
router_step_look_set(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;

    (void)ctx;
    str_copy(s->want, sizeof s->want, "the expected images, unchanged");
    if (router_gate_check_there(cluster, e) < 0) {
        return -1;
    }
    s->done = step_set_is_right(cluster, &cluster->routers->set, s);
    if (s->reverted) {
        return drift_check(cluster, e); /* sets them once more */
    }
    return 0;
}

static int
router_step_set_images(struct cluster *cluster, struct err *e)
{
    struct wait w = { .id = "front",
                      .pod = "",
                      .text = "the workload to keep its images",
                      .limit_ms = FRONT_SET_MS,
                      .hold_ms = step_images_hold(cluster),
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = router_step_look_set,
                      .on = cluster };

    if (router_gate_check_there(cluster, e) < 0 || drift_check(cluster, e) < 0 ||
        router_gate_mutate(cluster, e) < 0) {
        return -1;
    }
    cluster->routers->imaged = true;
    cluster->routers->way = cluster->run->direction;
    return wait_until(cluster->run, &w, e);
}

/* -- one pod -- */

static int
router_step_look_back(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member *p = ctx;
    const json_t *object = mirror_pod_object(cluster, p->name);
    int got = 0;

    str_copy(s->want, sizeof s->want, "a new pod that routes to the primary");
    str_copy(s->now, sizeof s->now, "no pod yet");
    s->done = (size_t)p->ordinal >= routers_count(cluster); /* not wanted any more */
    if (router_gate_check_there(cluster, e) < 0 || s->done) {
        return s->done ? 0 : -1;
    }
    if (object == NULL) {
        return drift_check(cluster, e) < 0 ? -1
                                           : blocker_absent(cluster->target, p, s, e);
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    s->done = router_gate_is_other(cluster, p);
    if (s->done || member_check_broken(cluster, p, e) < 0 ||
        blocker_creating(cluster, p, s, e) < 0) {
        return s->done ? 0 : -1;
    }
    if (!mirror_pod_is_ready(cluster, p)) {
        return 0;
    }
    got = routers_ask(cluster, p, s->now, sizeof s->now, e);
    s->done = got == 1;
    return got < 0 ? -1 : 0;
}

static int
router_step_evict(struct cluster *cluster, struct member *p, struct err *e)
{
    if (mirror_pod_object(cluster, p->name) == NULL || mirror_pod_is_there(cluster, p)) {
        return member_revive(cluster, p, e);
    }
    emit_pod(cluster->run, p, UI_POD_DELETING, "deleting the old pod");
    return member_evict(cluster, p, !mirror_pod_is_ready(cluster, p), e);
}

static int
router_step_restart(struct cluster *cluster, struct member *p, struct err *e)
{
    struct wait w = { .id = "front-back",
                      .pod = p->name,
                      .text = "the new pod",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = router_step_look_back,
                      .on = cluster,
                      .ctx = p };

    if (router_step_evict(cluster, p, e) < 0) {
        return -1;
    }
    emit_pod(cluster->run, p, UI_POD_STARTING, "waiting for the new pod");
    if (wait_until(cluster->run, &w, e) < 0) {
        if (e->code == ERR_TIMEOUT) {
            diagnose_log(cluster->run, p,
                         cluster->target->engine->front->images[0].container, e);
        }
        return -1;
    }
    if (router_gate_is_other(cluster, p)) {
        return member_explain_images(cluster, p, e);
    }
    p->verified = true;
    emit_pod(cluster->run, p, UI_POD_DONE, "routes to the primary");
    return 0;
}

/* -- while members go -- */

/* -- the step -- */

int
step_front_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct wait_state s = { 0 };

    (void)e;
    *done = routers_is_right(cluster, &s);
    for (size_t i = 0; i < routers_count(cluster) && *done; i++) {
        *done = cluster->routers->pods[i].verified;
    }
    return 0;
}

/* What serves nobody comes first: then there are more of them when the others go. */
static struct member *
router_step_next(struct cluster *cluster)
{
    struct member *next = NULL;

    for (size_t i = 0; i < routers_count(cluster); i++) {
        struct member *p = &cluster->routers->pods[i];

        if (p->verified && mirror_pod_is_ready(cluster, p) &&
            mirror_pod_is_there(cluster, p)) {
            continue;
        }
        if (!mirror_pod_is_ready(cluster, p)) {
            return p;
        }
        next = next == NULL ? p : next;
    }
    return next;
}

int
step_front_run(struct cluster *cluster, struct err *e)
{
    struct member *p = NULL;

    if (router_step_set_images(cluster, e) < 0) {
        return -1;
    }
    while ((p = router_step_next(cluster)) != NULL) {
        if (wait_check_stop(cluster->run, e) < 0 || steer_hold(cluster->lock, e) < 0) {
            return -1;
        }
        if (router_step_restart(cluster, p, e) < 0) {
            if (!err_is_transient(e) && e->code != ERR_INTERRUPTED) {
                emit_pod(cluster->run, p, UI_POD_FAILED, "%.200s", e->msg);
                cluster->progress.failed = p;
            }
            return -1;
        }
    }
    return 0;
}
