#include "cluster/origin.h"

#include <jansson.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "kubedb/database.h"
#include "kubedb/image_origin.h"
#include "kubedb/workload.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "run/course.h"
#include "run/run.h"
#include "run/target.h"

/* -- whether it was begun -- */

/* A set of this run, and whether it is that of what is in front of the members. */
struct origin_set {
    const json_t *template;
    bool front;
};

static struct origin_set
origin_set_of(struct cluster *cluster, const struct member_set *s)
{
    return (struct origin_set){ .template = sets_template(cluster, s),
                                .front = cluster->routers != NULL &&
                                         s == &cluster->routers->set };
}

/* Whether a pod spec has a version's images, as a set like this one would. */
static bool
origin_has(const struct target *target, const struct origin_set *s, const json_t *version,
           const json_t *spec)
{
    auto_changes struct image_changes c = { 0 };
    struct err ignored = { 0 };

    return version != NULL && s->template != NULL && spec != NULL &&
           (s->front ? workload_front_images : workload_images)(
               target->engine, s->template, version, &c, &ignored) == 0 &&
           workload_has_images(spec, &c, true, NULL, 0);
}

static bool
origin_is_new(const struct run *run, const struct origin_set *s, const json_t *spec)
{
    return origin_has(run->target, s, run->plan->to, spec) &&
           !origin_has(run->target, s, run->plan->from, spec);
}

static bool
origin_set_is_new(struct cluster *cluster, const struct member_set *s)
{
    const struct origin_set of = origin_set_of(cluster, s);

    return (s->made && s->seen) ||
           origin_is_new(cluster->run, &of, json_path(of.template, "spec.template.spec"));
}

static bool
origin_pod_is_new(struct cluster *cluster, const struct member *p)
{
    const struct origin_set of = origin_set_of(cluster, p->set);

    return origin_is_new(cluster->run, &of,
                         json_path(mirror_pod_object(cluster, p->name), "spec"));
}

bool
origin_is_begun(struct cluster *cluster, const struct database *db)
{
    bool begun =
        database_paused_for(db, cluster->plan->from_name, cluster->plan->to_name) ||
        str_eq(db->version, cluster->plan->to_name) ||
        (cluster->routers != NULL && origin_set_is_new(cluster, &cluster->routers->set));

    for (size_t i = 0; !begun && i < cluster->n_sets; i++) {
        begun = origin_set_is_new(cluster, &cluster->sets[i]);
    }
    for (size_t i = 0; !begun && i < cluster->n_pods; i++) {
        begun = origin_pod_is_new(cluster, &cluster->pods[i]);
    }
    for (size_t i = 0; !begun && cluster->routers != NULL && i < routers_count(cluster);
         i++) {
        begun = origin_pod_is_new(cluster, &cluster->routers->pods[i]);
    }
    return cluster->plan->resuming && begun;
}

int
origin_check_pause(const struct lock *lock, const struct database *db, struct err *e)
{
    if (!lock->plan->resuming ||
        !database_paused_for_other(db, lock->plan->from_name, lock->plan->to_name)) {
        return 0;
    }
    err_set(e, ERR_REFUSED,
            "the journal of an earlier run describes an upgrade from %s to %s, but the "
            "operator is paused for another one: %.300s",
            lock->plan->from_name, lock->plan->to_name, db->paused_message);
    return journal_hint_remove(lock, e);
}

/* -- images -- */

/* A revision has a whole template, and a set ten of them. */
static int
origin_revisions(const struct target *target, json_t **out, struct err *e)
{
    const struct kube_ref ref = { .group = "apps",
                                  .version = "v1",
                                  .resource = "controllerrevisions",
                                  .name_space = target->request->name_space };
    auto_json json_t *list = NULL;

    if (kube_list(target->kube, &ref, target->selector, &list, e) < 0) {
        return -1;
    }
    *out = json_incref(json_object_get(list, "items"));
    return 0;
}

