#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "flow/front.h"

/*
 * The programs in front of the members are restarted one by one, and each must lead to
 * the primary before the next goes.
 */

enum { FRONT_SET_MS = 60 * 1000, FRONT_PROBE_MS = 1000 };

/* -- their set -- */

int
front_mutate(struct flow *f, struct err *e)
{
    return mutate_set(f, &f->front->set, e);
}

/* The pods are made from the template that the set's controller has seen. */
static int
front_look_set(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    (void)ctx;
    str_copy(s->want, sizeof s->want, "the wanted images, and they stay");
    s->done = step_set_is_right(f, &f->front->set, s);
    if (!s->done && strstr(s->now, "generation") == NULL) {
        return front_mutate(f, e); /* set back by a reconcile begun before the pause */
    }
    return 0;
}

static int
front_set_images(struct flow *f, struct err *e)
{
    struct wait w = { .id = "front",
                      .pod = "",
                      .text = "the set to keep its images",
                      .limit_ms = FRONT_SET_MS,
                      .hold_ms = step_images_hold(f),
                      .probe_ms = FRONT_PROBE_MS,
                      .check = front_look_set };

    return front_mutate(f, e) < 0 ? -1 : flow_wait(f, &w, e);
}

/* -- one pod -- */

/* While one restarts the others must take the clients. */
static int
front_look_others(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    const struct flow_pod *going = ctx;

    (void)e;
    (void)snprintf(s->want, sizeof s->want, "all other %ss ready", f->en->front->title);
    s->done = true;
    for (size_t i = 0; i < f->front->n && s->done; i++) {
        const struct flow_pod *p = &f->front->pods[i];

        /* One that is broken and has the old images yet is mended by its own turn. */
        if (p != going && member_is_there(f, p) && !flow_pod_is_ready(f, p)) {
            s->done = false;
            (void)snprintf(s->now, sizeof s->now, "%s is not ready", p->name);
        }
    }
    return 0;
}

static int
front_look_back(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    struct flow_pod *p = ctx;
    const json_t *object = flow_pod_object(f, p->name);
    int got = 0;

    str_copy(s->want, sizeof s->want, "a new pod that leads to the primary");
    str_copy(s->now, sizeof s->now, "no pod yet");
    if (object == NULL) {
        return world_check(f, e) < 0 ? -1 : obstacle_absent(f, p, s, e);
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    if (member_check_broken(f, p, e) < 0 || obstacle_creating(f, p, s, e) < 0) {
        return -1;
    }
    if (!flow_pod_is_ready(f, p)) {
        return 0;
    }
    got = front_ask(f, p, s->now, sizeof s->now, e);
    s->done = got == 1;
    return got < 0 ? -1 : 0;
}

static int
front_evict(struct flow *f, struct flow_pod *p, struct err *e)
{
    struct wait w = { .id = "front-others",
                      .pod = p->name,
                      .text = "the others to be ready",
                      .limit_ms = f->rq->pod_timeout_ms,
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = front_look_others,
                      .ctx = p };

    if (flow_pod_object(f, p->name) == NULL || member_is_there(f, p)) {
        return member_revive(f, p, e);
    }
    tell_pod(f, p, UI_POD_DELETING, "the old pod goes");
    return flow_wait(f, &w, e) < 0 ? -1 : member_evict(f, p, !flow_pod_is_ready(f, p), e);
}

static int
front_restart(struct flow *f, struct flow_pod *p, struct err *e)
{
    struct wait w = { .id = "front-back",
                      .pod = p->name,
                      .text = "the new pod",
                      .limit_ms = f->rq->pod_timeout_ms,
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = front_look_back,
                      .ctx = p };

    if (front_evict(f, p, e) < 0) {
        return -1;
    }
    tell_pod(f, p, UI_POD_STARTING, "waiting for the new pod");
    if (flow_wait(f, &w, e) < 0) {
        return -1;
    }
    p->verified = true;
    tell_pod(f, p, UI_POD_DONE, "leads to the primary");
    return 0;
}

/* -- while members go -- */

int
front_look(struct flow *f, struct wait_state *s, struct err *e)
{
    s->done = f->front == NULL || f->direction == FLOW_BACK;
    if (s->done) {
        return 0;
    }
    (void)snprintf(s->want, sizeof s->want, "all %ss ready, and they lead to the primary",
                   f->en->front->title);
    for (size_t i = 0; i < f->front->n; i++) {
        const struct flow_pod *p = &f->front->pods[i];
        char said[sizeof s->now / 2] = "";
        int got = 0;

        if (!flow_pod_is_ready(f, p)) {
            (void)snprintf(s->now, sizeof s->now, "%s is not ready", p->name);
            return 0;
        }
        got = front_ask(f, p, said, sizeof said, e);
        if (got != 1) {
            (void)snprintf(s->now, sizeof s->now, "%s leads to %s", p->name, said);
            return got;
        }
    }
    s->done = true;
    return 0;
}

static int
front_look_all(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    (void)ctx;
    return front_look(f, s, e);
}

int
front_wait(struct flow *f, const char *pod, struct err *e)
{
    struct wait w = { .id = "front",
                      .pod = pod,
                      .text = "clients' way to the primary",
                      .limit_ms = f->rq->pod_timeout_ms,
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = front_look_all };

    return f->front == NULL ? 0 : flow_wait(f, &w, e);
}

/* -- the step -- */

int
step_front_done(struct flow *f, bool *done, struct err *e)
{
    struct wait_state s = { 0 };

    (void)e;
    *done = step_set_is_right(f, &f->front->set, &s);
    for (size_t i = 0; i < f->front->n && *done; i++) {
        *done = f->front->pods[i].verified && member_is_there(f, &f->front->pods[i]) &&
                flow_pod_is_ready(f, &f->front->pods[i]);
    }
    return 0;
}

int
step_front_run(struct flow *f, struct err *e)
{
    if (front_set_images(f, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < f->front->n; i++) {
        struct flow_pod *p = &f->front->pods[i];

        if (flow_check_stop(f, e) < 0 || steer_hold(f, e) < 0) {
            return -1;
        }
        if (front_restart(f, p, e) < 0) {
            if (!flow_is_transient(e) && e->code != ERR_INTERRUPTED) {
                tell_pod(f, p, UI_POD_FAILED, "%.200s", e->msg);
                f->failed = p;
            }
            return -1;
        }
    }
    return 0;
}
