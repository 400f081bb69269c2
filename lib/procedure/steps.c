#include "procedure/steps.h"

#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/channels.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"
#include "member/channels_stop.h"
#include "member/drift.h"
#include "member/member_state.h"
#include "member/patch.h"
#include "run/course.h"
#include "run/wait.h"

/*
 * The steps of a rolling upgrade, but for the roll itself (roll.c). Every `done`
 * asks the cluster; every `run` may be repeated after any interruption.
 */

enum {
    STEP_PAUSE_HOLD_MS = 1000,
    STEP_SETTLE_HOLD_MS = 4000, /* the operator acts within it after the resume */
    STEP_SHORT_MS = 60 * 1000,
    STEP_SETTLE_MS = 5 * 60 * 1000,
    STEP_PROBE_MS = 1000,
    STEP_VERSION_TRIES = 3,
    STEP_REVERTED_MS = 30 * 1000, /* what takes as long is no glitch of a reconcile */
};

/* Reads the object and parses it; the strings of `db` live as long as *object. */
static int
step_read_db(struct cluster *cluster, json_t **object, struct database *db, struct err *e)
{
    if (mirror_get_db(cluster->target, object, e) < 0 ||
        database_parse(cluster->target->engine, *object, db, e) < 0) {
        return -1;
    }
    cluster->progress.paused_now = db->paused;
    return 0;
}

/* The same by the mirror, for waits. */
static int
step_mirror_db(const struct cluster *cluster, struct database *db, struct err *e)
{
    if (mirror_db(cluster) == NULL ||
        database_parse(cluster->target->engine, mirror_db(cluster), db, e) < 0) {
        return err_set(e, ERR_REFUSED, "%s/%s was deleted during the run",
                       cluster->target->engine->name, cluster->target->request->name);
    }
    return 0;
}

int
step_pause_done(struct cluster *cluster, bool *done, struct err *e)
{
    auto_json json_t *object = NULL;
    struct database db = { 0 };

    if (step_read_db(cluster, &object, &db, e) < 0) {
        return -1;
    }
    if (db.paused && !database_paused_by_us(&db)) {
        err_set(e, ERR_REFUSED, "%s/%s is paused by another client: %s",
                cluster->target->engine->name, cluster->target->request->name,
                db.paused_message);
        return err_reason(e, "operator.paused");
    }
    *done = (db.paused && !database_paused_for_other(&db, cluster->plan->from_name,
                                                     cluster->plan->to_name)) ||
            course_needs_no_pause(cluster->run, &db);
    return 0;
}

static int
step_look_paused(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct database db = { 0 };

    (void)ctx;
    if (step_mirror_db(cluster, &db, e) < 0) {
        return -1;
    }
    s->done = db.paused;
    str_copy(s->now, sizeof s->now, "condition Paused is not set");
    str_copy(s->want, sizeof s->want, "condition Paused stays set");
    return 0;
}

int
step_pause_run(struct cluster *cluster, struct err *e)
{
    struct wait w = { .id = "pause",
                      .pod = "",
                      .text = "the operator to be paused",
                      .limit_ms = STEP_SHORT_MS,
                      .hold_ms = STEP_PAUSE_HOLD_MS,
                      .probe_ms = STEP_PROBE_MS,
                      .check = step_look_paused,
                      .on = cluster };

    if (patch_pause(cluster, e) < 0 || wait_until(cluster->run, &w, e) < 0) {
        return -1;
    }
    cluster->progress.paused_ms = clock_ms();
    return 0;
}

int
step_images_done(struct cluster *cluster, bool *done, struct err *e)
{
    *done = true;
    for (size_t i = 0; i < cluster->n_sets && *done; i++) {
        const struct member_set *s = &cluster->sets[i];
        struct kube_ref ref = mirror_ref_set(cluster->target, s);
        auto_json json_t *set = NULL;
        auto_json json_t *patch = NULL;

        if (kube_get(cluster->target->kube, &ref, &set, e) < 0) {
            return err_wrap(e, "workload %s", s->name);
        }
        patch = workload_images_patch(set, &s->images, course_is_forward(cluster->run));
        *done = patch == NULL;
    }
    return 0;
}

static int
step_look_images(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;

    (void)ctx;
    (void)snprintf(s->want, sizeof s->want, "the %s images, unchanged",
                   course_is_forward(cluster->run) ? "new" : "old");
    s->done = step_sets_are_right(cluster, s);
    if (s->reverted) {
        return drift_check(cluster, e); /* sets them once more */
    }
    return 0;
}

int
step_images_run(struct cluster *cluster, struct err *e)
{
    struct wait w = { .id = "images",
                      .pod = "",
                      .text = "the workload to keep its images",
                      .limit_ms = STEP_SHORT_MS,
                      .probe_ms = STEP_PROBE_MS,
                      .check = step_look_images,
                      .on = cluster };

    if (patch_images(cluster, e) < 0) {
        return -1;
    }
    w.hold_ms = step_images_hold(cluster);
    return wait_until(cluster->run, &w, e);
}

