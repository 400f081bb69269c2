#include "cluster/sets.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/routers.h"
#include "engine/engine.h"
#include "kube/watch.h"
#include "kubedb/workload.h"
#include "run/course.h"
#include "run/run.h"

/*
 * The database's sets of pods, and their images: what they have, what they are to have,
 * and what they had before a run.
 */

const json_t *
sets_object(const struct cluster *cluster, const struct member_set *s)
{
    return s->name != NULL
               ? json_object_get(kube_watch_objects(cluster->watch.sets), s->name)
               : NULL;
}

bool
sets_is_goal(const struct run *run, const struct member_set *s)
{
    return !run->plan->procedure->two_sets || s->follows ||
           s->made == course_is_forward(run);
}

struct member_set *
sets_members(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_sets; i++) {
        if (!cluster->sets[i].follows && !cluster->sets[i].absent) {
            return &cluster->sets[i];
        }
    }
    return &cluster->sets[0];
}

bool
sets_has_pod(const struct member *p)
{
    return !p->set->absent && (size_t)p->ordinal < p->set->size && !p->lost;
}

unsigned
sets_count_pods(const struct cluster *cluster)
{
    unsigned n = 0;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        n += sets_has_pod(&cluster->pods[i]) ? 1U : 0U;
    }
    return n;
}

/* -- which they are -- */

/* The pods are NAME-0 ... NAME-(replicas-1), there or not. */
void
sets_add_pods(struct cluster *cluster, struct member_set *s)
{
    for (size_t i = 0; i < s->replicas; i++) {
        struct member *p = &cluster->pods[cluster->n_pods++];

        p->name = mem_printf("%s-%zu", s->name, i);
        p->set = s;
        p->ordinal = (int)i;
    }
}

int
sets_add(struct cluster *cluster, const json_t *object, bool follows, struct err *e)
{
    struct member_set *s = &cluster->sets[cluster->n_sets];
    long long replicas = json_path_int(object, "spec.replicas", 1);

    if (cluster->n_sets == SETS_MAX) {
        return err_set(e, ERR_REFUSED,
                       "the database has more workloads than the limit of %d",
                       (int)SETS_MAX);
    }
    if (replicas < 0 || replicas > MEMBERS_MAX - (long long)cluster->n_pods) {
        return err_set(e, ERR_REFUSED, "%lld members exceed the limit of %d",
                       replicas + (long long)cluster->n_pods, (int)MEMBERS_MAX);
    }
    cluster->n_sets++;
    *s = (struct member_set){ .name = mem_strdup(json_path_str(object, "metadata.name")),
                              .uid = mem_strdup(json_path_str(object, "metadata.uid")),
                              .replicas = (size_t)replicas,
                              .size = (size_t)replicas,
                              .was = (size_t)replicas,
                              .follows = follows,
                              .role = follows ? "read replica" : NULL };
    sets_add_pods(cluster, s);
    return 0;
}

struct roll_item
sets_roll_item(const struct cluster *cluster, const struct member *p)
{
    return (struct roll_item){ .set = (size_t)(p->set - cluster->sets),
                               .ordinal = p->ordinal,
                               .role = p->role };
}

/* -- their images -- */

const json_t *
sets_template(struct cluster *cluster, const struct member_set *s)
{
    return sets_object(cluster, s->absent ? sets_members(cluster) : s);
}

int
sets_images(struct cluster *cluster, const struct member_set *s, const json_t *catalog,
            struct image_changes *out, struct err *e)
{
    const json_t *template = sets_template(cluster, s);

    if (template == NULL) {
        return err_set(e, ERR_REFUSED, "workload %s was deleted during the run", s->name);
    }
    return workload_images(cluster->target->engine, template, catalog, out, e);
}

/* The same container, or variable, among others; NULL. */
static const struct image_change *
sets_find_change(const struct image_changes *in, const struct image_change *c)
{
    for (size_t i = 0; i < in->n; i++) {
        if (str_eq(c->container, in->at[i].container) && c->init == in->at[i].init &&
            str_eq(c->variable, in->at[i].variable)) {
            return &in->at[i];
        }
    }
    return NULL;
}

void
sets_take_old(struct member_set *s, const struct image_changes *was, bool to)
{
    for (size_t i = 0; i < s->images.n; i++) {
        struct image_change *c = &s->images.at[i];

        const struct image_change *like = sets_find_change(was, c);

        if (like != NULL) {
            free(c->from);
            c->from = mem_strdup(to ? like->to : like->from);
            for (size_t j = 0; !to && j < like->n_as; j++) {
                image_change_add_as(c, like->as[j]);
            }
        }
    }
}

const json_t *
sets_in_journal(const json_t *journal, const struct member_set *s)
{
    const json_t *of = s->made ? json_object_get(journal, "new_set")
                       : !s->follows
                           ? journal
                           : json_array_find(json_object_get(journal, "followers"), "set",
                                             s->name, NULL);

    return json_object_get(of, "images");
}

/* What each was to become: the catalogue's, else as it is now. A journal is not asked,
 * because what it says would be written to the Lease again. */
static void
sets_take_new(struct cluster *cluster, struct member_set *s)
{
    const json_t *template = sets_template(cluster, s);
    auto_changes struct image_changes want = { 0 };
    struct err ignored = { 0 };

    if (cluster->plan->to != NULL && template != NULL) {
        (void)(cluster->routers != NULL && s == &cluster->routers->set
                   ? workload_front_images
                   : workload_images)(cluster->target->engine, template,
                                      cluster->plan->to, &want, &ignored);
    }
    for (size_t i = 0; i < s->images.n; i++) {
        struct image_change *c = &s->images.at[i];
        const struct image_change *like = sets_find_change(&want, c);
        const char *now = workload_value(json_path(template, "spec.template.spec"), c);

        free(c->to);
        c->to = mem_strdup(like != NULL ? like->to : *now != '\0' ? now : c->from);
    }
}

int
sets_recall_images(struct cluster *cluster, struct member_set *s, const json_t *known,
                   bool back, struct err *e)
{
    auto_changes struct image_changes was = { 0 };

    if (image_changes_from_json(known, &was, e) < 0) {
        return err_wrap(e, "the journal, of workload %s", s->name);
    }
    if (back) {
        image_changes_free(&s->images);
        s->images = was;
        was = (struct image_changes){ 0 };
        sets_take_new(cluster, s);
    } else {
        sets_take_old(s, &was, false);
    }
    return 0;
}

void
sets_learn_rewriting(struct cluster *cluster, struct member_set *s,
                     const struct member *pods, size_t n)
{
    if (cluster->plan->midway || cluster->progress.paused_now) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (pods[i].set == s) {
            image_changes_learn(&s->images, sets_object(cluster, s),
                                mirror_pod_object(cluster, pods[i].name));
        }
    }
}

bool
sets_recalls(const struct cluster *cluster, const struct member_set *s,
             const json_t *known)
{
    if (!course_is_forward(cluster->run)) {
        return true;
    }
    return (known != NULL || !s->follows) &&
           !(cluster->plan->procedure->two_sets && cluster->sets[0].absent);
}

size_t
sets_count_changes(const struct cluster *cluster, bool variables)
{
    size_t n = 0;

    for (const struct member_set *s = cluster->sets; s < cluster->sets + cluster->n_sets;
         s++) {
        n += variables ? image_changes_count_variables(&s->images)
                       : image_changes_count(&s->images);
    }
    return n;
}
