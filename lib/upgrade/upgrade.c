#include "upgrade/upgrade.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/baseline.h"
#include "cluster/channels.h"
#include "cluster/cluster.h"
#include "cluster/discover.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "cluster/origin.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "cluster/state_transfer.h"
#include "kube/client.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "member/channels_stop.h"
#include "member/switchover.h"
#include "preflight/preflight.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "report/advice.h"
#include "report/exit_status.h"
#include "report/plan.h"
#include "report/result.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/outage.h"
#include "run/request.h"
#include "run/run.h"
#include "run/wait.h"
#include "ui/ui.h"
#include "upgrade/rollback.h"
#include "upgrade/upgrade_private.h"

/* The images from before the run, which an earlier run may have replaced in the set. */
static int
upgrade_recall_images(struct cluster *cluster, struct err *e)
{
    bool orphan = !cluster->plan->resuming &&
                  cluster->progress.paused_now; /* a run's whose journal is gone */

    if (!course_is_forward(cluster->run) || (!cluster->plan->resuming && !orphan)) {
        return 0;
    }
    return (orphan ? sets_guess(cluster, cluster->plan->from, e)
                   : sets_recall(cluster, cluster->lock->journal, false, e)) < 0
               ? err_wrap(e, "the previous images")
               : 0;
}

/* In whatever set it is. */
static bool
upgrade_has_images(const struct cluster *cluster, const struct member *p)
{
    return workload_pod_has_images(json_path(mirror_pod_object(cluster, p->name), "spec"),
                                   &p->set->images, true, NULL, 0);
}

/* Whether there is nothing to do: the version is set, every pod and the set have it, and
 * nobody left the operator paused. */
static bool
upgrade_is_there(struct cluster *cluster)
{
    const json_t *db = mirror_db(cluster);

    if (cluster->plan->resuming || cluster->target->request->abort ||
        cluster->progress.paused_now ||
        !str_eq(json_path_str(db, "spec.version"), cluster->plan->to_name) ||
        cluster->n_pods == 0 || cluster->plan->to == NULL ||
        sets_want(cluster, cluster->plan->to, &(struct err){ 0 }) < 0 ||
        sets_count_changes(cluster, false) + sets_count_changes(cluster, true) > 0 ||
        !routers_is_right(cluster, &(struct wait_state){ 0 })) {
        return false;
    }
    for (size_t i = 0; i < cluster->n_pods; i++) {
        const struct member *p = &cluster->pods[i];

        if (sets_has_pod(p) &&
            (!upgrade_has_images(cluster, p) || !mirror_pod_is_ready(cluster, p))) {
            return false;
        }
    }
    return true;
}

_Static_assert((int)MEMBERS_MAX + (int)FRONT_PODS_MAX <= (int)UI_PODS_MAX,
               "raise UI_PODS_MAX");

static void
upgrade_tell_pods(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        emit_pod(cluster->run, &cluster->pods[i], UI_POD_WAITING, "waiting");
    }
    for (size_t i = 0; i < routers_count(cluster); i++) {
        emit_pod(cluster->run, &cluster->routers->pods[i], UI_POD_WAITING, "waiting");
    }
}

/* Between the checks and the lock time passed, perhaps at the prompt: another run may
 * have come and gone. */
static int
upgrade_recheck(struct run *run, struct err *e)
{
    auto_json json_t *db = NULL;
    const char *version = NULL;

    if (mirror_get_db(run->target, &db, e) < 0) {
        return -1;
    }
    version = json_path_str(db, "spec.version");
    if (!str_eq(json_path_str(db, "metadata.uid"), run->target->uid) ||
        (!str_eq(version, run->plan->from_name) &&
         !(run->plan->resuming && course_is_forward(run) &&
           str_eq(version, run->plan->to_name)))) {
        err_set(e, ERR_REFUSED,
                "%s/%s changed while this run waited for the lock: its version is now %s",
                run->target->engine->name, run->target->request->name, version);
        return err_reason(e, "MOVED");
    }
    return 0;
}

/* Who began what this run goes on with, by the journal: whoever may edit Leases can have
 * written it. The caller frees it. */
static char *
upgrade_whose(const struct lock *lock)
{
    const json_t *j = lock->journal;
    bool shares =
        lock->plan->procedure->converts && !str_eq(lock->plan->pg_upgrade_mode, "copy");

    if (!lock->plan->resuming) {
        return mem_strdup("");
    }
    return mem_printf("; according to its journal (Lease %s), %s started this at %s%s%s",
                      lock->name, json_path_str(j, "by"), json_path_str(j, "started"),
                      shares ? " with --pg-upgrade-mode " : "",
                      shares ? lock->plan->pg_upgrade_mode : "");
}

static int
upgrade_confirm(struct cluster *cluster, struct err *e)
{
    auto_free char *more = state_transfer_question(cluster);
    auto_free char *whose = upgrade_whose(cluster->lock);
    auto_free char *text =
        mem_printf("%s/%s in namespace %s will %s from %s to %s%s%s%s",
                   cluster->target->engine->name, cluster->target->request->name,
                   cluster->target->request->name_space,
                   course_is_forward(cluster->run) ? "go" : "be rolled back",
                   course_is_forward(cluster->run) ? cluster->plan->from_name
                                                   : cluster->plan->to_name,
                   course_goal(cluster->run), whose, more != NULL ? "; " : "",
                   more != NULL ? more : "");

    if (cluster->target->request->consent.ask == NULL) {
        return 0;
    }
    if (cluster->target->request->consent.ask(cluster->target->request->consent.ctx,
                                              text)) {
        state_transfer_consent(cluster);
        return 0;
    }
    if (wait_check_stop(cluster->run, e) < 0) {
        return -1;
    }
    err_set(e, ERR_USAGE, "not confirmed; nothing was changed");
    return err_hint(e, "use --yes to skip this prompt");
}

