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
front_look_set(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;

    (void)ctx;
    str_copy(s->want, sizeof s->want, "the expected images, unchanged");
    if (front_check_there(cluster, e) < 0) {
        return -1;
    }
    s->done = step_set_is_right(cluster, &cluster->routers->set, s);
    if (s->reverted) {
        return world_check(cluster, e); /* sets them once more */
    }
    return 0;
}

static int
front_set_images(struct cluster *cluster, struct err *e)
{
    struct wait w = { .id = "front",
                      .pod = "",
                      .text = "the workload to keep its images",
                      .limit_ms = FRONT_SET_MS,
                      .hold_ms = step_images_hold(cluster),
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = front_look_set,
                      .on = cluster };

    if (front_check_there(cluster, e) < 0 || world_check(cluster, e) < 0 ||
        front_mutate(cluster, e) < 0) {
        return -1;
    }
    cluster->routers->imaged = true;
    cluster->routers->way = cluster->run->direction;
    return flow_wait(cluster->run, &w, e);
}

/* -- one pod -- */

static int
front_look_back(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct flow_pod *p = ctx;
    const json_t *object = flow_pod_object(cluster, p->name);
    int got = 0;

    str_copy(s->want, sizeof s->want, "a new pod that routes to the primary");
    str_copy(s->now, sizeof s->now, "no pod yet");
    s->done = (size_t)p->ordinal >= front_count(cluster); /* not wanted any more */
    if (front_check_there(cluster, e) < 0 || s->done) {
        return s->done ? 0 : -1;
    }
    if (object == NULL) {
        return world_check(cluster, e) < 0 ? -1
                                           : obstacle_absent(cluster->target, p, s, e);
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    s->done = front_is_other(cluster, p);
    if (s->done || member_check_broken(cluster, p, e) < 0 ||
        obstacle_creating(cluster, p, s, e) < 0) {
        return s->done ? 0 : -1;
    }
    if (!flow_pod_is_ready(cluster, p)) {
        return 0;
    }
    got = front_ask(cluster, p, s->now, sizeof s->now, e);
    s->done = got == 1;
    return got < 0 ? -1 : 0;
}

static int
front_evict(struct cluster *cluster, struct flow_pod *p, struct err *e)
{
    if (flow_pod_object(cluster, p->name) == NULL || flow_pod_is_there(cluster, p)) {
        return member_revive(cluster, p, e);
    }
    tell_pod(cluster->run, p, UI_POD_DELETING, "deleting the old pod");
    return member_evict(cluster, p, !flow_pod_is_ready(cluster, p), e);
}

static int
front_restart(struct cluster *cluster, struct flow_pod *p, struct err *e)
{
    struct wait w = { .id = "front-back",
                      .pod = p->name,
                      .text = "the new pod",
                      .limit_ms = cluster->target->request->pod_timeout_ms,
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = front_look_back,
                      .on = cluster,
                      .ctx = p };

    if (front_evict(cluster, p, e) < 0) {
        return -1;
    }
    tell_pod(cluster->run, p, UI_POD_STARTING, "waiting for the new pod");
    if (flow_wait(cluster->run, &w, e) < 0) {
        if (e->code == ERR_TIMEOUT) {
            diagnose_log(cluster->run, p,
                         cluster->target->engine->front->images[0].container, e);
        }
        return -1;
    }
    if (front_is_other(cluster, p)) {
        return err_set(e, ERR_CONFLICT, "%s was recreated with other images", p->name);
    }
    p->verified = true;
    tell_pod(cluster->run, p, UI_POD_DONE, "routes to the primary");
    return 0;
}

/* -- while members go -- */

/* -- the step -- */

int
step_front_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct wait_state s = { 0 };

    (void)e;
    *done = front_is_right(cluster, &s);
    for (size_t i = 0; i < front_count(cluster) && *done; i++) {
        *done = cluster->routers->pods[i].verified;
    }
    return 0;
}

/* What serves nobody comes first: then there are more of them when the others go. */
static struct flow_pod *
front_next(struct cluster *cluster)
{
    struct flow_pod *next = NULL;

    for (size_t i = 0; i < front_count(cluster); i++) {
        struct flow_pod *p = &cluster->routers->pods[i];

        if (p->verified && flow_pod_is_ready(cluster, p) &&
            flow_pod_is_there(cluster, p)) {
            continue;
        }
        if (!flow_pod_is_ready(cluster, p)) {
            return p;
        }
        next = next == NULL ? p : next;
    }
    return next;
}

int
step_front_run(struct cluster *cluster, struct err *e)
{
    struct flow_pod *p = NULL;

    if (front_set_images(cluster, e) < 0) {
        return -1;
    }
    while ((p = front_next(cluster)) != NULL) {
        if (flow_check_stop(cluster->run, e) < 0 || steer_hold(cluster->lock, e) < 0) {
            return -1;
        }
        if (front_restart(cluster, p, e) < 0) {
            if (!err_is_transient(e) && e->code != ERR_INTERRUPTED) {
                tell_pod(cluster->run, p, UI_POD_FAILED, "%.200s", e->msg);
                cluster->progress.failed = p;
            }
            return -1;
        }
    }
    return 0;
}
