#include <jansson.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "kubedb/catalog.h"
#include "kubedb/replacement_set.h"
#include "kubedb/workload.h"
#include "lock/journal.h"
#include "run/course.h"
#include "run/plan.h"
#include "run/target.h"

/*
 * Which sets an upgrade by a new set deals with: the first of them is that from
 * before, the second is made by it. Both are known all the time, there or not.
 */

enum { NEWSET_OLD, NEWSET_MADE };

struct member_set *
replacement_goal(struct cluster *cluster)
{
    return &cluster->sets[course_is_forward(cluster->run) ? NEWSET_MADE : NEWSET_OLD];
}

struct member_set *
replacement_other(struct cluster *cluster)
{
    return &cluster->sets[course_is_forward(cluster->run) ? NEWSET_OLD : NEWSET_MADE];
}

const struct member_set *
replacement_made(const struct cluster *cluster)
{
    return &cluster->sets[NEWSET_MADE];
}

bool
replacement_is_goal_pod(const struct cluster *cluster, const struct member *p)
{
    return sets_is_goal(cluster->run, p->set);
}

bool
replacement_is_other_pod(const struct cluster *cluster, const struct member *p)
{
    return !sets_is_goal(cluster->run, p->set);
}

bool
replacement_is_same_version(const struct plan *plan)
{
    return engine_version_number(catalog_version(plan->from)) ==
           engine_version_number(catalog_version(plan->to));
}

/* -- the name of the one that is made -- */

static void
replacement_count_above(const json_t *list, const char *database,
                        long long (*number)(const char *database, const char *name),
                        long long *n)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (json_path(list, "items"), i, item) {
        long long k = number(database, json_path_str(item, "metadata.name"));

        *n = k >= *n ? k + 1 : *n;
    }
}

/* One above that of every set and every claim of this name, whosever they are: a claim
 * that is left would give its data to a new pod. Who may not look at claims is refused
 * later, with all rights that are missing. */
static int
replacement_choose_name(struct cluster *cluster, char **name, struct err *e)
{
    struct kube_ref sets = mirror_ref_set(cluster->target, &cluster->sets[NEWSET_OLD]);
    const struct kube_ref claims = { .group = "",
                                     .version = "v1",
                                     .resource = "persistentvolumeclaims",
                                     .name_space = cluster->target->request->name_space };
    auto_json json_t *all_sets = NULL;
    auto_json json_t *all_claims = NULL;
    long long n = 1;

    sets.name = NULL;
    if (kube_list(cluster->target->kube, &sets, NULL, &all_sets, e) < 0) {
        return err_wrap(e, "the workloads");
    }
    if (kube_list(cluster->target->kube, &claims, NULL, &all_claims, e) < 0) {
        if (e->code != ERR_FORBIDDEN) {
            return err_wrap(e, "the PVCs");
        }
        err_clear(e);
    }
    replacement_count_above(all_sets, cluster->target->request->name, new_set_number, &n);
    replacement_count_above(all_claims, cluster->target->request->name,
                            new_set_claim_number, &n);
    *name = mem_printf("%s-%lld", cluster->target->request->name, n);
    return 0;
}

/* -- the sets -- */

/* Adds one by its name; `object`: as it is there, or NULL; `uid`: as it was. */
static void
replacement_add(struct cluster *cluster, const char *name, const json_t *object,
                const char *uid, size_t replicas)
{
    struct member_set *s = &cluster->sets[cluster->n_sets++];
    long long size = json_path_int(object, "spec.replicas", 0);

    *s = (struct member_set){
        .name = mem_strdup(name),
        .uid = mem_strdup(object != NULL ? json_path_str(object, "metadata.uid") : uid),
        .replicas = replicas,
        .size = size > 0 ? (size_t)size : 0,
        .was = size > 0 ? (size_t)size : 0,
        .absent = object == NULL,
        .seen = object != NULL,
        .made = cluster->n_sets == NEWSET_MADE + 1
    };
    sets_add_pods(cluster, s);
}

