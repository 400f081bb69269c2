#include "member/patch.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"
#include "run/course.h"
#include "run/target.h"

/*
 * The mutations of a run but for evictions and the lock: each reads the object anew, sees
 * that it is the one that this run knows, and writes with its resourceVersion, or guarded
 * by a test of its uid and of what is replaced; a conflict is the caller's to try again.
 */

static int
patch_status(const struct target *target, const json_t *patch, struct err *e)
{
    struct kube_ref ref = mirror_ref_db(target, "status");

    return kube_patch(target->kube, &ref, KUBE_MERGE_PATCH, patch, NULL, e);
}

int
patch_pause(struct cluster *cluster, struct err *e)
{
    auto_json json_t *db = NULL;
    auto_json json_t *patch = NULL;
    auto_free char *message =
        database_pause_message(!course_is_forward(cluster->run), cluster->plan->from_name,
                               cluster->plan->to_name, cluster->lock->holder);

    if (mirror_get_db(cluster->target, &db, e) < 0) {
        return -1;
    }
    patch = database_pause_patch(db, message, clock_wall_ms());
    if (patch_status(cluster->target, patch, e) < 0) {
        return err_wrap(e, "pausing the operator on %s/%s", cluster->target->engine->name,
                        cluster->target->request->name);
    }
    return 0;
}

int
patch_resume(struct cluster *cluster, struct err *e)
{
    auto_json json_t *db = NULL;
    auto_json json_t *patch = NULL;

    if (mirror_get_db(cluster->target, &db, e) < 0) {
        return -1;
    }
    patch = database_resume_patch(db);
    if (patch_status(cluster->target, patch, e) < 0) {
        return err_wrap(e, "resuming the operator on %s/%s",
                        cluster->target->engine->name, cluster->target->request->name);
    }
    return 0;
}

int
patch_set(struct cluster *cluster, const struct member_set *s, struct err *e)
{
    struct kube_ref ref = mirror_ref_set(cluster->target, s);
    auto_json json_t *set = NULL;
    auto_json json_t *patch = NULL;

    if (kube_get(cluster->target->kube, &ref, &set, e) < 0) {
        return -1;
    }
    if (*s->uid != '\0' && !str_eq(json_path_str(set, "metadata.uid"), s->uid)) {
        err_set(e, ERR_REFUSED, "workload %s was deleted during the run", s->name);
        return err_reason(e, "SET_GONE");
    }
    patch = workload_images_patch(set, &s->images, course_is_forward(cluster->run));
    if (patch == NULL) {
        return 0;
    }
    cluster->progress.image_patches++;
    if (kube_patch(cluster->target->kube, &ref, KUBE_JSON_PATCH, patch, NULL, e) < 0) {
        return err_wrap(e, "setting the images of %s/%s", ref.resource, s->name);
    }
    return 0;
}

int
patch_images(struct cluster *cluster, struct err *e)
{
    for (size_t i = 0; i < cluster->n_sets; i++) {
        const struct member_set *s = &cluster->sets[i];

        if (sets_is_goal(cluster->run, s) && !s->absent && patch_set(cluster, s, e) < 0) {
            return -1;
        }
    }
    return 0;
}

int
patch_version(struct cluster *cluster, struct err *e)
{
    struct kube_ref ref = mirror_ref_db(cluster->target, NULL);
    auto_json json_t *db = NULL;
    auto_json json_t *patch = NULL;

    if (mirror_get_db(cluster->target, &db, e) < 0) {
        return -1;
    }
    patch = database_version_patch(db, cluster->plan->to_name);
    if (kube_patch(cluster->target->kube, &ref, KUBE_MERGE_PATCH, patch, NULL, e) < 0) {
        return err_wrap(e, "setting spec.version of %s/%s to %s",
                        cluster->target->engine->name, cluster->target->request->name,
                        cluster->plan->to_name);
    }
    return 0;
}
