#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/routers.h"

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

bool
front_keeps_images(const struct flow *f, char *differs, size_t size)
{
    const json_t *object = f->front != NULL ? sets_object(f, &f->front->set) : NULL;

    return object == NULL || !f->front->imaged || f->front->way != f->direction ||
           workload_has_images(json_path(object, "spec.template.spec"),
                               &f->front->set.images, flow_is_forward(f), differs, size);
}

/* Its pods hold nothing, and whoever deletes it deletes no more than a way to the
 * members: the next run goes on without. */
static int
front_check_there(const struct flow *f, struct err *e)
{
    if (sets_object(f, &f->front->set) != NULL) {
        return 0;
    }
    err_set(e, ERR_REFUSED, "the set %s was deleted meanwhile", f->front->set.name);
    err_reason(e, "SET_GONE");
    return err_hint(e, "clients have no way to the primary until the operator makes it "
                       "anew, once it is resumed: go on, or walk back");
}

/* The pods are made from the template that the set's controller has seen. */
static int
front_look_set(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    (void)ctx;
    str_copy(s->want, sizeof s->want, "the wanted images, and they stay");
    if (front_check_there(f, e) < 0) {
        return -1;
    }
    s->done = step_set_is_right(f, &f->front->set, s);
    if (!s->done && strstr(s->now, "generation") == NULL) {
        return world_check(f, e); /* sets them once more */
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
                      .watchful = true,
                      .check = front_look_set };

    if (front_check_there(f, e) < 0 || world_check(f, e) < 0 || front_mutate(f, e) < 0) {
        return -1;
    }
    f->front->imaged = true;
    f->front->way = f->direction;
    return flow_wait(f, &w, e);
}

/* -- one pod -- */

/* Whether it is there to stay, with images that are not the wanted ones. */
static bool
front_is_other(const struct flow *f, const struct flow_pod *p)
{
    const json_t *object = flow_pod_object(f, p->name);

    return object != NULL && json_path(object, "metadata.deletionTimestamp") == NULL &&
           !member_is_there(f, p);
}

/* While one restarts the others must take the clients; one that takes none may go. */
static int
front_look_others(struct flow *f, const struct flow_pod *going, struct wait_state *s)
{
    (void)snprintf(s->want, sizeof s->want, "all other %ss ready", f->en->front->title);
    s->done = true;
    for (size_t i = 0; flow_pod_is_ready(f, going) && i < front_count(f); i++) {
        const struct flow_pod *p = &f->front->pods[i];

        if (p != going && !flow_pod_is_ready(f, p)) {
            s->done = false;
            (void)snprintf(s->now, sizeof s->now, "%s is not ready", p->name);
            break;
        }
    }
    return 0;
}

int
front_look_going(struct flow *f, const struct flow_pod *going, struct wait_state *s,
                 struct err *e)
{
    return front_has(f, going) ? front_look_others(f, going, s) : front_look(f, s, e);
}

static int
front_look_back(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    struct flow_pod *p = ctx;
    const json_t *object = flow_pod_object(f, p->name);
    int got = 0;

    str_copy(s->want, sizeof s->want, "a new pod that leads to the primary");
    str_copy(s->now, sizeof s->now, "no pod yet");
    s->done = (size_t)p->ordinal >= front_count(f); /* not wanted any more */
    if (front_check_there(f, e) < 0 || s->done) {
        return s->done ? 0 : -1;
    }
    if (object == NULL) {
        return world_check(f, e) < 0 ? -1 : obstacle_absent(f, p, s, e);
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    s->done = front_is_other(f, p);
    if (s->done || member_check_broken(f, p, e) < 0 ||
        obstacle_creating(f, p, s, e) < 0) {
        return s->done ? 0 : -1;
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
    if (flow_pod_object(f, p->name) == NULL || member_is_there(f, p)) {
        return member_revive(f, p, e);
    }
    tell_pod(f, p, UI_POD_DELETING, "the old pod goes");
    return member_evict(f, p, !flow_pod_is_ready(f, p), e);
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
        if (e->code == ERR_TIMEOUT) {
            diagnose_log(f, p, f->en->front->images[0].container, e);
        }
        return -1;
    }
    if (front_is_other(f, p)) {
        return err_set(e, ERR_CONFLICT, "%s came back with other images", p->name);
    }
    p->verified = true;
    tell_pod(f, p, UI_POD_DONE, "leads to the primary");
    return 0;
}

/* -- while members go -- */

static int
front_look_one(struct flow *f, const struct flow_pod *p, struct wait_state *s,
               struct err *e)
{
    char said[sizeof s->now / 2] = "";
    int got = 0;

    if (front_is_other(f, p)) {
        err_set(e, ERR_REFUSED, "%s was made anew with other images", p->name);
        err_reason(e, "IMAGES_REVERTED");
        return err_hint(e, "a resume sets them once more, and restarts it");
    }
    s->done = flow_pod_is_ready(f, p);
    if (!s->done) {
        (void)snprintf(s->now, sizeof s->now, "%s is not ready", p->name);
        return 0;
    }
    got = front_ask(f, p, said, sizeof said, e);
    s->done = got == 1;
    (void)snprintf(s->now, sizeof s->now, "%s leads to %s", p->name, said);
    return got < 0 ? -1 : 0;
}

int
front_look(struct flow *f, struct wait_state *s, struct err *e)
{
    s->done = f->front == NULL || f->direction == FLOW_BACK;
    if (s->done) {
        return 0;
    }
    (void)snprintf(s->want, sizeof s->want, "the primary, by all %ss",
                   f->en->front->title);
    s->done = true;
    if (front_check_there(f, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < front_count(f) && s->done; i++) {
        if (front_look_one(f, &f->front->pods[i], s, e) < 0) {
            return -1;
        }
    }
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

bool
front_is_right(const struct flow *f, struct wait_state *s)
{
    if (f->front == NULL) {
        return true;
    }
    if (!step_set_is_right(f, &f->front->set, s)) {
        return false;
    }
    for (size_t i = 0; i < front_count(f); i++) {
        const struct flow_pod *p = &f->front->pods[i];

        if (!flow_pod_is_ready(f, p) || !member_is_there(f, p)) {
            (void)snprintf(s->now, sizeof s->now,
                           "pod %s is not ready with the wanted images", p->name);
            return false;
        }
    }
    return true;
}

int
step_front_done(struct flow *f, bool *done, struct err *e)
{
    struct wait_state s = { 0 };

    (void)e;
    *done = front_is_right(f, &s);
    for (size_t i = 0; i < front_count(f) && *done; i++) {
        *done = f->front->pods[i].verified;
    }
    return 0;
}

/* What serves nobody comes first: then there are more of them when the others go. */
static struct flow_pod *
front_next(struct flow *f)
{
    struct flow_pod *next = NULL;

    for (size_t i = 0; i < front_count(f); i++) {
        struct flow_pod *p = &f->front->pods[i];

        if (p->verified && flow_pod_is_ready(f, p) && member_is_there(f, p)) {
            continue;
        }
        if (!flow_pod_is_ready(f, p)) {
            return p;
        }
        next = next == NULL ? p : next;
    }
    return next;
}

int
step_front_run(struct flow *f, struct err *e)
{
    struct flow_pod *p = NULL;

    if (front_set_images(f, e) < 0) {
        return -1;
    }
    while ((p = front_next(f)) != NULL) {
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
