#include "cluster/mirror.h"

#include <jansson.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "kubedb/pod.h"
#include "kubedb/workload.h"
#include "run/course.h"
#include "run/target.h"

/*
 * What the mirrors hold, and how the objects behind them are named.
 */

struct kube_ref
mirror_ref_db(const struct target *target, const char *subresource)
{
    return (struct kube_ref){ .group = "kubedb.com",
                              .version = target->api_version,
                              .resource = target->engine->api.resource,
                              .name_space = target->request->name_space,
                              .name = target->request->name,
                              .subresource = subresource };
}

struct kube_ref
mirror_ref_sets(const struct target *target)
{
    return (struct kube_ref){ .group = target->petset ? "apps.k8s.appscode.com" : "apps",
                              .version = "v1",
                              .resource = target->petset ? "petsets" : "statefulsets",
                              .name_space = target->request->name_space };
}

struct kube_ref
mirror_ref_set(const struct target *target, const struct member_set *s)
{
    struct kube_ref ref = mirror_ref_sets(target);

    ref.name = s->name;
    return ref;
}

struct kube_ref
mirror_ref_pods(const struct target *target)
{
    return (struct kube_ref){ .group = "",
                              .version = "v1",
                              .resource = "pods",
                              .name_space = target->request->name_space };
}

const json_t *
mirror_db(const struct cluster *cluster)
{
    return json_object_get(kube_watch_objects(cluster->watch.db),
                           cluster->target->request->name);
}

const json_t *
mirror_pod_object(const struct cluster *cluster, const char *name)
{
    return json_object_get(kube_watch_objects(cluster->watch.pods), name);
}

struct member *
mirror_pod_find(struct cluster *cluster, const char *name)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (str_eq(cluster->pods[i].name, name)) {
            return &cluster->pods[i];
        }
    }
    return NULL;
}

int
mirror_get_db(const struct target *target, json_t **out, struct err *e)
{
    struct kube_ref ref = mirror_ref_db(target, NULL);

    if (kube_get(target->kube, &ref, out, e) < 0) {
        return err_wrap(e, "%s %s/%s", target->engine->api.kind,
                        target->request->name_space, target->request->name);
    }
    if (target->uid != NULL &&
        !str_eq(json_path_str(*out, "metadata.uid"), target->uid)) {
        json_decref(*out);
        *out = NULL;
        err_set(e, ERR_REFUSED, "%s/%s was deleted during the run", target->engine->name,
                target->request->name);
        return err_reason(e, "DATABASE_GONE");
    }
    return 0;
}

bool
mirror_pod_is_ready(const struct cluster *cluster, const struct member *p)
{
    const json_t *object = mirror_pod_object(cluster, p->name);
    struct pod pod = { 0 };
    struct err ignored = { 0 };

    return object != NULL &&
           pod_parse(cluster->target->engine, object, &pod, &ignored) == 0 && pod.ready &&
           !pod.deleting;
}

bool
mirror_pod_is_there(const struct cluster *cluster, const struct member *p)
{
    const json_t *object = mirror_pod_object(cluster, p->name);

    return object != NULL && sets_is_goal(cluster->run, p->set) &&
           workload_pod_has_images(json_path(object, "spec"), &p->set->images,
                                   course_is_forward(cluster->run), NULL, 0);
}
