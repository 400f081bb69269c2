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
#include "run/flow.h"

/*
 * What the mirrors hold, and how the objects behind them are named.
 */

struct kube_ref
flow_ref_db(const struct flow *f, const char *subresource)
{
    return (struct kube_ref){ .group = "kubedb.com",
                              .version = f->target.api_version,
                              .resource = f->target.engine->resource,
                              .name_space = f->target.request->name_space,
                              .name = f->target.request->name,
                              .subresource = subresource };
}

struct kube_ref
gather_ref_sets(const struct flow *f)
{
    return (struct kube_ref){ .group =
                                  f->target.petset ? "apps.k8s.appscode.com" : "apps",
                              .version = "v1",
                              .resource = f->target.petset ? "petsets" : "statefulsets",
                              .name_space = f->target.request->name_space };
}

struct kube_ref
flow_ref_set(const struct flow *f, const struct flow_set *s)
{
    struct kube_ref ref = gather_ref_sets(f);

    ref.name = s->name;
    return ref;
}

struct kube_ref
flow_ref_pods(const struct flow *f)
{
    return (struct kube_ref){ .group = "",
                              .version = "v1",
                              .resource = "pods",
                              .name_space = f->target.request->name_space };
}

const json_t *
flow_db(const struct flow *f)
{
    return json_object_get(kube_watch_objects(f->cluster.watch.db),
                           f->target.request->name);
}

const json_t *
flow_pod_object(const struct flow *f, const char *name)
{
    return json_object_get(kube_watch_objects(f->cluster.watch.pods), name);
}

struct flow_pod *
flow_pod_find(struct flow *f, const char *name)
{
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        if (str_eq(f->cluster.pods[i].name, name)) {
            return &f->cluster.pods[i];
        }
    }
    return NULL;
}

int
flow_get_db(struct flow *f, json_t **out, struct err *e)
{
    struct kube_ref ref = flow_ref_db(f, NULL);

    if (kube_get(f->target.kube, &ref, out, e) < 0) {
        return err_wrap(e, "%s %s/%s", f->target.engine->kind,
                        f->target.request->name_space, f->target.request->name);
    }
    if (f->target.uid != NULL &&
        !str_eq(json_path_str(*out, "metadata.uid"), f->target.uid)) {
        json_decref(*out);
        *out = NULL;
        err_set(e, ERR_REFUSED, "%s/%s was deleted during the run",
                f->target.engine->name, f->target.request->name);
        return err_reason(e, "DATABASE_GONE");
    }
    return 0;
}

bool
flow_pod_is_ready(const struct flow *f, const struct flow_pod *p)
{
    const json_t *object = flow_pod_object(f, p->name);
    struct pod pod = { 0 };
    struct err ignored = { 0 };

    return object != NULL && pod_parse(f->target.engine, object, &pod, &ignored) == 0 &&
           pod.ready && !pod.deleting;
}

bool
flow_pod_is_there(const struct flow *f, const struct flow_pod *p)
{
    const json_t *object = flow_pod_object(f, p->name);

    return object != NULL && sets_is_goal(f, p->set) &&
           workload_has_images(json_path(object, "spec"), &p->set->images,
                               flow_is_forward(f), NULL, 0);
}
