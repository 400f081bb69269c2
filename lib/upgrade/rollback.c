#include "upgrade/rollback.h"

#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/reason.h"
#include "base/sig.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/session.h"
#include "engine/engine.h"
#include "kube/client.h"
#include "kubedb/catalog.h"
#include "kubedb/checks.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "member/member.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "report/bundle.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/run.h"
#include "run/wait.h"

/*
 * Walking back: because it was asked for in the midst of a run, or because a member
 * cannot start with its new images. What went forward with one table goes back with
 * another, and the journal says so first: whoever goes on with a run that was cut off
 * then goes back too.
 */

enum { TURN_PAUSE_MS = 1000, TURN_RETRY_MS = 2 * 60 * 1000 };

/* Whether a member could run with its old images again. */
static bool
rollback_may_return(struct cluster *cluster, struct member *p)
{
    const json_t *object = mirror_pod_object(cluster, p->name);
    struct member_report m = { 0 };
    struct err silent = { 0 };
    bool answers = object != NULL && session_member(cluster, p, &m, &silent) == 0;
    bool may =
        preflight_may_return(cluster->target->engine, object, &p->set->images,
                             answers ? m.version : catalog_version(cluster->plan->to),
                             catalog_version(cluster->plan->from));

    member_report_clear(&m);
    return may;
}

/* Why the run cannot turn round, or 0. */
static int
rollback_check(struct cluster *cluster, struct err *e)
{
    auto_json json_t *db = NULL;

    if (mirror_get_db(cluster->target, &db, e) < 0) {
        return -1;
    }
    if (str_eq(json_path_str(db, "spec.version"), cluster->plan->to_name)) {
        err_set(e, ERR_REFUSED, "spec.version is already %s", cluster->plan->to_name);
        return err_reason(e, "return.version");
    }
    if (cluster->plan->from == NULL) {
        err_set(e, ERR_REFUSED, "the catalog has no %s", cluster->plan->from_name);
        return err_reason(e, "return.catalog");
    }
    if (pg_upgrade_is_begun(cluster)) {
        err_set(e, ERR_REFUSED,
                "the new server has started, and data written since then exist only in "
                "the new data directory");
        return err_reason(e, "return.members");
    }
    if (replacement_check_return(cluster, e) < 0) {
        return -1;
    }
    for (size_t i = 0; cluster->plan->procedure->each_returns && i < cluster->n_pods;
         i++) {
        if (!rollback_may_return(cluster, &cluster->pods[i])) {
            err_set(e, ERR_REFUSED,
                    "%s ran the new version, and the old version cannot read its data",
                    cluster->pods[i].name);
            return err_reason(e, "return.members");
        }
    }
    return 0;
}

static void
rollback_forget(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        cluster->pods[i].verified = false;
        cluster->pods[i].revived = false;
    }
    routers_forget(cluster);
    cluster->run->settled = false;
    cluster->progress.major.promoted = false;
    cluster->progress.reverts = 0;
    cluster->progress.failed = NULL;
}

/* Turns round for good: from here on the journal says back. */
static int
rollback_round(struct cluster *cluster, struct err *e)
{
    cluster->run->direction = DIRECTION_BACK;
    if (lock_store(cluster->lock, journal_new(cluster), e) < 0) {
        return -1;
    }
    rollback_forget(cluster);
    cluster->run->step.of = step_loop_count(cluster, procedure_steps(cluster->run));
    emit_start(cluster->run);
    emit_note(cluster->run, "rolling back to %s", cluster->plan->from_name);
    return 0;
}

/* -- a member that cannot start -- */

/* Whether any other member has new images. */
static bool
rollback_is_alone(struct cluster *cluster, const struct member *p)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (&cluster->pods[i] != p && mirror_pod_is_there(cluster, &cluster->pods[i])) {
            return false;
        }
    }
    return true;
}

/* A pod that could not be created, and with the old images can, is none to be evicted. */
static int
rollback_try_rescue(struct cluster *cluster, struct member *p, struct err *e)
{
    err_clear(e);
    if (step_images_run(cluster, e) < 0) {
        return -1;
    }
    return mirror_pod_object(cluster, p->name) == NULL || mirror_pod_is_there(cluster, p)
               ? member_settle(cluster, p, e)
               : member_restart(cluster, p, e);
}

/* This member alone gets its old images. The journal goes on saying forward: if it does
 * not get well with them either, its trouble is another one, and when that is mended the
 * upgrade goes on. */
