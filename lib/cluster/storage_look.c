#include "cluster/storage_look.h"

#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/sets.h"
#include "engine/topology.h"
#include "kube/client.h"
#include "kubedb/pod.h"
#include "run/target.h"

void
storage_view_clear(struct storage_view *v)
{
    json_decref(v->pod);
    json_decref(v->uids);
    *v = (struct storage_view){ 0 };
}

/* Reads an object that may not be there. */
static int
storage_get(const struct target *target, const struct kube_ref *ref, json_t **out,
            struct err *e)
{
    if (kube_get(target->kube, ref, out, e) == 0) {
        return 0;
    }
    if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    err_clear(e);
    *out = NULL;
    return 0;
}

int
storage_get_claim(const struct target *target, const char *name, json_t **out,
                  struct err *e)
{
    const struct kube_ref ref = { .group = "",
                                  .version = "v1",
                                  .resource = "persistentvolumeclaims",
                                  .name_space = target->request->name_space,
                                  .name = name };

    return storage_get(target, &ref, out, e);
}

/* -- what may not be read -- */

/* 0 where a right is missing, which is noted; else the error stays. */
static int
storage_forgive(struct storage_view *v, const char *what, struct err *e)
{
    if (e->code != ERR_FORBIDDEN) {
        return -1;
    }
    err_clear(e);
    str_append(v->unchecked, sizeof v->unchecked, "%s%s",
               v->unchecked[0] != '\0' ? ", " : "", what);
    return 0;
}

/* -- claims and volumes -- */

static int
storage_look_volume(const struct target *target, const json_t *claim, json_t *volumes,
                    struct storage_view *v, struct err *e)
{
    const struct kube_ref ref = { .group = "",
                                  .version = "v1",
                                  .resource = "persistentvolumes",
                                  .name = json_path_str(claim, "spec.volumeName") };
    auto_json json_t *volume = NULL;
    struct storage_fault fault = { 0 };

    if (*ref.name == '\0') {
        return 0; /* not bound: that was judged */
    }
    if (storage_get(target, &ref, &volume, e) < 0) {
        return storage_forgive(v, "get persistentvolumes", e);
    }
    if (storage_volume_fails(claim, volume, &fault) && v->lost.text[0] == '\0') {
        v->lost = fault;
    }
    if (volume != NULL) {
        (void)json_array_append(volumes, volume);
    }
    return 0;
}

static int
storage_look_claims(const struct target *target, enum storage_depth depth,
                    json_t *volumes, struct storage_view *v, struct err *e)
{
    bool has_run = pod_has_run(target->engine, v->pod);
    const char *name = NULL;

    for (size_t i = 0; (name = storage_claim_at(v->pod, i)) != NULL; i++) {
        auto_json json_t *claim = NULL;
        struct storage_fault fault = { 0 };

        if (storage_get_claim(target, name, &claim, e) < 0) {
            return storage_forgive(v, "get persistentvolumeclaims", e);
        }
        if (storage_claim_fails(v->pod, name, claim, has_run, &fault) &&
            v->lost.text[0] == '\0') {
            v->lost = fault;
        }
        if (claim == NULL) {
            continue;
        }
        (void)json_object_set_new(v->uids, name,
                                  json_string(json_path_str(claim, "metadata.uid")));
        if (depth == STORAGE_ALL && v->unchecked[0] == '\0' &&
            storage_look_volume(target, claim, volumes, v, e) < 0) {
            return -1;
        }
    }
    return 0;
}

/* -- nodes -- */

/* How many nodes take the pod, besides its own. */
static int
storage_count_others(const struct target *target, const json_t *volumes,
                     struct storage_view *v, size_t *n, struct err *e)
{
    const struct kube_ref ref = { .group = "", .version = "v1", .resource = "nodes" };
    auto_json json_t *list = NULL;
    size_t i = 0;
    json_t *node = NULL;
    char why[128];

    if (kube_list(target->kube, &ref, NULL, &list, e) < 0) {
        return -1;
    }
    json_array_foreach (json_path(list, "items"), i, node) {
        *n += !str_eq(json_path_str(node, "metadata.name"),
                      json_path_str(v->pod, "spec.nodeName")) &&
                      storage_node_takes(node, v->pod, volumes, why, sizeof why)
                  ? 1
                  : 0;
    }
    return 0;
}

