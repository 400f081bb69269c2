#include "procedure/steps.h"

#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kubedb/database.h"
#include "kubedb/pod.h"
#include "kubedb/workload.h"
#include "member/drift.h"
#include "member/patch.h"
#include "run/course.h"
#include "run/flow.h"
#include "run/wait.h"

/*
 * The steps of a rolling upgrade, but for the roll itself (step_roll.c). Every `done`
 * asks the cluster; every `run` may be repeated after any interruption.
 */

enum {
    STEP_PAUSE_HOLD_MS = 1000,
    STEP_SETTLE_HOLD_MS = 4000, /* the operator acts within it after the resume */
    STEP_SHORT_MS = 60 * 1000,
    STEP_SETTLE_MS = 5 * 60 * 1000,
    STEP_PROBE_MS = 1000,
};

/* Reads the object and parses it; the strings of `db` live as long as *object. */
static int
step_read_db(struct flow *f, json_t **object, struct database *db, struct err *e)
{
    if (flow_get_db(f, object, e) < 0 ||
        database_parse(f->target.engine, *object, db, e) < 0) {
        return -1;
    }
    f->cluster.progress.paused_now = db->paused;
    return 0;
}

/* The same by the mirror, for waits. */
static int
step_mirror_db(const struct flow *f, struct database *db, struct err *e)
{
    if (flow_db(f) == NULL || database_parse(f->target.engine, flow_db(f), db, e) < 0) {
        return err_set(e, ERR_REFUSED, "%s/%s was deleted during the run",
                       f->target.engine->name, f->target.request->name);
    }
    return 0;
}

int
step_pause_done(struct flow *f, bool *done, struct err *e)
{
    auto_json json_t *object = NULL;
    struct database db = { 0 };

    if (step_read_db(f, &object, &db, e) < 0) {
        return -1;
    }
    if (db.paused && !database_paused_by_us(&db)) {
        err_set(e, ERR_REFUSED, "%s/%s is paused by another client: %s",
                f->target.engine->name, f->target.request->name, db.paused_message);
        return err_reason(e, "operator.paused");
    }
    *done = (db.paused &&
             !database_paused_for_other(&db, f->plan.from_name, f->plan.to_name)) ||
            flow_needs_no_pause(f, &db);
    return 0;
}

static int
step_look_paused(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    struct database db = { 0 };

    (void)ctx;
    if (step_mirror_db(f, &db, e) < 0) {
        return -1;
    }
    s->done = db.paused;
    str_copy(s->now, sizeof s->now, "condition Paused is not set");
    str_copy(s->want, sizeof s->want, "condition Paused stays set");
    return 0;
}

int
step_pause_run(struct flow *f, struct err *e)
{
    struct wait w = { .id = "pause",
                      .pod = "",
                      .text = "the operator to be paused",
                      .limit_ms = STEP_SHORT_MS,
                      .hold_ms = STEP_PAUSE_HOLD_MS,
                      .probe_ms = STEP_PROBE_MS,
                      .check = step_look_paused };

    if (mutate_pause(f, e) < 0 || flow_wait(f, &w, e) < 0) {
        return -1;
    }
    f->cluster.progress.paused_ms = clock_ms();
    return 0;
}

int
step_images_done(struct flow *f, bool *done, struct err *e)
{
    *done = true;
    for (size_t i = 0; i < f->cluster.n_sets && *done; i++) {
        const struct flow_set *s = &f->cluster.sets[i];
        struct kube_ref ref = flow_ref_set(f, s);
        auto_json json_t *set = NULL;
        auto_json json_t *patch = NULL;

        if (kube_get(f->target.kube, &ref, &set, e) < 0) {
            return err_wrap(e, "workload %s", s->name);
        }
        patch = workload_images_patch(set, &s->images, flow_is_forward(f));
        *done = patch == NULL;
    }
    return 0;
}

static int
step_look_images(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    (void)ctx;
    (void)snprintf(s->want, sizeof s->want, "the %s images, unchanged",
                   flow_is_forward(f) ? "new" : "old");
    s->done = step_sets_are_right(f, s);
    if (s->reverted) {
        return world_check(f, e); /* sets them once more */
    }
    return 0;
}