static int
rollback_rescue_one(struct cluster *cluster, struct member *p, struct err *e)
{
    long long until = clock_ms() + TURN_RETRY_MS;
    int got = 0;

    cluster->run->direction = DIRECTION_BACK;
    p->verified = false;
    while ((got = rollback_try_rescue(cluster, p, e)) < 0) {
        if (!err_is_transient(e) || e->code == ERR_TIMEOUT || clock_ms() > until ||
            wait_check_stop(cluster->run, e) < 0) {
            break;
        }
        kube_pump(cluster->target->kube, TURN_PAUSE_MS);
    }
    cluster->run->direction = DIRECTION_FORWARD;
    if (got == 0) {
        emit_note(cluster->run, "%s is running its previous images again, verified",
                  p->name);
    }
    return got;
}

/* All members are old again: what is left of the upgrade goes back too. */
static int
rollback_rescue_rest(struct cluster *cluster, struct err *e)
{
    if (rollback_round(cluster, e) < 0 ||
        step_loop_run(cluster, procedure_steps(cluster->run), e) < 0) {
        return -1;
    }
    cluster->run->walked_back = true;
    return 0;
}

/* All that was changed goes back, unless it is too late. */
static int
rollback_rescue_all(struct cluster *cluster, struct err *e)
{
    struct err trouble = { 0 };
    struct member *p = cluster->progress.failed;

    if (rollback_check(cluster, &trouble) < 0) {
        err_detail(e, "not rolled back: %s", trouble.msg);
        return -1;
    }
    bundle_keep_member(cluster, p);
    emit_warning(cluster->run, "", "%s; rolling back to the previous %s", e->msg,
                 routers_has(cluster, p)              ? "images"
                 : cluster->plan->procedure->two_sets ? "set"
                                                      : "server");
    err_clear(&trouble);
    if (rollback_rescue_rest(cluster, &trouble) < 0) {
        if (trouble.code == ERR_INTERRUPTED) {
            *e = trouble;
        } else {
            err_detail(e, "the rollback failed: %s", trouble.msg);
        }
    }
    return -1;
}

/* Gives the failed member its old images back, where that can help. The error stays the
 * one that the run failed with. */
static int
rollback_rescue(struct cluster *cluster, struct err *e)
{
    struct member *p = cluster->progress.failed;
    struct err trouble = { 0 };
    int got = 0;

    if (p == NULL || cluster->target->request->no_rescue || !reason_is_curable(e) ||
        sig_asked() != SIG_STOP_NONE) {
        return -1;
    }
    if (routers_has(cluster,
                    p)) { /* members that are new already are not given up for it */
        return rollback_is_alone(cluster, p) ? rollback_rescue_all(cluster, e) : -1;
    }
    if (!cluster->plan->procedure->each_returns) {
        return rollback_rescue_all(cluster, e);
    }
    if (!rollback_may_return(cluster, p)) {
        err_detail(e,
                   "%s was not rolled back: its server may have opened the data with the "
                   "new version, and the old version could not read them",
                   p->name);
        return -1;
    }
    bundle_keep_member(cluster, p);
    emit_warning(cluster->run, "", "%s; restoring its previous images", e->msg);
    got = rollback_rescue_one(cluster, p, &trouble);
    if (got == 0 && rollback_is_alone(cluster, p)) {
        got = rollback_rescue_rest(cluster, &trouble);
    }
    if (trouble.code == ERR_INTERRUPTED) {
        *e = trouble;
    } else if (got < 0) {
        err_detail(e, "restoring its previous images failed: %s", trouble.msg);
    } else if (!cluster->run->walked_back) {
        err_detail(e, "%s is running its previous images again, verified", p->name);
    }
    return -1;
}

int
rollback_run(struct cluster *cluster, struct err *e)
{
    for (;;) {
        struct err refused = { 0 };
        int got = step_loop_run(cluster, procedure_steps(cluster->run), e);

        if (got == 0) {
            replacement_tell_kept(cluster);
        }
        if (!course_is_forward(cluster->run)) {
            cluster->run->walked_back = got == 0;
            return got;
        }
        if (got == 0 || !cluster->lock->steer.turn || e->code != ERR_INTERRUPTED ||
            sig_asked() != SIG_STOP_NONE) {
            got = got == 0 ? 0 : rollback_rescue(cluster, e);
            if (got < 0) {
                pg_upgrade_explain(cluster, e);
            }
            return got;
        }
        err_clear(e);
        if (rollback_check(cluster, &refused) < 0 && err_is_transient(&refused)) {
            kube_pump(cluster->target->kube, TURN_PAUSE_MS);
            continue;
        }
        cluster->lock->steer.turn = false;
        if (refused.code != ERR_NONE) {
            emit_warning(cluster->run, "", "cannot roll back: %s; continuing the upgrade",
                         refused.msg);
            rollback_forget(cluster);
        } else if (rollback_round(cluster, e) < 0) {
            return -1;
        }
    }
}
