#include "member/drift.h"

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/sets.h"
#include "kube/watch.h"
#include "kubedb/checks.h"
#include "kubedb/database.h"
#include "kubedb/field_owner.h"
#include "kubedb/workload.h"
#include "member/patch.h"
#include "member/router_gate.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/run.h"
#include "run/target.h"
#include "run/wait.h"

enum { WORLD_REVERTS_MAX = 3, WORLD_STALE_MS = 30 * 1000 };

/* What would undo the run if it were set again, and how to go on. */
static int
drift_hint_owner(const struct target *target, const json_t *object,
                 const struct field_owner *owner, struct err *e)
{
    field_owner_hint(object, owner, e);
    return err_hint(e, "then: kubectl dbupgrade resume %s %s%s", target->engine->name,
                    target->request->name, target->request->command_flags);
}

int
drift_check_version(const struct cluster *cluster, const json_t *object, bool set,
                    struct err *e)
{
    static const char *const field[] = { "f:spec", "f:version", NULL };
    const struct plan *plan = cluster->plan;
    const char *version = json_path_str(object, "spec.version");
    struct field_owner owner;

    if (str_eq(version, course_goal(cluster->run)) ||
        (!set && (str_eq(version, plan->from_name) || str_eq(version, plan->to_name)))) {
        return 0;
    }
    field_owner_find(object, field, &owner);
    err_set(e, ERR_REFUSED, "spec.version of %s/%s was set%s to %s by %s",
            cluster->target->engine->name, cluster->target->request->name,
            str_eq(version, plan->from_name) ? " back" : "", version, owner.text);
    err_reason(e, "VERSION_REVERTED");
    err_hint(e, "set the version to %s there first: in git, or wherever it comes from",
             course_goal(cluster->run));
    return drift_hint_owner(cluster->target, object, &owner, e);
}

static int
drift_database(struct cluster *cluster, struct database *db, struct err *e)
{
    const json_t *object = mirror_db(cluster);

    if (object == NULL ||
        !str_eq(json_path_str(object, "metadata.uid"), cluster->target->uid)) {
        err_set(e, ERR_REFUSED, "%s/%s was deleted during the run",
                cluster->target->engine->name, cluster->target->request->name);
        return err_reason(e, "DATABASE_GONE");
    }
    if (database_parse(cluster->target->engine, object, db, e) < 0) {
        return -1;
    }
    cluster->progress.paused_now = db->paused;
    if (drift_check_version(cluster, object, false, e) < 0) {
        return -1;
    }
    if (db->deleting || db->halted) {
        err_set(e, ERR_REFUSED, "%s/%s is being %s", cluster->target->engine->name,
                cluster->target->request->name, db->deleting ? "deleted" : "halted");
        return err_reason(e, "DATABASE_GONE");
    }
    return 0;
}

int
drift_foreign_pause(const struct target *target, const struct database *db, struct err *e)
{
    if (!db->paused || database_paused_by_us(db)) {
        return 0;
    }
    err_set(e, ERR_REFUSED, "%s/%s is now paused by another client: %s",
            target->engine->name, target->request->name, db->paused_message);
    return err_reason(e, "operator.paused");
}

static int
drift_paused(struct run *run, const json_t *object, const struct database *db,
             struct err *e)
{
    static const char *const field[] = { "f:status", "f:conditions", NULL };
    struct field_owner owner;

    if (database_paused_by_us(db) || course_needs_no_pause(run, db)) {
        return 0;
    }
    if (drift_foreign_pause(run->target, db, e) < 0) {
        return -1;
    }
    field_owner_find(object, field, &owner);
    err_set(e, ERR_REFUSED,
            "the Paused condition was removed from %s/%s by %s; the operator may revert "
            "this upgrade",
            run->target->engine->name, run->target->request->name, owner.text);
    return err_reason(e, "PAUSE_LOST");
}