int
step_images_run(struct flow *f, struct err *e)
{
    struct wait w = { .id = "images",
                      .pod = "",
                      .text = "the workload to keep its images",
                      .limit_ms = STEP_SHORT_MS,
                      .probe_ms = STEP_PROBE_MS,
                      .check = step_look_images };

    if (mutate_images(f, e) < 0) {
        return -1;
    }
    w.hold_ms = step_images_hold(f);
    return flow_wait(f, &w, e);
}

int
step_version_done(struct flow *f, bool *done, struct err *e)
{
    auto_json json_t *object = NULL;
    struct database db = { 0 };

    if (step_read_db(f, &object, &db, e) < 0) {
        return -1;
    }
    *done = str_eq(db.version, f->plan.to_name);
    return 0;
}

int
step_version_run(struct flow *f, struct err *e)
{
    return world_check(f, e) < 0 ? -1 : mutate_version(f, e);
}

int
step_resume_done(struct flow *f, bool *done, struct err *e)
{
    auto_json json_t *object = NULL;
    struct database db = { 0 };

    if (step_read_db(f, &object, &db, e) < 0) {
        return -1;
    }
    *done = !db.paused;
    return 0;
}

int
step_resume_run(struct flow *f, struct err *e)
{
    auto_json json_t *object = NULL;
    struct database db = { 0 };

    if (step_read_db(f, &object, &db, e) < 0 || world_foreign_pause(f, &db, e) < 0) {
        return -1;
    }
    return mutate_resume(f, e);
}

/* Whether all pods are those that were verified, with the wanted images, and ready. */
static bool
step_pods_are_right(const struct flow *f, struct wait_state *s)
{
    struct err ignored = { 0 };

    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        const struct flow_pod *p = &f->cluster.pods[i];
        struct pod pod = { 0 };
        const json_t *object = flow_pod_object(f, p->name);

        if (!sets_has_pod(p)) {
            continue;
        }
        if (object == NULL || pod_parse(f->target.engine, object, &pod, &ignored) < 0 ||
            !pod.ready || pod.deleting || !flow_pod_is_there(f, p)) {
            (void)snprintf(s->now, sizeof s->now,
                           "pod %s is not ready with the expected images", p->name);
            return false;
        }
    }
    return true;
}

static int
step_look_settled(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    struct database db = { 0 };

    (void)ctx;
    str_copy(s->want, sizeof s->want,
             "Ready, current generation observed, workload and pods unchanged");
    if (step_mirror_db(f, &db, e) < 0) {
        return -1;
    }
    f->cluster.progress.paused_now = db.paused;
    if (!str_eq(db.phase, "Ready")) {
        (void)snprintf(s->now, sizeof s->now, "phase %s", db.phase);
    } else if (db.observed < db.generation) {
        (void)snprintf(s->now, sizeof s->now,
                       "the operator observed generation %lld of %lld", db.observed,
                       db.generation);
    } else {
        s->done = step_sets_are_right(f, s) && step_pods_are_right(f, s) &&
                  front_is_right(f, s);
    }
    return newset_check_alone(f, e);
}

/* Settling is always waited for: that all looks well at once proves nothing, because the
 * operator may not have acted yet. */
int
step_settle_done(struct flow *f, bool *done, struct err *e)
{
    struct wait_state s = { 0 };

    *done = f->run.settled && step_look_settled(f, NULL, &s, e) == 0 && s.done;
    return 0;
}

int
step_settle_run(struct flow *f, struct err *e)
{
    struct wait w = { .id = "settle",
                      .pod = "",
                      .text = "the operator to reconcile",
                      .limit_ms = STEP_SETTLE_MS,
                      .hold_ms = STEP_SETTLE_HOLD_MS,
                      .probe_ms = STEP_PROBE_MS,
                      .check = step_look_settled };

    if (flow_wait(f, &w, e) < 0) {
        return -1;
    }
    f->run.settled = true;
    return 0;
}