/* What the run that began this upgrade was to do besides, and this one is not. */
static void
upgrade_tell_wishes(struct run *run)
{
    const struct {
        bool wished;
        const char *what, *option;
    } rows[] = {
        { run->plan->unsaid.delete_old_data, "delete the old data", "--delete-old-data" },
        { run->plan->unsaid.update_extensions, "update extensions",
          "--update-extensions" },
        { run->plan->unsaid.reindex, "rebuild indexes", "--reindex" },
    };

    for (size_t i = 0; course_is_forward(run) && i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].wished) {
            emit_warning(
                run, "options that delete or change data are not taken from a journal",
                "according to the journal, this upgrade was also started to %s; this run "
                "does not do so without %s",
                rows[i].what, rows[i].option);
        }
    }
}

/* Everything before the first change. 1: there is nothing more to do. */
static int
upgrade_prepare(struct cluster *cluster, struct err *e)
{
    if (discover_world(cluster, e) < 0) {
        return -1;
    }
    if (switchover_check(cluster->run, e) < 0) {
        return -1;
    }
    replacement_reconsider(cluster);
    if (origin_check(cluster, e) < 0) {
        cluster->run->changed =
            cluster->run->changed && e->code != ERR_REFUSED; /* nothing is gone on with */
        return -1;
    }
    pg_upgrade_learn_begun(cluster);
    channels_recall(cluster);
    cluster->run->step.of = step_loop_count(cluster, procedure_steps(cluster->run));
    emit_start(cluster->run);
    if (upgrade_is_there(cluster)) {
        emit_note(cluster->run, "%s/%s is already at %s", cluster->target->engine->name,
                  cluster->target->request->name, cluster->plan->to_name);
        cluster->run->was_there = true;
        return 1;
    }
    if (preflight_report(cluster, e) < 0) {
        return -1;
    }
    upgrade_tell_wishes(cluster->run);
    baseline_recall(cluster);
    if (upgrade_recall_images(cluster, e) < 0) {
        return -1;
    }
    if (cluster->target->request->dry_run != DRY_RUN_NONE) {
        cluster->run->pending = true;
        return plan_report(cluster, e) < 0 ? -1 : 1;
    }
    if (plan_report(cluster, e) < 0) {
        return -1;
    }
    upgrade_tell_pods(cluster);
    return upgrade_confirm(cluster, e);
}

/* Whether there is no database any more that anybody could go on with. */
static bool
upgrade_is_gone(const struct cluster *cluster)
{
    const json_t *db = mirror_db(cluster);

    return db == NULL || !str_eq(json_path_str(db, "metadata.uid"), cluster->target->uid);
}

static int
upgrade_carry_out(struct cluster *cluster, struct err *e)
{
    auto_free char *whose =
        upgrade_whose(cluster->lock); /* before the journal is this run's */
    struct err release = { 0 };
    struct database db = { 0 };
    int got = 0;

    kube_set_guard(cluster->target->kube, lock_guard, cluster->lock);
    if (lock_take(cluster->lock, journal_new(cluster), e) < 0) {
        return -1;
    }
    cluster->lock->taken = true;
    kube_set_away(cluster->target->kube, OUTAGE_AWAY_MS);
    cluster->run->changed = cluster->run->changed || cluster->plan->resuming;
    if (cluster->plan->resuming) {
        emit_note(cluster->run, "%s the upgrade from %s to %s%s",
                  course_is_forward(cluster->run) ? "resuming" : "rolling back",
                  cluster->plan->from_name, cluster->plan->to_name, whose);
    }
    got = upgrade_recheck(cluster->run, e);
    if (got == 0) {
        got = rollback_run(cluster, e);
    }
    channels_leave(cluster);
    cluster->run->gone = upgrade_is_gone(cluster);
    if (lock_release(cluster->lock,
                     got < 0 && cluster->run->changed && !cluster->run->walked_back &&
                         !cluster->run->gone,
                     &release) < 0) {
        emit_warning(cluster->run, "it expires by itself",
                     "could not release the lock: %s", release.msg);
    }
    if (mirror_db(cluster) != NULL &&
        database_parse(cluster->target->engine, mirror_db(cluster), &db, &release) == 0) {
        cluster->progress.paused_now =
            db.paused; /* the loop was served since it was asked last */
    }
    return got;
}

static void
upgrade_tick(void *ctx)
{
    ui_tick(ctx);
}

static const enum kube_mode upgrade_modes[] = { [DRY_RUN_NONE] = KUBE_LIVE,
                                                [DRY_RUN_CLIENT] = KUBE_READ_ONLY,
                                                [DRY_RUN_SERVER] = KUBE_DRY_SERVER };

int
upgrade_run(const struct upgrade_request *rq, struct kube *k, struct ui *u)
{
    struct upgrade *up = upgrade_new(rq, k, u);
    struct err e = { 0 };
    int status = 0;
    int got = 0;

    kube_set_mode(k, upgrade_modes[rq->dry_run]);
    kube_set_tick(k, upgrade_tick, u);
    got = upgrade_prepare(&up->cluster, &e);
    if (got == 0) {
        got = upgrade_carry_out(&up->cluster, &e);
    }
    if (got == 0) {
        advice_tell(&up->cluster);
    }
    status = result_report(&up->cluster, got < 0 ? -1 : 0, &e);
    if (got >= 0 && rq->detailed_exitcode && up->run.pending) {
        status = EXIT_PENDING;
    }
    kube_set_guard(k, NULL, NULL);
    kube_set_tick(k, NULL, NULL);
    upgrade_free(up);
    return status;
}
