#include "member/router_gate.h"

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kubedb/workload.h"
#include "member/patch.h"
#include "run/course.h"
#include "run/flow.h"
#include "run/run.h"
#include "run/wait.h"

/*
 * What must hold before a pod goes that clients come by way of.
 */

int
front_mutate(struct flow *f, struct err *e)
{
    return mutate_set(f, &f->cluster.routers->set, e);
}

bool
front_keeps_images(const struct flow *f, char *differs, size_t size)
{
    const json_t *object =
        f->cluster.routers != NULL ? sets_object(f, &f->cluster.routers->set) : NULL;

    return object == NULL || !f->cluster.routers->imaged ||
           f->cluster.routers->way != f->run.direction ||
           workload_has_images(json_path(object, "spec.template.spec"),
                               &f->cluster.routers->set.images, flow_is_forward(f),
                               differs, size);
}

/* Its pods hold nothing, and whoever deletes it deletes no more than a way to the
 * members: the next run goes on without. */
int
front_check_there(const struct flow *f, struct err *e)
{
    if (sets_object(f, &f->cluster.routers->set) != NULL) {
        return 0;
    }
    err_set(e, ERR_REFUSED, "workload %s was deleted during the run",
            f->cluster.routers->set.name);
    err_reason(e, "SET_GONE");
    return err_hint(e, "clients cannot reach the primary until the operator recreates "
                       "it: resume or abort, which resumes the operator");
}

/* Whether it is there to stay, with images that are not the wanted ones. */
bool
front_is_other(const struct flow *f, const struct flow_pod *p)
{
    const json_t *object = flow_pod_object(f, p->name);

    return object != NULL && json_path(object, "metadata.deletionTimestamp") == NULL &&
           !flow_pod_is_there(f, p);
}

/* While one restarts the others must take the clients; one that takes none may go. */
static int
front_look_others(struct flow *f, const struct flow_pod *going, struct wait_state *s)
{
    (void)snprintf(s->want, sizeof s->want, "all other %ss ready",
                   f->target.engine->front->title);
    s->done = true;
    for (size_t i = 0; flow_pod_is_ready(f, going) && i < front_count(f); i++) {
        const struct flow_pod *p = &f->cluster.routers->pods[i];

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
front_look_one(struct flow *f, const struct flow_pod *p, struct wait_state *s,
               struct err *e)
{
    char said[sizeof s->now / 2] = "";
    int got = 0;

    if (front_is_other(f, p)) {
        err_set(e, ERR_REFUSED, "%s was recreated with other images", p->name);
        err_reason(e, "IMAGES_REVERTED");
        return err_hint(e, "resume: the run sets them again and restarts it");
    }
    s->done = flow_pod_is_ready(f, p);
    if (!s->done) {
        (void)snprintf(s->now, sizeof s->now, "%s is not ready", p->name);
        return 0;
    }
    got = front_ask(f, p, said, sizeof said, e);
    s->done = got == 1;
    (void)snprintf(s->now, sizeof s->now, "%s routes to %s", p->name, said);
    return got < 0 ? -1 : 0;
}

int
front_look(struct flow *f, struct wait_state *s, struct err *e)
{
    s->done = f->cluster.routers == NULL || f->run.direction == FLOW_BACK;
    if (s->done) {
        return 0;
    }
    (void)snprintf(s->want, sizeof s->want, "the primary, for all %ss",
                   f->target.engine->front->title);
    s->done = true;
    if (front_check_there(f, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < front_count(f) && s->done; i++) {
        if (front_look_one(f, &f->cluster.routers->pods[i], s, e) < 0) {
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
                      .text = "clients' route to the primary",
                      .limit_ms = f->target.request->pod_timeout_ms,
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = front_look_all };

    return f->cluster.routers == NULL ? 0 : flow_wait(f, &w, e);
}
