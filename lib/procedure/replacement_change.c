#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/replacement.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "kubedb/replacement_set.h"
#include "kubedb/workload.h"
#include "run/target.h"

/*
 * What an upgrade by a new set changes: sets are made, scaled and deleted, claims are
 * deleted. Each looks at the object first, and the change is refused if it is another one
 * than was looked at.
 */

int
replacement_get(const struct target *target, struct member_set *s, json_t **out,
                struct err *e)
{
    struct kube_ref ref = mirror_ref_set(target, s);

    *out = NULL;
    if (kube_get(target->kube, &ref, out, e) < 0) {
        if (e->code != ERR_NOT_FOUND) {
            return err_wrap(e, "workload %s", s->name);
        }
        err_clear(e);
        return 0;
    }
    if (*s->uid != '\0' && !str_eq(json_path_str(*out, "metadata.uid"), s->uid)) {
        json_decref(*out);
        *out = NULL;
    }
    return 0;
}

int
replacement_make(struct cluster *cluster, struct err *e)
{
    const struct member_set *old = replacement_other(cluster);
    struct member_set *made = replacement_goal(cluster);
    struct kube_ref ref = mirror_ref_set(cluster->target, made);
    const char *name = made->name;
    auto_json json_t *body =
        new_set_object(&(struct new_set_wish){ .engine = cluster->target->engine,
                                               .old = sets_object(cluster, old),
                                               .name = name,
                                               .database = cluster->target->request->name,
                                               .uid = cluster->target->uid,
                                               .from = cluster->plan->from_name,
                                               .to = cluster->plan->to_name,
                                               .images = &made->images });

    ref.name = NULL;
    return kube_create(cluster->target->kube, &ref, body, NULL, e) < 0
               ? err_wrap(e, "creating workload %s", name)
               : 0;
}

static json_t *
replacement_scale_patch(const json_t *set, size_t replicas)
{
    return mem_check(
        json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:I}, {s:s, s:s, s:I}]", "op", "test",
                  "path", "/metadata/uid", "value", json_path_str(set, "metadata.uid"),
                  "op", "test", "path", "/spec/replicas", "value",
                  (json_int_t)json_path_int(set, "spec.replicas", 1), "op", "replace",
                  "path", "/spec/replicas", "value", (json_int_t)replicas));
}

/* What is expected from now on is noted before it is asked for: nobody knows whether a
 * request was carried out whose answer is lost. */
int
replacement_scale(const struct target *target, struct member_set *s, size_t replicas,
                  struct err *e)
{
    struct kube_ref ref = mirror_ref_set(target, s);
    auto_json json_t *set = NULL;
    auto_json json_t *patch = NULL;
    long long is = 0;

    if (replacement_get(target, s, &set, e) < 0) {
        return -1;
    }
    if (set == NULL) {
        return err_set(e, ERR_REFUSED, "workload %s was deleted during the run", s->name);
    }
    is = json_path_int(set, "spec.replicas", -1);
    if (is != (long long)s->size && is != (long long)s->was) {
        err_set(e, ERR_REFUSED, "workload %s was scaled from %zu to %lld during the run",
                s->name, s->size, is);
        return err_reason(e, "SET_SCALED");
    }
    if (kube_get_mode(target->kube) == KUBE_LIVE && s->size != replicas) {
        s->was = (size_t)is;
        s->size = replicas;
    }
    if (is == (long long)replicas) {
        return 0;
    }
    patch = replacement_scale_patch(set, replicas);
    if (kube_patch(target->kube, &ref, KUBE_JSON_PATCH, patch, NULL, e) < 0) {
        return err_wrap(e, "scaling workload %s to %zu", s->name, replicas);
    }
    return 0;
}

int
replacement_remove(const struct target *target, struct member_set *s, struct err *e)
{
    struct kube_ref ref = mirror_ref_set(target, s);
    bool live = kube_get_mode(target->kube) == KUBE_LIVE;
    auto_json json_t *set = NULL;

    if (replacement_get(target, s, &set, e) < 0) {
        return -1;
    }
    if (set != NULL && !workload_is_of_members(set, target->uid)) {
        return err_set(e, ERR_REFUSED, "workload %s does not belong to %s", s->name,
                       target->request->name);
    }
    if (set != NULL && live &&
        (json_path_int(set, "spec.replicas", 1) != 0 ||
         json_path_int(set, "status.replicas", 0) != 0)) {
        return err_set(e, ERR_CONFLICT, "workload %s has members", s->name);
    }
    if (set != NULL &&
        kube_delete(target->kube, &ref, s->uid,
                    live ? json_path_str(set, "metadata.resourceVersion") : NULL,
                    e) < 0 &&
        e->code != ERR_NOT_FOUND) {
        return err_wrap(e, "deleting workload %s", s->name);
    }
    err_clear(e);
    return 0;
}