static int
replacement_add_made(struct cluster *cluster, struct err *e)
{
    struct member_set *old = &cluster->sets[NEWSET_OLD];
    auto_free char *name = NULL;

    if (2 * old->replicas > MEMBERS_MAX) {
        return err_set(e, ERR_REFUSED, "%zu members exceed the limit of %d",
                       2 * old->replicas, (int)MEMBERS_MAX);
    }
    if (replacement_choose_name(cluster, &name, e) < 0) {
        return -1;
    }
    replacement_add(cluster, name, NULL, "", old->replicas);
    return 0;
}

/* A set of a list that has this name and uid. Before the journal could be told its uid,
 * the one that is made is known by its mark, which an operator may take away later. */
static const json_t *
replacement_find(const struct target *target, const json_t *list, const char *name,
                 const char *uid)
{
    size_t i = 0;
    json_t *set = NULL;

    json_array_foreach (json_path(list, "items"), i, set) {
        if (str_eq(json_path_str(set, "metadata.name"), name) &&
            workload_is_of_members(set, target->uid) &&
            (*uid != '\0' ? str_eq(json_path_str(set, "metadata.uid"), uid)
                          : new_set_is_of(set, target->uid))) {
            return set;
        }
    }
    return NULL;
}

/* Whether a set may be called so that belongs to this procedure: as the database, or as
 * replacement_choose_name() says. */
static bool
replacement_is_name(const struct target *target, const char *name)
{
    return str_eq(name, target->request->name) ||
           new_set_number(target->request->name, name) >= 0;
}

/* What the journal says of the sets must fit what the cluster knows: its names are those
 * of an upgrade of this database, and there are as many members as it is to have. */
static int
replacement_check_journal(const struct cluster *cluster, const json_t *is_old,
                          struct err *e)
{
    const json_t *j = cluster->lock->journal;
    const char *old = json_path_str(j, "set");
    const char *made = json_path_str(j, "new_set.set");
    long long replicas = json_path_int(j, "new_set.replicas", 0);
    long long wanted = json_path_int(mirror_db(cluster), "spec.replicas", replicas);

    if (new_set_number(cluster->target->request->name, made) < 0 || str_eq(made, old) ||
        (is_old == NULL && !replacement_is_name(cluster->target, old))) {
        err_set(e, ERR_REFUSED,
                "the journal of an earlier run cannot be read: set %s, new_set.set %s: "
                "no upgrade of %s uses these workloads",
                old, made, cluster->target->request->name);
        return journal_hint_remove(cluster->lock, e);
    }
    if (replicas < 1 || replicas > MEMBERS_MAX / 2 || replicas != wanted) {
        err_set(e, ERR_REFUSED,
                "according to the journal of an earlier run, %s has %lld member%s, but "
                "spec.replicas is %lld",
                cluster->target->request->name, replicas, replicas == 1 ? "" : "s",
                wanted);
        err_hint(e,
                 "if it was scaled, set spec.replicas to %lld until the upgrade has "
                 "ended; otherwise:",
                 replicas);
        return journal_hint_remove(cluster->lock, e);
    }
    return 0;
}

/* Those of the journal. */
static int
replacement_recall(struct cluster *cluster, const json_t *list, struct err *e)
{
    const json_t *j = cluster->lock->journal;
    const char *old = json_path_str(j, "set");
    const char *made = json_path_str(j, "new_set.set");
    const char *old_uid = json_path_str(j, "new_set.old_uid");
    const char *uid = json_path_str(j, "new_set.uid");
    const json_t *is_old = replacement_find(cluster->target, list, old, old_uid);
    const json_t *is_made = replacement_find(cluster->target, list, made, uid);
    size_t replicas = (size_t)json_path_int(j, "new_set.replicas", 0);

    if (replacement_check_journal(cluster, is_old, e) < 0) {
        return -1;
    }
    if (is_old == NULL && is_made == NULL) {
        cluster->set_trouble =
            mem_printf("neither workload %s nor workload %s exists", old, made);
        return 0;
    }
    replacement_add(cluster, old, is_old, old_uid, replicas);
    replacement_add(cluster, made, is_made, uid, replicas);
    return 0;
}