/* An OpsRequest that works, or is about to, on this database. */
static int
drift_ops(struct cluster *cluster, struct err *e)
{
    const char *name = NULL;
    json_t *object = NULL;
    char path[64];

    if (cluster->watch.ops == NULL) {
        return 0;
    }
    (void)snprintf(path, sizeof path, "spec.%s.name",
                   cluster->target->engine->api.ops_ref);
    json_object_foreach (json_mutable(kube_watch_objects(cluster->watch.ops)), name,
                         object) {
        const char *phase = json_path_str(object, "status.phase");

        if (str_eq(json_path_str(object, path), cluster->target->request->name) &&
            preflight_ops_is_active(phase)) {
            err_set(e, ERR_REFUSED,
                    "%s %s (%s, phase \"%s\") was created for this database",
                    cluster->target->engine->api.ops_kind, name,
                    json_path_str(object, "spec.type"), phase);
            err_reason(e, "OPS_REQUEST");
            return err_hint(e, "wait for it to finish or delete it, then resume");
        }
    }
    return 0;
}

/* The sets are there, the same, and as large as this run wants them. */
static int
drift_sets_are_ours(struct cluster *cluster, struct err *e)
{
    static const char *const field[] = { "f:spec", "f:replicas", NULL };

    for (const struct member_set *s = cluster->sets; s < cluster->sets + cluster->n_sets;
         s++) {
        const json_t *object = sets_object(cluster, s);
        long long replicas = json_path_int(object, "spec.replicas", -1);

        if (s->absent) {
            continue;
        }
        if (object == NULL || !str_eq(json_path_str(object, "metadata.uid"), s->uid)) {
            err_set(e, ERR_REFUSED, "workload %s was deleted during the run", s->name);
            return err_reason(e, "SET_GONE");
        }
        if (replicas != (long long)s->size && replicas != (long long)s->was) {
            struct field_owner owner;

            field_owner_find(object, field, &owner);
            err_set(e, ERR_REFUSED,
                    "workload %s was scaled from %zu to %lld during the run by %s",
                    s->name, s->size, replicas, owner.text);
            err_reason(e, "SET_SCALED");
            return err_hint(e, "scale it back to %zu, then resume", s->size);
        }
    }
    return 0;
}

/* What another client took back of a set: its images, or variables, or its strategy. */
struct drift_reverted {
    char what[256];
    struct field_owner owner;
};

/* Who set the first image, or variable, that is not the wanted one. */
static void
drift_find_image_owner(const struct cluster *cluster, const struct member_set *s,
                       const json_t *object, struct field_owner *out)
{
    bool wanted = course_is_forward(cluster->run);

    for (size_t i = 0; i < s->images.n; i++) {
        const struct image_change *c = &s->images.at[i];
        const char *value = workload_value(json_path(object, "spec.template.spec"), c);
        auto_free char *container = mem_printf("k:{\"name\":\"%s\"}", c->container);
        auto_free char *variable =
            mem_printf("k:{\"name\":\"%s\"}", c->variable != NULL ? c->variable : "");
        const char *const path[] = { "f:spec",
                                     "f:template",
                                     "f:spec",
                                     c->init ? "f:initContainers" : "f:containers",
                                     container,
                                     c->variable != NULL ? "f:env" : "f:image",
                                     c->variable != NULL ? variable : NULL,
                                     "f:value",
                                     NULL };

        if (!str_eq(value, wanted ? c->to : c->from)) {
            field_owner_find(object, path, out);
            return;
        }
    }
}

/* Whether a set has what this run has set; else `out` says what not, and by whom. */
static bool
drift_has_all(const struct cluster *cluster, const struct member_set *s,
              struct drift_reverted *out)
{
    static const char *const field[] = { "f:spec", "f:updateStrategy", "f:type", NULL };
    const json_t *object = sets_object(cluster, s);
    const char *strategy = json_path_str(object, "spec.updateStrategy.type");

    if (!workload_has_images(json_path(object, "spec.template.spec"), &s->images,
                             course_is_forward(cluster->run), out->what,
                             sizeof out->what)) {
        drift_find_image_owner(cluster, s, object, &out->owner);
        return false;
    }
    if (object != NULL && *strategy != '\0' && !str_eq(strategy, "OnDelete")) {
        (void)snprintf(out->what, sizeof out->what, "its update strategy is %s",
                       strategy);
        field_owner_find(object, field, &out->owner);
        return false;
    }
    return true;
}