/* -- claims -- */

static struct kube_ref
replacement_ref_claims(const struct target *target)
{
    return (struct kube_ref){ .group = "",
                              .version = "v1",
                              .resource = "persistentvolumeclaims",
                              .name_space = target->request->name_space };
}

int
replacement_claims(struct cluster *cluster, const struct member_set *s, bool all,
                   json_t **out, struct err *e)
{
    const struct kube_ref ref = replacement_ref_claims(cluster->target);
    const json_t *like = sets_object(cluster, sets_members(cluster));
    auto_json json_t *list = NULL;
    size_t i = 0;
    json_t *claim = NULL;

    *out = NULL;
    if (like == NULL) {
        return err_set(e, ERR_NETWORK, "workload %s is not visible yet",
                       sets_members(cluster)->name);
    }
    like = json_incref(json_mutable(like));
    if (kube_list(cluster->target->kube, &ref, all ? NULL : cluster->target->selector,
                  &list, e) < 0) {
        json_decref(json_mutable(like));
        return err_wrap(e, "the PVCs");
    }
    *out = mem_check(json_array());
    json_array_foreach (json_path(list, "items"), i, claim) {
        if (new_set_has_claim(like, s->name, s->replicas,
                              json_path_str(claim, "metadata.name")) &&
            (all || json_path(claim, "metadata.deletionTimestamp") == NULL)) {
            (void)json_array_append(*out, claim);
        }
    }
    json_decref(json_mutable(like));
    return 0;
}

/* The pod that has a claim, as the mirror knows; NULL. */
static const char *
replacement_claim_user(const struct cluster *cluster, const char *claim)
{
    const char *name = NULL;
    json_t *pod = NULL;

    json_object_foreach (json_mutable(kube_watch_objects(cluster->watch.pods)), name,
                         pod) {
        size_t i = 0;
        json_t *volume = NULL;

        json_array_foreach (json_path(pod, "spec.volumes"), i, volume) {
            if (str_eq(json_path_str(volume, "persistentVolumeClaim.claimName"), claim)) {
                return json_path_str(pod, "metadata.name");
            }
        }
    }
    return NULL;
}

int
replacement_check_unused(struct cluster *cluster, struct member_set *s, struct err *e)
{
    auto_json json_t *claims = NULL;
    auto_json json_t *set = NULL;
    size_t i = 0;
    json_t *claim = NULL;

    if (replacement_get(cluster->target, s, &set, e) < 0 ||
        replacement_claims(cluster, s, false, &claims, e) < 0) {
        return -1;
    }
    if (set != NULL && json_path_int(set, "spec.replicas", 1) != 0) {
        return err_set(e, ERR_CONFLICT, "workload %s has members", s->name);
    }
    json_array_foreach (claims, i, claim) {
        const char *name = json_path_str(claim, "metadata.name");
        const char *user = replacement_claim_user(cluster, name);

        if (user != NULL) {
            return err_set(e, ERR_CONFLICT, "PVC %s was not deleted: %s uses it", name,
                           user);
        }
    }
    return 0;
}

int
replacement_delete_claims(struct cluster *cluster, const struct member_set *s,
                          size_t *left, struct err *e)
{
    auto_json json_t *claims = NULL;
    struct kube_ref ref = replacement_ref_claims(cluster->target);
    size_t i = 0;
    json_t *claim = NULL;

    if (replacement_claims(cluster, s, false, &claims, e) < 0) {
        return -1;
    }
    *left = json_array_size(claims);
    json_array_foreach (claims, i, claim) {
        ref.name = json_path_str(claim, "metadata.name");
        if (kube_delete(cluster->target->kube, &ref, json_path_str(claim, "metadata.uid"),
                        json_path_str(claim, "metadata.resourceVersion"), e) < 0 &&
            e->code != ERR_NOT_FOUND && e->code != ERR_CONFLICT) {
            return err_wrap(e, "deleting PVC %s", ref.name);
        }
        err_clear(e);
    }
    return 0;
}
