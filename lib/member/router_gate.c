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
#include "run/run.h"
#include "run/wait.h"

/*
 * What must hold before a pod goes that clients come by way of.
 */

int
router_gate_mutate(struct cluster *cluster, struct err *e)
{
    return patch_set(cluster, &cluster->routers->set, e);
}

bool
router_gate_keeps_images(const struct cluster *cluster, char *differs, size_t size)
{
    const json_t *object =
        cluster->routers != NULL ? sets_object(cluster, &cluster->routers->set) : NULL;

    return object == NULL || !cluster->routers->imaged ||
           cluster->routers->way != cluster->run->direction ||
           workload_has_images(json_path(object, "spec.template.spec"),
                               &cluster->routers->set.images,
                               course_is_forward(cluster->run), differs, size);
}

/* Its pods hold nothing, and whoever deletes it deletes no more than a way to the
 * members: the next run goes on without. */
int
router_gate_check_there(const struct cluster *cluster, struct err *e)
{
    if (sets_object(cluster, &cluster->routers->set) != NULL) {
        return 0;
    }
    err_set(e, ERR_REFUSED, "workload %s was deleted during the run",
            cluster->routers->set.name);
    err_reason(e, "SET_GONE");
    return err_hint(e, "clients cannot reach the primary until the operator recreates "
                       "it: resume or abort, which resumes the operator");
}

/* Whether it is there to stay, with images that are not the wanted ones. */
bool
router_gate_is_other(const struct cluster *cluster, const struct member *p)
{
    const json_t *object = mirror_pod_object(cluster, p->name);

    return object != NULL && json_path(object, "metadata.deletionTimestamp") == NULL &&
           !mirror_pod_is_there(cluster, p);
}

/* While one restarts the others must take the clients; one that takes none may go. */
static int
router_gate_look_others(struct cluster *cluster, const struct member *going,
                        struct wait_state *s)
{
    (void)snprintf(s->want, sizeof s->want, "all other %ss ready",
                   cluster->target->engine->front->title);
    s->done = true;
    for (size_t i = 0; mirror_pod_is_ready(cluster, going) && i < routers_count(cluster);
         i++) {
        const struct member *p = &cluster->routers->pods[i];

        if (p != going && !mirror_pod_is_ready(cluster, p)) {
            s->done = false;
            (void)snprintf(s->now, sizeof s->now, "%s is not ready", p->name);
            break;
        }
    }
    return 0;
}

int
router_gate_look_going(struct cluster *cluster, const struct member *going,
                       struct wait_state *s, struct err *e)
{
    return routers_has(cluster, going) ? router_gate_look_others(cluster, going, s)
                                       : router_gate_look(cluster, s, e);
}

static int
router_gate_look_one(struct cluster *cluster, const struct member *p,
                     struct wait_state *s, struct err *e)
{
    char said[sizeof s->now / 2] = "";
    int got = 0;

    if (router_gate_is_other(cluster, p)) {
        err_set(e, ERR_REFUSED, "%s was recreated with other images", p->name);
        err_reason(e, "IMAGES_REVERTED");
        return err_hint(e, "resume: the run sets them again and restarts it");
    }
    s->done = mirror_pod_is_ready(cluster, p);
    if (!s->done) {
        (void)snprintf(s->now, sizeof s->now, "%s is not ready", p->name);
        return 0;
    }
    got = routers_ask(cluster, p, said, sizeof said, e);
    s->done = got == 1;
    (void)snprintf(s->now, sizeof s->now, "%s routes to %s", p->name, said);
    return got < 0 ? -1 : 0;
}

int
router_gate_look(struct cluster *cluster, struct wait_state *s, struct err *e)
{
    s->done = cluster->routers == NULL || cluster->run->direction == DIRECTION_BACK;
    if (s->done) {
        return 0;
    }
    (void)snprintf(s->want, sizeof s->want, "the primary, for all %ss",
                   cluster->target->engine->front->title);
    s->done = true;
    if (router_gate_check_there(cluster, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < routers_count(cluster) && s->done; i++) {
        if (router_gate_look_one(cluster, &cluster->routers->pods[i], s, e) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
router_gate_look_all(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;

    (void)ctx;
    return router_gate_look(cluster, s, e);
}

int
router_gate_wait(struct cluster *cluster, const char *pod, struct err *e)
{
    struct wait w = { .id = "front",
                      .pod = pod,
                      .text = "clients' route to the primary",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = FRONT_PROBE_MS,
                      .watchful = true,
                      .check = router_gate_look_all,
                      .on = cluster };

    return cluster->routers == NULL ? 0 : wait_until(cluster->run, &w, e);
}