/* Whether nothing was taken back of any set; else `out` says what. */
static bool
drift_has_images(const struct cluster *cluster, struct drift_reverted *out)
{
    for (const struct member_set *s = cluster->sets; s < cluster->sets + cluster->n_sets;
         s++) {
        if (sets_is_goal(cluster->run, s) && !s->absent &&
            !drift_has_all(cluster, s, out)) {
            return false;
        }
    }
    str_copy(out->owner.text, sizeof out->owner.text, "another client");
    return router_gate_keeps_images(cluster, out->what, sizeof out->what);
}

int
drift_refuse_images(const struct cluster *cluster, struct err *e)
{
    struct drift_reverted r = { .owner.manager = "" };

    if (drift_has_images(cluster, &r)) {
        return 0;
    }
    err_set(e, ERR_REFUSED, "the workload was reverted by %s (%s)", r.owner.text, r.what);
    err_reason(e, "IMAGES_REVERTED");
    return drift_hint_owner(cluster->target, mirror_db(cluster), &r.owner, e);
}

/* Images taken back, by a reconcile of the operator that began before the pause, are set
 * once more; an operator that keeps on is reported. */
static int
drift_images(struct cluster *cluster, struct err *e)
{
    struct drift_reverted r = { .owner.manager = "" };
    unsigned patches = cluster->progress.image_patches;

    if (drift_has_images(cluster, &r)) {
        return 0;
    }
    if (cluster->progress.reverts >= WORLD_REVERTS_MAX) {
        err_set(e, ERR_REFUSED, "the workload was reverted %u times by %s (%s)",
                cluster->progress.reverts, r.owner.text, r.what);
        err_reason(e, "IMAGES_REVERTED");
        return drift_hint_owner(cluster->target, mirror_db(cluster), &r.owner, e);
    }
    if (patch_images(cluster, e) < 0 ||
        (!router_gate_keeps_images(cluster, r.what, sizeof r.what) &&
         router_gate_mutate(cluster, e) < 0)) {
        return -1;
    }
    if (cluster->progress.image_patches > patches) { /* else only the mirror was late */
        cluster->progress.reverts++;
        emit_note(cluster->run, "the workload was reverted by %s (%s) and set again",
                  r.owner.text, r.what);
    }
    return 0;
}

/* What is decided here must rest on what is so now. */
static int
drift_is_fresh(const struct cluster *cluster, struct err *e)
{
    const struct kube_watch *const mirrors[] = { cluster->watch.db, cluster->watch.sets,
                                                 cluster->watch.pods, cluster->watch.ops,
                                                 NULL };

    /* The one of OpsRequests, the last, may be missing. */
    for (const struct kube_watch *const *w = mirrors; *w != NULL; w++) {
        const char *why = "";
        long long stale = kube_watch_stale_ms(*w, &why);

        if (stale > WORLD_STALE_MS) {
            return err_set(e, ERR_NETWORK,
                           "the API server has not answered for %llds: %s", stale / 1000,
                           why);
        }
    }
    return 0;
}

int
drift_glance(struct cluster *cluster, struct err *e)
{
    struct database db = { 0 };

    return drift_database(cluster, &db, e) < 0 ||
                   drift_paused(cluster->run, mirror_db(cluster), &db, e) < 0 ||
                   drift_ops(cluster, e) < 0 || drift_sets_are_ours(cluster, e) < 0
               ? -1
               : 0;
}

int
drift_check_early(struct cluster *cluster, struct err *e)
{
    return wait_check_stop(cluster->run, e) < 0 || drift_is_fresh(cluster, e) < 0 ||
                   drift_glance(cluster, e) < 0
               ? -1
               : 0;
}

int
drift_check(struct cluster *cluster, struct err *e)
{
    return drift_check_early(cluster, e) < 0 ? -1 : drift_images(cluster, e);
}
