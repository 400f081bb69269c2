#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "member/proxy_config.h"

/*
 * The steps of a rolling upgrade, but for the roll itself (step_roll.c). Every `done`
 * asks the cluster; every `run` may be repeated after any interruption.
 */

enum {
    STEP_PAUSE_HOLD_MS = 1000,
    STEP_ROUND_MS = 3000,       /* a reconcile begun before the pause may last so long */
    STEP_SETTLE_HOLD_MS = 4000, /* the operator acts within it after the resume */
    STEP_SHORT_MS = 60 * 1000,
    STEP_SETTLE_MS = 5 * 60 * 1000,
    STEP_PROBE_MS = 1000,
};

/* Reads the object and parses it; the strings of `db` live as long as *object. */
static int
step_read_db(struct flow *f, json_t **object, struct database *db, struct err *e)
{
    if (flow_get_db(f, object, e) < 0 || database_parse(f->en, *object, db, e) < 0) {
        return -1;
    }
    f->paused_now = db->paused;
    return 0;
}

/* The same by the mirror, for waits. */
static int
step_mirror_db(const struct flow *f, struct database *db, struct err *e)
{
    if (flow_db(f) == NULL || database_parse(f->en, flow_db(f), db, e) < 0) {
        return err_set(e, ERR_REFUSED, "%s/%s was deleted meanwhile", f->en->name,
                       f->rq->name);
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
        err_set(e, ERR_REFUSED, "%s/%s is paused by someone else: %s", f->en->name,
                f->rq->name, db.paused_message);
        return err_reason(e, "operator.paused");
    }
    *done = (db.paused && !database_paused_for_other(&db, f->from_name, f->to_name)) ||
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
    str_copy(s->now, sizeof s->now, "condition Paused is not there");
    str_copy(s->want, sizeof s->want, "Paused stays");
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
    f->paused_ms = clock_ms();
    return 0;
}

/* How long the set's images must stay to be certain that they do: until a reconcile that
 * began before the pause has ended. When an earlier run, or nobody, paused is not known.
 */
long long
step_images_hold(const struct flow *f)
{
    long long rest = f->paused_ms + STEP_ROUND_MS - clock_ms();

    return f->paused_ms == 0 ? STEP_ROUND_MS : (rest > 0 ? rest : 0);
}

bool
step_set_is_right(const struct flow *f, const struct flow_set *set, struct wait_state *s)
{
    const json_t *object = sets_object(f, set);
    struct err ignored = { 0 };
    struct workload w = { 0 };

    if (object == NULL || workload_parse(object, &w, &ignored) < 0) {
        str_copy(s->now, sizeof s->now, "the set is gone");
        return false;
    }
    if (!workload_has_images(json_path(object, "spec.template.spec"), &set->images,
                             flow_is_forward(f), s->now, sizeof s->now)) {
        return false;
    }
    if (w.observed < w.generation) {
        (void)snprintf(s->now, sizeof s->now,
                       "its controller saw generation %lld of %lld", w.observed,
                       w.generation);
        return false;
    }
    return true;
}

static bool
step_sets_are_right(const struct flow *f, struct wait_state *s)
{
    bool right = f->n_sets > 0;

    for (size_t i = 0; i < f->n_sets && right; i++) {
        right = !sets_is_goal(f, &f->sets[i]) || step_set_is_right(f, &f->sets[i], s);
    }
    return right;
}

int
step_images_done(struct flow *f, bool *done, struct err *e)
{
    *done = true;
    for (size_t i = 0; i < f->n_sets && *done; i++) {
        const struct flow_set *s = &f->sets[i];
        struct kube_ref ref = flow_ref_set(f, s);
        auto_json json_t *set = NULL;
        auto_json json_t *patch = NULL;

        if (kube_get(f->k, &ref, &set, e) < 0) {
            return err_wrap(e, "the set %s", s->name);
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
    (void)snprintf(s->want, sizeof s->want, "the %s images, and they stay",
                   flow_is_forward(f) ? "new" : "old");
    s->done = step_sets_are_right(f, s);
    if (!s->done && s->now[0] != '\0' && strstr(s->now, "generation") == NULL) {
        return world_check(f, e); /* sets them once more */
    }
    return 0;
}

int
step_images_run(struct flow *f, struct err *e)
{
    struct wait w = { .id = "images",
                      .pod = "",
                      .text = "the set to keep its images",
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
    *done = str_eq(db.version, f->to_name);
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

    for (size_t i = 0; i < f->n_pods; i++) {
        const struct flow_pod *p = &f->pods[i];
        struct pod pod = { 0 };
        const json_t *object = flow_pod_object(f, p->name);

        if (!sets_has_pod(p)) {
            continue;
        }
        if (object == NULL || pod_parse(f->en, object, &pod, &ignored) < 0 ||
            !pod.ready || pod.deleting || !member_is_there(f, p)) {
            (void)snprintf(s->now, sizeof s->now,
                           "pod %s is not ready with the wanted images", p->name);
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
             "Ready, all seen by the operator, set and pods left alone");
    if (step_mirror_db(f, &db, e) < 0) {
        return -1;
    }
    f->paused_now = db.paused;
    if (!str_eq(db.phase, "Ready")) {
        (void)snprintf(s->now, sizeof s->now, "phase %s", db.phase);
    } else if (db.observed < db.generation) {
        (void)snprintf(s->now, sizeof s->now, "the operator saw generation %lld of %lld",
                       db.observed, db.generation);
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

    *done = f->settled && step_look_settled(f, NULL, &s, e) == 0 && s.done;
    return 0;
}

int
step_settle_run(struct flow *f, struct err *e)
{
    struct wait w = { .id = "settle",
                      .pod = "",
                      .text = "the operator to agree",
                      .limit_ms = STEP_SETTLE_MS,
                      .hold_ms = STEP_SETTLE_HOLD_MS,
                      .probe_ms = STEP_PROBE_MS,
                      .check = step_look_settled };

    if (flow_wait(f, &w, e) < 0) {
        return -1;
    }
    f->settled = true;
    return 0;
}

const struct flow_step flow_rolling[] = {
    { FLOW_STEP(pause, "pause the operator", "resume"), .reversible = true },
    { FLOW_STEP(save, "save the runtime configuration to disk", "-"), .reversible = true,
      .applies = config_is_to_be_saved },
    { FLOW_STEP(images, "set the new images", "set old images"), .reversible = true },
    { FLOW_STEP(front, "restart the routers", "set old images, restart"),
      .reversible = true, .applies = front_is_there },
    { FLOW_STEP(roll, "restart", "set old images, delete pod"), .each_pod = true },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(version, "set spec.version", "-") },
    { FLOW_STEP(resume, "resume the operator", "-") },
    { FLOW_STEP(settle, "wait until the operator agrees", "-") },
    { 0 },
};

/* The way back is a table of its own rather than the other one read upwards: the set's
 * images must be the old ones before its pods can be. */
const struct flow_step flow_walk_back[] = {
    { FLOW_STEP(pause, "pause the operator", "resume") },
    { FLOW_STEP(images, "set the old images", "-") },
    { FLOW_STEP(roll, "restart", "-"), .each_pod = true },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(front, "restart the routers", "-"), .applies = front_is_there },
    { FLOW_STEP(resume, "resume the operator", "-") },
    { FLOW_STEP(settle, "wait until the operator agrees", "-") },
    { 0 },
};
