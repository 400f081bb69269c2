#include <jansson.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cluster/cluster.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/watch.h"
#include "kubedb/checks.h"
#include "kubedb/workload.h"

/*
 * Which sets are the database's, and the images that they are to have.
 */

int
sets_choose(struct cluster *cluster, struct err *e)
{
    auto_json json_t *list = mem_check(json_pack("{s:[]}", "items"));
    const char *name = NULL;
    json_t *set = NULL;
    const json_t *members = NULL;
    const json_t *followers[PREFLIGHT_SETS_MAX + 1] = { 0 };
    struct err none = { 0 };
    size_t n = 0;

    json_object_foreach (json_mutable(kube_watch_objects(cluster->watch.sets)), name,
                         set) {
        (void)json_array_append(json_object_get(list, "items"), set);
    }
    if (cluster->plan->procedure->two_sets) {
        return replacement_choose(cluster, list, e);
    }
    members =
        workload_find(list, cluster->target->request->name, cluster->target->uid, &none);
    if (members == NULL) {
        cluster->set_trouble = none.code == ERR_REFUSED ? mem_strdup(none.msg) : NULL;
        replacement_explain_two(cluster, list);
        return 0;
    }
    if (routers_choose(cluster, list, e) < 0) {
        return -1;
    }
    n = workload_find_followers(list, cluster->target->uid, followers,
                                PREFLIGHT_SETS_MAX + 1);
    if (sets_add(cluster, members, false, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (sets_add(cluster, followers[i < PREFLIGHT_SETS_MAX ? i : PREFLIGHT_SETS_MAX],
                     true, e) < 0) {
            return -1;
        }
    }
    return 0;
}

void
sets_free(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_sets; i++) {
        free(cluster->sets[i].name);
        free(cluster->sets[i].uid);
        image_changes_free(&cluster->sets[i].images);
    }
    cluster->n_sets = 0;
    routers_free(cluster);
}

int
sets_want(struct cluster *cluster, const json_t *catalog, struct err *e)
{
    for (struct member_set *s = cluster->sets; s < cluster->sets + cluster->n_sets; s++) {
        image_changes_free(&s->images);
        if (sets_images(cluster, s, catalog, &s->images, e) < 0) {
            return -1;
        }
        sets_learn_rewriting(cluster, s, cluster->pods, cluster->n_pods);
    }
    return routers_want(cluster, catalog, e);
}

int
sets_guess(struct cluster *cluster, const json_t *catalog, struct err *e)
{
    for (struct member_set *s = cluster->sets; s < cluster->sets + cluster->n_sets; s++) {
        auto_changes struct image_changes was = { 0 };

        if (sets_images(cluster, s, catalog, &was, e) < 0) {
            return -1;
        }
        sets_take_old(s, &was, true);
    }
    return routers_guess(cluster, catalog, e);
}

void
sets_to_journal(const struct cluster *cluster, json_t *journal)
{
    json_t *followers = mem_check(json_array());

    for (size_t i = 1; i < cluster->n_sets && cluster->sets[i].follows; i++) {
        (void)json_array_append_new(
            followers,
            mem_check(json_pack("{s:s, s:o}", "set", cluster->sets[i].name, "images",
                                image_changes_to_json(&cluster->sets[i].images))));
    }
    if (json_array_size(followers) > 0) {
        (void)json_object_set_new(journal, "followers", followers);
    } else {
        json_decref(followers);
    }
    routers_to_journal(cluster, journal);
}

int
sets_recall(struct cluster *cluster, const json_t *journal, bool back, struct err *e)
{
    for (struct member_set *s = cluster->sets; s < cluster->sets + cluster->n_sets; s++) {
        const json_t *known = sets_in_journal(journal, s);

        if (sets_recalls(cluster, s, known) &&
            sets_recall_images(cluster, s, known, back, e) < 0) {
            return -1;
        }
    }
    return routers_recall(cluster, journal, back, e);
}
