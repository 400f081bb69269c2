#include "preflight/rehearsal_pod.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/sets.h"
#include "engine/trial.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "kubedb/pod.h"
#include "kubedb/rehearsal_job.h"
#include "kubedb/workload.h"
#include "preflight/rehearsal_kinds.h"
#include "run/emit.h"
#include "run/run.h"
#include "run/wait.h"

enum {
    REHEARSAL_PROBE_MS = 500,
    REHEARSAL_GONE_MS = 30 * 1000,
    REHEARSAL_NODE_MS = 90 * 1000,   /* until it has a node */
    REHEARSAL_START_MS = 300 * 1000, /* an image may take a while to come */
    REHEARSAL_BROKEN_MS = 20 * 1000, /* a registry may fail once */
    REHEARSAL_DELETE_TRIES = 3,
    REHEARSAL_DELETE_MS = 5 * 1000,
};

bool
rehearsal_choose_images(struct rehearsal *r)
{
    const struct image_changes *all = &r->cluster->sets[0].images;

    for (size_t i = 0; i < all->n; i++) {
        const struct image_change *c = &all->at[i];

        if (!c->init && c->variable == NULL &&
            str_eq(c->container, r->cluster->target->engine->container)) {
            r->old_image = c->from;
            r->new_image = c->to;
        }
    }
    return r->old_image != NULL && r->new_image != NULL;
}

const json_t *
rehearsal_template(const struct cluster *cluster)
{
    return json_path(sets_object(cluster, &cluster->sets[0]), "spec.template.spec");
}

/* As the API server last said it is; NULL: it is not there. */
static const json_t *
rehearsal_object(const struct rehearsal *r)
{
    return json_object_get(kube_watch_objects(r->watch), r->pod.name);
}

static struct kube_ref
rehearsal_ref(const struct rehearsal *r)
{
    struct kube_ref ref = mirror_ref_pods(r->cluster->target);

    ref.name = r->pod.name;
    return ref;
}

static int
rehearsal_look_gone(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct run *run = on;
    const struct rehearsal *r = ctx;
    const json_t *pod = rehearsal_object(r);
    struct kube_ref ref = rehearsal_ref(r);
    auto_free char *uid = mem_strdup(json_path_str(pod, "metadata.uid"));

    s->done = pod == NULL;
    str_copy(s->want, sizeof s->want, "deleted");
    if (s->done || json_path(pod, "metadata.deletionTimestamp") != NULL) {
        pod_doing(pod, clock_wall_ms(), s->now, sizeof s->now);
        return 0;
    }
    str_copy(s->now, sizeof s->now, "still present");
    return kube_delete(run->target->kube, &ref, uid, NULL, e) < 0 &&
                   e->code != ERR_NOT_FOUND
               ? -1
               : 0;
}

/* What an earlier run left, which was killed. */
static int
rehearsal_clear(struct rehearsal *r, struct err *e)
{
    const struct wait w = { .id = "rehearsal",
                            .pod = r->pod.name,
                            .text = "the pod of an earlier rehearsal to be deleted",
                            .limit_ms = REHEARSAL_GONE_MS,
                            .probe_ms = REHEARSAL_PROBE_MS,
                            .check = rehearsal_look_gone,
                            .on = r->cluster->run,
                            .ctx = r };
    const json_t *pod = rehearsal_object(r);

    if (pod == NULL) {
        return 0;
    }
    if (!rehearsal_is_ours(pod)) {
        return err_set(e, ERR_REFUSED,
                       "pod %s already exists and does not belong to kubectl-dbupgrade",
                       r->pod.name);
    }
    return wait_until(r->cluster->run, &w, e);
}

/* A request whose answer was lost may have made it. */
static void
rehearsal_find_left(struct rehearsal *r, const char *by, const struct err *why)
{
    struct kube_ref ref = rehearsal_ref(r);
    auto_json json_t *pod = NULL;
    struct err ignored = { 0 };

    if (err_is_transient(why) &&
        kube_get(r->cluster->target->kube, &ref, &pod, &ignored) == 0 &&
        rehearsal_is_ours(pod) &&
        str_eq(json_string_value(json_object_get(json_path(pod, "metadata.annotations"),
                                                 "kubectl-dbupgrade/by")),
               by)) {
        str_copy(r->uid, sizeof r->uid, json_path_str(pod, "metadata.uid"));
    }
}

static int
rehearsal_create(struct rehearsal *r, struct err *e)
{
    struct cluster *cluster = r->cluster;
    struct kube_ref ref = mirror_ref_pods(cluster->target);
    auto_free char *database = mem_printf("%s/%s", cluster->target->engine->name,
                                          cluster->target->request->name);
    auto_free char *api = mem_printf("kubedb.com/%s", cluster->target->api_version);
    auto_json json_t *made = NULL;
    auto_json json_t *body = rehearsal_pod(&(struct rehearsal_wish){
        .database = database,
        .object = mirror_db(cluster),
        .api = api,
        .kind = cluster->target->engine->api.kind,
        .member = mirror_pod_object(cluster, cluster->pods[0].name),
        .container = cluster->target->engine->container,
        .name = r->pod.name,
        .old_image = r->kind->configured ? NULL : r->old_image,
        .new_image = r->new_image,
        .template = rehearsal_template(cluster),
        .places = r->kind->configured ? cluster->target->engine->trial->places : NULL,
        .by = cluster->lock->holder });

    if (kube_create(cluster->target->kube, &ref, body, &made, e) < 0) {
        rehearsal_find_left(r, cluster->lock->holder, e);
        return r->uid[0] != '\0' ? (err_clear(e), 0) : -1;
    }
    str_copy(r->uid, sizeof r->uid, json_path_str(made, "metadata.uid"));
    return 0;
}