/* What is in doubt, and why nobody can tell. */
static int
origin_refuse(const struct lock *lock, const struct image_origin *o,
              const struct image_change *c, struct err *e)
{
    struct err trouble = *e;
    char name[160];

    err_clear(e);
    err_set(e, ERR_REFUSED,
            "according to the journal of an earlier run, %s of workload %s was %.300s, "
            "but neither %s %s nor a revision or pod of the workload has it",
            image_origin_name(c, name, sizeof name), o->name, c->from,
            lock->target->engine->api.catalog_kind, lock->plan->from_name);
    if (trouble.code == ERR_FORBIDDEN) {
        err_detail(e, "not allowed: list controllerrevisions.apps");
        err_hint(e,
                 "if the journal may be right, get `list controllerrevisions.apps` "
                 "permitted in namespace %s, and run the command again; otherwise:",
                 lock->target->request->name_space);
    }
    return journal_hint_remove(lock, e);
}

/* Everything that the mirrors have; they change while the API server is asked. */
static struct image_origin
origin_of(struct cluster *cluster, const struct member_set *s, const json_t *revisions)
{
    const struct member_set *other = cluster->plan->procedure->two_sets
                                         ? &cluster->sets[s == &cluster->sets[0] ? 1 : 0]
                                         : NULL;

    return (struct image_origin){
        .engine = cluster->target->engine,
        .front = cluster->routers != NULL && s == &cluster->routers->set,
        .name = s->name,
        .uid = s->uid,
        .set = sets_template(cluster, s),
        .other = other != NULL ? sets_object(cluster, other) : NULL,
        .other_uid = other != NULL ? other->uid : NULL,
        .from = cluster->plan->from,
        .to = cluster->plan->to,
        .catalog = cluster->plan->catalog,
        .pods = kube_watch_objects(cluster->watch.pods),
        .revisions = revisions,
    };
}

/* The revisions are asked for where nothing else knows an image: who has no right to them
 * needs none as a rule. */
static int
origin_check_set(struct cluster *cluster, const struct member_set *s, const json_t *known,
                 struct err *e)
{
    auto_changes struct image_changes was = { 0 };
    auto_json json_t *revisions = NULL;
    struct image_origin o = origin_of(cluster, s, NULL);
    const struct image_change *unknown = NULL;

    if (image_changes_from_json(known, &was, e) < 0) {
        return err_wrap(e, "the journal, of workload %s", s->name);
    }
    if (image_origin_check_rows(&o, &was, !course_is_forward(cluster->run), e) < 0) {
        return journal_hint_remove(cluster->lock, e);
    }
    if (image_origin_find_unknown(&o, &was) == NULL) {
        return 0;
    }
    if (origin_revisions(cluster->target, &revisions, e) < 0 &&
        e->code != ERR_FORBIDDEN && e->code != ERR_NOT_FOUND) {
        return err_wrap(e, "the revisions of workload %s", s->name);
    }
    o = origin_of(cluster, s, revisions);
    unknown = image_origin_find_unknown(&o, &was);
    if (unknown != NULL) {
        return origin_refuse(cluster->lock, &o, unknown, e);
    }
    err_clear(e);
    return 0;
}

int
origin_check(struct cluster *cluster, struct err *e)
{
    const json_t *j = cluster->lock->journal;
    const json_t *front = json_path(j, "front.images");

    if (cluster->plan->from == NULL && !course_is_forward(cluster->run)) {
        return 0; /* return.catalog refuses it, and says why */
    }
    for (struct member_set *s = cluster->sets;
         cluster->plan->resuming && s < cluster->sets + cluster->n_sets; s++) {
        const json_t *known = sets_in_journal(j, s);

        if (sets_recalls(cluster, s, known) &&
            origin_check_set(cluster, s, known, e) < 0) {
            return -1;
        }
    }
    return cluster->plan->resuming && cluster->routers != NULL && front != NULL
               ? origin_check_set(cluster, &cluster->routers->set, front, e)
               : 0;
}
