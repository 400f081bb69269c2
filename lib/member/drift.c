#include "member/drift.h"

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/mirror.h"
#include "cluster/sets.h"
#include "kube/watch.h"
#include "kubedb/checks.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"
#include "member/patch.h"
#include "member/router_gate.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/flow.h"
#include "run/wait.h"

enum { WORLD_REVERTS_MAX = 3, WORLD_STALE_MS = 30 * 1000 };

static int
world_database(struct flow *f, struct database *db, struct err *e)
{
    const json_t *object = flow_db(f);

    if (object == NULL || !str_eq(json_path_str(object, "metadata.uid"), f->target.uid)) {
        err_set(e, ERR_REFUSED, "%s/%s was deleted during the run",
                f->target.engine->name, f->target.request->name);
        return err_reason(e, "DATABASE_GONE");
    }
    if (database_parse(f->target.engine, object, db, e) < 0) {
        return -1;
    }
    f->cluster.progress.paused_now = db->paused;
    if (db->deleting || db->halted) {
        err_set(e, ERR_REFUSED, "%s/%s is being %s", f->target.engine->name,
                f->target.request->name, db->deleting ? "deleted" : "halted");
        return err_reason(e, "DATABASE_GONE");
    }
    return 0;
}

int
world_foreign_pause(const struct flow *f, const struct database *db, struct err *e)
{
    if (!db->paused || database_paused_by_us(db)) {
        return 0;
    }
    err_set(e, ERR_REFUSED, "%s/%s is now paused by another client: %s",
            f->target.engine->name, f->target.request->name, db->paused_message);
    return err_reason(e, "operator.paused");
}

static int
world_paused(struct flow *f, const struct database *db, struct err *e)
{
    if (database_paused_by_us(db) || flow_needs_no_pause(f, db)) {
        return 0;
    }
    if (world_foreign_pause(f, db, e) < 0) {
        return -1;
    }
    err_set(e, ERR_REFUSED,
            "the Paused condition was removed from %s/%s; the operator may revert this "
            "upgrade",
            f->target.engine->name, f->target.request->name);
    return err_reason(e, "PAUSE_LOST");
}

/* An OpsRequest that works, or is about to, on this database. */
static int
world_ops(struct flow *f, struct err *e)
{
    const char *name = NULL;
    json_t *object = NULL;
    char path[64];

    if (f->cluster.watch.ops == NULL) {
        return 0;
    }
    (void)snprintf(path, sizeof path, "spec.%s.name", f->target.engine->ops_ref);
    json_object_foreach (json_mutable(kube_watch_objects(f->cluster.watch.ops)), name,
                         object) {
        const char *phase = json_path_str(object, "status.phase");

        if (str_eq(json_path_str(object, path), f->target.request->name) &&
            preflight_ops_is_active(phase)) {
            err_set(e, ERR_REFUSED,
                    "%s %s (%s, phase \"%s\") was created for this database",
                    f->target.engine->ops_kind, name, json_path_str(object, "spec.type"),
                    phase);
            err_reason(e, "OPS_REQUEST");
            return err_hint(e, "wait for it to finish or delete it, then resume");
        }
    }
    return 0;
}

/* The sets are there, the same, and as large as this run wants them. */
static int
world_sets_are_ours(struct flow *f, struct err *e)
{
    for (const struct flow_set *s = f->cluster.sets;
         s < f->cluster.sets + f->cluster.n_sets; s++) {
        const json_t *object = sets_object(f, s);
        long long replicas = json_path_int(object, "spec.replicas", -1);

        if (s->absent) {
            continue;
        }
        if (object == NULL || !str_eq(json_path_str(object, "metadata.uid"), s->uid)) {
            err_set(e, ERR_REFUSED, "workload %s was deleted during the run", s->name);
            return err_reason(e, "SET_GONE");
        }
        if (replicas != (long long)s->size && replicas != (long long)s->was) {
            err_set(e, ERR_REFUSED,
                    "workload %s was scaled from %zu to %lld during the run", s->name,
                    s->size, replicas);
            err_reason(e, "SET_SCALED");
            return err_hint(e, "scale it back to %zu, then resume", s->size);
        }
    }
    return 0;
}

/* Whether no set's images were taken back; else `differs` says which. */
static bool
world_has_images(const struct flow *f, char *differs, size_t size)
{
    for (const struct flow_set *s = f->cluster.sets;
         s < f->cluster.sets + f->cluster.n_sets; s++) {
        if (sets_is_goal(f, s) && !s->absent &&
            !workload_has_images(json_path(sets_object(f, s), "spec.template.spec"),
                                 &s->images, flow_is_forward(f), differs, size)) {
            return false;
        }
    }
    return front_keeps_images(f, differs, size);
}

/* Images taken back, by a reconcile of the operator that began before the pause, are set
 * once more; an operator that keeps on is reported. */
static int
world_images(struct flow *f, struct err *e)
{
    char differs[256] = "";
    unsigned patches = f->cluster.progress.image_patches;

    if (world_has_images(f, differs, sizeof differs)) {
        return 0;
    }
    if (f->cluster.progress.reverts >= WORLD_REVERTS_MAX) {
        err_set(e, ERR_REFUSED,
                "the workload's images were reverted %u times by another client (%s)",
                f->cluster.progress.reverts, differs);
        return err_reason(e, "IMAGES_REVERTED");
    }
    if (mutate_images(f, e) < 0 ||
        (!front_keeps_images(f, differs, sizeof differs) && front_mutate(f, e) < 0)) {
        return -1;
    }
    if (f->cluster.progress.image_patches > patches) { /* else only the mirror was late */
        f->cluster.progress.reverts++;
        tell_note(f, "the workload's images were reverted (%s) and set again", differs);
    }
    return 0;
}

/* What is decided here must rest on what is so now. */
static int
world_is_fresh(const struct flow *f, struct err *e)
{
    const struct kube_watch *const mirrors[] = { f->cluster.watch.db,
                                                 f->cluster.watch.sets,
                                                 f->cluster.watch.pods,
                                                 f->cluster.watch.ops, NULL };

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
world_glance(struct flow *f, struct err *e)
{
    struct database db = { 0 };

    return world_database(f, &db, e) < 0 || world_paused(f, &db, e) < 0 ||
                   world_ops(f, e) < 0 || world_sets_are_ours(f, e) < 0
               ? -1
               : 0;
}

int
world_check_early(struct flow *f, struct err *e)
{
    return flow_check_stop(f, e) < 0 || world_is_fresh(f, e) < 0 || world_glance(f, e) < 0
               ? -1
               : 0;
}

int
world_check(struct flow *f, struct err *e)
{
    return world_check_early(f, e) < 0 ? -1 : world_images(f, e);
}