int
replacement_choose(struct cluster *cluster, const json_t *list, struct err *e)
{
    struct err none = { 0 };
    const json_t *members = NULL;

    if (cluster->plan->resuming) {
        return replacement_recall(cluster, list, e);
    }
    members =
        workload_find(list, cluster->target->request->name, cluster->target->uid, &none);
    if (members == NULL) {
        cluster->set_trouble = mem_strdup(none.msg);
        replacement_explain_two(cluster, list);
        return 0;
    }
    return sets_add(cluster, members, false, e) < 0 ? -1
                                                    : replacement_add_made(cluster, e);
}

void
replacement_to_journal(const struct cluster *cluster, json_t *journal)
{
    const struct member_set *made = &cluster->sets[NEWSET_MADE];

    if (cluster->plan->procedure->two_sets) {
        (void)json_object_set_new(journal, "strategy", json_string("new-set"));
        (void)json_object_set_new(
            journal, "new_set",
            mem_check(json_pack("{s:s, s:s, s:s, s:I, s:b, s:o}", "set", made->name,
                                "uid", made->uid, "old_uid",
                                cluster->sets[NEWSET_OLD].uid, "replicas",
                                (json_int_t)made->replicas, "delete_old_data",
                                cluster->plan->wishes.delete_old_data ||
                                    cluster->plan->unsaid.delete_old_data,
                                "images", image_changes_to_json(&made->images))));
    }
}

/* -- sets that should not be -- */

static bool
replacement_is_in(const json_t *list, const char *name)
{
    size_t i = 0;
    json_t *set = NULL;

    json_array_foreach (json_path(list, "items"), i, set) {
        if (str_eq(json_path_str(set, "metadata.name"), name)) {
            return true;
        }
    }
    return false;
}

void
replacement_explain_two(struct cluster *cluster, const json_t *list)
{
    size_t i = 0;
    json_t *set = NULL;

    json_array_foreach (json_path(list, "items"), i, set) {
        auto_free char *from = new_set_mark(set, "from");
        auto_free char *to = new_set_mark(set, "to");
        auto_free char *old = new_set_mark(set, "set");
        char *more = NULL;

        if (cluster->set_trouble == NULL || !new_set_is_of(set, cluster->target->uid) ||
            !replacement_is_in(list, old)) {
            continue;
        }
        more = mem_printf("%s: %s was created by an upgrade from %s to %s whose journal "
                          "is missing; remove one of the two: scale it down to 0 members "
                          "one at a time, the primary last, and delete it",
                          cluster->set_trouble, json_path_str(set, "metadata.name"), from,
                          to);
        free(cluster->set_trouble);
        cluster->set_trouble = more;
    }
}

int
replacement_check_alone(struct cluster *cluster, struct err *e)
{
    const char *name = NULL;
    json_t *set = NULL;

    if (!cluster->plan->procedure->two_sets) {
        return 0;
    }
    json_object_foreach (json_mutable(kube_watch_objects(cluster->watch.sets)), name,
                         set) {
        if (!workload_is_of_members(set, cluster->target->uid) ||
            str_eq(name, cluster->sets[NEWSET_OLD].name) ||
            str_eq(name, cluster->sets[NEWSET_MADE].name)) {
            continue;
        }
        return err_set(e, ERR_REFUSED, "workload %s was created beside %s", name,
                       replacement_goal(cluster)->name);
    }
    if (replacement_other(cluster)->absent &&
        sets_object(cluster, replacement_other(cluster)) != NULL) {
        err_set(e, ERR_REFUSED,
                "the operator recreated workload %s: it does not accept %s",
                replacement_other(cluster)->name, replacement_goal(cluster)->name);
        err_reason(e, "SECOND_SET");
        return err_hint(e,
                        "pause it (kubectl dba pause %s %s%s), scale %s to 0 and delete "
                        "it; ask KubeDB support before you resume the operator",
                        cluster->target->engine->name, cluster->target->request->name,
                        cluster->target->request->command_flags,
                        replacement_other(cluster)->name);
    }
    return 0;
}