int
rehearsal_make_pod(struct rehearsal *r, struct err *e)
{
    struct kube_ref ref = mirror_ref_pods(r->cluster->target);
    auto_free char *field = mem_printf("metadata.name=%s", r->pod.name);

    r->watch = kube_watch_open(r->cluster->target->kube, &ref, NULL, field, e);
    if (r->watch == NULL || rehearsal_clear(r, e) < 0 || rehearsal_create(r, e) < 0) {
        return -1;
    }
    r->made_ms = clock_ms();
    return 0;
}

int
rehearsal_check_pod(struct rehearsal *r, struct err *e)
{
    const json_t *pod = rehearsal_object(r);
    bool ours = pod != NULL && str_eq(json_path_str(pod, "metadata.uid"), r->uid);
    char container[64];

    r->seen = r->seen || ours;
    if (r->seen ? !ours || json_path(pod, "metadata.deletionTimestamp") != NULL
                : clock_ms() - r->made_ms > REHEARSAL_GONE_MS) {
        return err_set(e, ERR_UNHEALTHY, "another client deleted pod %s", r->pod.name);
    }
    if (!ours || !pod_is_broken(pod, clock_wall_ms(), container, sizeof container, e)) {
        r->broken_ms = 0;
        return 0;
    }
    r->broken_ms = r->broken_ms == 0 ? clock_ms() : r->broken_ms;
    if (!str_eq(e->reason, "POD_FAILED") &&
        clock_ms() - r->broken_ms < REHEARSAL_BROKEN_MS) {
        err_clear(e);
        return 0;
    }
    if (str_eq(container, REHEARSAL_NEW) &&
        (str_eq(e->reason, "POD_IMAGE_PULL") || str_eq(e->reason, "POD_INVALID_IMAGE"))) {
        err_reason(e, "REHEARSAL_IMAGE");
    }
    return -1;
}

/* Whether all containers run. */
static bool
rehearsal_runs(const json_t *pod)
{
    const json_t *all = json_path(pod, "status.containerStatuses");
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (all, i, item) {
        if (json_path(item, "state.running") == NULL) {
            return false;
        }
    }
    return i == json_array_size(json_path(pod, "spec.containers"));
}

static int
rehearsal_look_running(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct rehearsal *r = ctx;
    const json_t *pod = rehearsal_object(r);

    (void)on;
    str_copy(s->want, sizeof s->want, "its containers running");
    str_copy(s->now, sizeof s->now, "no pod yet");
    if (rehearsal_check_pod(r, e) < 0) {
        return -1;
    }
    if (pod == NULL) {
        return 0;
    }
    pod_doing(pod, clock_wall_ms(), s->now, sizeof s->now);
    s->done = r->seen && rehearsal_runs(pod);
    if (!s->done && *json_path_str(pod, "spec.nodeName") == '\0' &&
        clock_ms() - r->made_ms > REHEARSAL_NODE_MS) {
        return err_set(e, ERR_UNHEALTHY, "pod %s cannot be scheduled: %s", r->pod.name,
                       s->now);
    }
    return 0;
}

int
rehearsal_await_pod(struct rehearsal *r, struct err *e)
{
    const struct wait w = { .id = "rehearsal",
                            .pod = r->pod.name,
                            .text = "the rehearsal pod to run",
                            .limit_ms = REHEARSAL_START_MS,
                            .probe_ms = REHEARSAL_PROBE_MS,
                            .check = rehearsal_look_running,
                            .on = r->cluster->run,
                            .ctx = r };

    return wait_until(r->cluster->run, &w, e);
}

/* Whether the pod is gone though its deletion failed: a conflict says that another one
 * has its name, or only that it is to be asked for again. */
static bool
rehearsal_is_gone(const struct rehearsal *r, const struct err *why)
{
    struct kube_ref ref = rehearsal_ref(r);
    auto_json json_t *pod = NULL;
    struct err got = { 0 };

    if (why->code != ERR_CONFLICT) {
        return why->code == ERR_NOT_FOUND;
    }
    if (kube_get(r->cluster->target->kube, &ref, &pod, &got) < 0) {
        return got.code == ERR_NOT_FOUND;
    }
    return !str_eq(json_path_str(pod, "metadata.uid"), r->uid);
}

void
rehearsal_end_pod(struct rehearsal *r)
{
    struct kube_ref ref = rehearsal_ref(r);
    struct err why = { 0 };
    int got = r->uid[0] != '\0' ? -1 : 0;

    for (int i = 0; got < 0 && i < REHEARSAL_DELETE_TRIES; i++) {
        err_clear(&why);
        kube_set_patience(r->cluster->target->kube, REHEARSAL_DELETE_MS,
                          clock_ms() + REHEARSAL_DELETE_MS);
        got = kube_delete(r->cluster->target->kube, &ref, r->uid, NULL, &why);
        got = got < 0 && rehearsal_is_gone(r, &why) ? 0 : got;
    }
    kube_set_patience(r->cluster->target->kube, 0, 0);
    if (got < 0) {
        emit_warning(r->cluster->run,
                     "kubectl delete pod, or wait: it ends by itself within 15 minutes",
                     "could not delete pod %s of the rehearsal: %s", r->pod.name,
                     why.msg);
    }
    kube_watch_close(r->watch);
    r->watch = NULL;
}