static void
storage_say_stuck(struct storage_view *v, const json_t *volumes, const char *why)
{
    const char *node = json_path_str(v->pod, "spec.nodeName");
    const char *name = json_path_str(v->pod, "metadata.name");
    const char *volume = json_path_str(json_array_get(volumes, 0), "metadata.name");

    (void)snprintf(v->stuck.text, sizeof v->stuck.text,
                   "the new pod of %s could not start: node %s %s, and no other node can "
                   "use its data%s%s",
                   name, node, why, *volume != '\0' ? " in PersistentVolume " : "",
                   volume);
    (void)snprintf(v->stuck.hint, sizeof v->stuck.hint,
                   "where an autoscaler adds nodes, use --skip-check storage.return; "
                   "else make the node available: kubectl uncordon %s",
                   node);
    v->stuck.command = true;
}

static bool
storage_any(const json_t *volumes, bool (*is)(const json_t *volume))
{
    size_t i = 0;
    json_t *volume = NULL;

    json_array_foreach (volumes, i, volume) {
        if (is(volume)) {
            return true;
        }
    }
    return false;
}

/* Where a volume is bound to nodes, one of them has to take the new pod; the present one
 * will do. A directory of a node that is not bound to it is lost where another one does.
 */
static int
storage_look_nodes(const struct target *target, const json_t *volumes,
                   struct storage_view *v, struct err *e)
{
    const struct kube_ref ref = { .group = "",
                                  .version = "v1",
                                  .resource = "nodes",
                                  .name = json_path_str(v->pod, "spec.nodeName") };
    /* A directory of one node holds the data: in the pod, or as a volume. */
    bool local =
        v->place.kind == STORAGE_NODE || storage_any(volumes, storage_is_of_node);
    auto_json json_t *node = NULL;
    char why[128] = "does not exist";
    size_t others = 0;
    bool takes = false;

    if (*ref.name == '\0' || (!local && !storage_any(volumes, storage_has_affinity))) {
        return 0;
    }
    if (storage_get(target, &ref, &node, e) < 0) {
        return storage_forgive(v, "get nodes", e);
    }
    takes = node != NULL && storage_node_takes(node, v->pod, volumes, why, sizeof why);
    if (takes && !local) {
        return 0;
    }
    if (storage_count_others(target, volumes, v, &others, e) < 0) {
        return storage_forgive(v, "list nodes", e);
    }
    v->lasts = v->lasts && (!local || others == 0);
    if (!takes && (local || others == 0)) {
        storage_say_stuck(v, volumes, why);
    }
    return 0;
}

/* Whoever copies the command asks the same cluster. */
static void
storage_add_flags(const struct target *target, struct storage_fault *fault)
{
    if (fault->command) {
        str_append(fault->hint, sizeof fault->hint, "%s", target->request->command_flags);
    }
}

int
storage_look(struct cluster *cluster, const struct member *p, enum storage_depth depth,
             struct storage_view *out, struct err *e)
{
    const struct engine *en = cluster->target->engine;
    auto_json json_t *volumes = mem_check(json_array());
    struct storage_place next = { 0 };

    *out = (struct storage_view){ .lasts = true };
    out->pod = json_incref(json_mutable(mirror_pod_object(cluster, p->name)));
    if (out->pod == NULL) {
        return 0;
    }
    out->uids = mem_check(json_object());
    storage_of_pod(en, out->pod, &out->place);
    out->lasts = en->config != NULL ||
                 (out->place.kind != STORAGE_POD && out->place.kind != STORAGE_LAYER);
    if (storage_of_new_pod(en, sets_object(cluster, p->set), p->name, &next) &&
        out->lasts) {
        (void)storage_moves(out->pod, &out->place, &next, &out->lost);
    }
    if (storage_look_claims(cluster->target, depth, volumes, out, e) < 0 ||
        (depth == STORAGE_ALL &&
         storage_look_nodes(cluster->target, volumes, out, e) < 0)) {
        return -1;
    }
    storage_add_flags(cluster->target, &out->lost);
    storage_add_flags(cluster->target, &out->stuck);
    return 0;
}

/* -- other members -- */

static bool
storage_is_donor(const struct cluster *cluster, const struct member *p,
                 const struct member *q)
{
    return q != p && !q->lost && sets_has_pod(q) && mirror_pod_is_ready(cluster, q);
}

bool
storage_has_copy(struct cluster *cluster, const struct member *p)
{
    if (!engine_recopies(cluster->plan->topology) ||
        (cluster->plan->procedure->converts && p == cluster->pods)) {
        return false;
    }
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (storage_is_donor(cluster, p, &cluster->pods[i])) {
            return true;
        }
    }
    return false;
}

char *
storage_donors(struct cluster *cluster, const struct member *p, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (storage_is_donor(cluster, p, &cluster->pods[i])) {
            str_append(out, size, "%s%s", out[0] != '\0' ? " or " : "",
                       cluster->pods[i].name);
        }
    }
    return out;
}