int
step_channels_done(struct cluster *cluster, bool *done, struct err *e)
{
    (void)e;
    *done = !channels_any_stopped(cluster);
    return 0;
}

int
step_channels_run(struct cluster *cluster, struct err *e)
{
    return drift_check(cluster, e) < 0 ? -1 : channels_start(cluster, e);
}

int
step_version_done(struct cluster *cluster, bool *done, struct err *e)
{
    auto_json json_t *object = NULL;
    struct database db = { 0 };

    if (step_read_db(cluster, &object, &db, e) < 0) {
        return -1;
    }
    *done = str_eq(db.version, cluster->plan->to_name);
    return 0;
}

int
step_version_run(struct cluster *cluster, struct err *e)
{
    auto_json json_t *object = NULL;

    if (drift_check(cluster, e) < 0) {
        return -1;
    }
    if (cluster->progress.version_patches >= STEP_VERSION_TRIES) {
        return mirror_get_db(cluster->target, &object, e) < 0
                   ? -1
                   : drift_check_version(cluster, object, true, e);
    }
    if (patch_version(cluster, e) < 0) {
        return -1;
    }
    cluster->progress.version_patches++;
    return 0;
}

int
step_resume_done(struct cluster *cluster, bool *done, struct err *e)
{
    auto_json json_t *object = NULL;
    struct database db = { 0 };

    if (step_read_db(cluster, &object, &db, e) < 0) {
        return -1;
    }
    *done = !db.paused;
    return 0;
}

int
step_resume_run(struct cluster *cluster, struct err *e)
{
    auto_json json_t *object = NULL;
    struct database db = { 0 };

    if (step_read_db(cluster, &object, &db, e) < 0 ||
        drift_foreign_pause(cluster->target, &db, e) < 0 ||
        drift_check_version(cluster, object, true, e) < 0) {
        return -1;
    }
    return patch_resume(cluster, e);
}

/* Whether all pods are those that were verified, with the wanted images, and ready. */
static bool
step_pods_are_right(const struct cluster *cluster, struct wait_state *s)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (sets_has_pod(&cluster->pods[i]) &&
            !member_look_pod(cluster, &cluster->pods[i], s)) {
            return false;
        }
    }
    return true;
}

/* Nothing sets the sets' images again when the operator is resumed. */
static int
step_check_reverted(struct cluster *cluster, const struct wait_state *s, struct err *e)
{
    long long now = clock_ms();

    if (!s->reverted) {
        cluster->progress.reverted_ms = 0;
        return 0;
    }
    cluster->progress.reverted_ms =
        cluster->progress.reverted_ms != 0 ? cluster->progress.reverted_ms : now;
    return now - cluster->progress.reverted_ms < STEP_REVERTED_MS
               ? 0
               : drift_refuse_images(cluster, e);
}

static int
step_look_settled(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct database db = { 0 };

    (void)ctx;
    str_copy(s->want, sizeof s->want,
             "Ready, current generation observed, workload and pods unchanged");
    if (step_mirror_db(cluster, &db, e) < 0 ||
        drift_check_version(cluster, mirror_db(cluster), true, e) < 0) {
        return -1;
    }
    cluster->progress.paused_now = db.paused;
    if (!str_eq(db.phase, "Ready")) {
        (void)snprintf(s->now, sizeof s->now, "phase %s", db.phase);
    } else if (db.observed < db.generation) {
        (void)snprintf(s->now, sizeof s->now,
                       "the operator observed generation %lld of %lld", db.observed,
                       db.generation);
    } else {
        s->done = step_sets_are_right(cluster, s) && step_pods_are_right(cluster, s) &&
                  routers_is_right(cluster, s);
    }
    return step_check_reverted(cluster, s, e) < 0 ? -1
                                                  : replacement_check_alone(cluster, e);
}

/* Settling is always waited for: that all looks well at once proves nothing, because the
 * operator may not have acted yet. */
int
step_settle_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct wait_state s = { 0 };

    *done =
        cluster->run->settled && step_look_settled(cluster, NULL, &s, e) == 0 && s.done;
    return 0;
}

int
step_settle_run(struct cluster *cluster, struct err *e)
{
    struct wait w = { .id = "settle",
                      .pod = "",
                      .text = "the operator to reconcile",
                      .limit_ms = STEP_SETTLE_MS,
                      .hold_ms = STEP_SETTLE_HOLD_MS,
                      .probe_ms = STEP_PROBE_MS,
                      .check = step_look_settled,
                      .on = cluster };

    if (wait_until(cluster->run, &w, e) < 0) {
        return -1;
    }
    cluster->run->settled = true;
    return 0;
}
