#include "upgrade/upgrade.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/archive.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/baseline.h"
#include "cluster/cluster.h"
#include "cluster/discover.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "cluster/origin.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "cluster/state_transfer.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "lock/seal.h"
#include "lock/steer.h"
#include "member/drift.h"
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
#include "run/flow.h"
#include "run/outage.h"
#include "run/request.h"
#include "run/run.h"
#include "run/wait.h"
#include "ui/ui.h"
#include "upgrade/rollback.h"

/* The images from before the run, which an earlier run may have replaced in the set. */
static int
upgrade_recall_images(struct flow *f, struct err *e)
{
    bool orphan = !f->plan.resuming &&
                  f->cluster.progress.paused_now; /* a run's whose journal is gone */

    if (!flow_is_forward(f) || (!f->plan.resuming && !orphan)) {
        return 0;
    }
    return (orphan ? sets_guess(f, f->plan.from, e)
                   : sets_recall(f, f->lock.journal, false, e)) < 0
               ? err_wrap(e, "the previous images")
               : 0;
}

/* In whatever set it is. */
static bool
upgrade_has_images(const struct flow *f, const struct flow_pod *p)
{
    return workload_has_images(json_path(flow_pod_object(f, p->name), "spec"),
                               &p->set->images, true, NULL, 0);
}

/* Whether there is nothing to do: the version is set, every pod and the set have it, and
 * nobody left the operator paused. */
static bool
upgrade_is_there(struct flow *f)
{
    const json_t *db = flow_db(f);

    if (f->plan.resuming || f->target.request->abort || f->cluster.progress.paused_now ||
        !str_eq(json_path_str(db, "spec.version"), f->plan.to_name) ||
        f->cluster.n_pods == 0 || f->plan.to == NULL ||
        sets_want(f, f->plan.to, &(struct err){ 0 }) < 0 ||
        sets_count_changes(f, false) + sets_count_changes(f, true) > 0 ||
        !front_is_right(f, &(struct wait_state){ 0 })) {
        return false;
    }
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        const struct flow_pod *p = &f->cluster.pods[i];

        if (sets_has_pod(p) && (!upgrade_has_images(f, p) || !flow_pod_is_ready(f, p))) {
            return false;
        }
    }
    return true;
}

_Static_assert((int)FLOW_MEMBERS_MAX + (int)FRONT_PODS_MAX <= (int)UI_PODS_MAX,
               "raise UI_PODS_MAX");

static void
upgrade_tell_pods(struct flow *f)
{
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        tell_pod(f, &f->cluster.pods[i], UI_POD_WAITING, "waiting");
    }
    for (size_t i = 0; i < front_count(f); i++) {
        tell_pod(f, &f->cluster.routers->pods[i], UI_POD_WAITING, "waiting");
    }
}

/* Between the checks and the lock time passed, perhaps at the prompt: another run may
 * have come and gone. */
static int
upgrade_recheck(struct flow *f, struct err *e)
{
    auto_json json_t *db = NULL;
    const char *version = NULL;

    if (flow_get_db(f, &db, e) < 0) {
        return -1;
    }
    version = json_path_str(db, "spec.version");
    if (!str_eq(json_path_str(db, "metadata.uid"), f->target.uid) ||
        (!str_eq(version, f->plan.from_name) &&
         !(f->plan.resuming && flow_is_forward(f) && str_eq(version, f->plan.to_name)))) {
        err_set(e, ERR_REFUSED,
                "%s/%s changed while this run waited for the lock: its version is now %s",
                f->target.engine->name, f->target.request->name, version);
        return err_reason(e, "MOVED");
    }
    return 0;
}

/* Who began what this run goes on with, by the journal: whoever may edit Leases can have
 * written it. The caller frees it. */
static char *
upgrade_whose(const struct flow *f)
{
    const json_t *j = f->lock.journal;
    bool shares = f->plan.procedure->converts && !str_eq(f->plan.pg_upgrade_mode, "copy");

    if (!f->plan.resuming) {
        return mem_strdup("");
    }
    return mem_printf("; according to its journal (Lease %s), %s started this at %s%s%s",
                      f->lock.name, json_path_str(j, "by"), json_path_str(j, "started"),
                      shares ? " with --pg-upgrade-mode " : "",
                      shares ? f->plan.pg_upgrade_mode : "");
}

static int
upgrade_confirm(struct flow *f, struct err *e)
{
    auto_free char *more = transfer_question(f);
    auto_free char *whose = upgrade_whose(f);
    auto_free char *text = mem_printf(
        "%s/%s in namespace %s will %s from %s to %s%s%s%s", f->target.engine->name,
        f->target.request->name, f->target.request->name_space,
        flow_is_forward(f) ? "go" : "be rolled back",
        flow_is_forward(f) ? f->plan.from_name : f->plan.to_name, flow_goal(f), whose,
        more != NULL ? "; " : "", more != NULL ? more : "");

    if (f->target.request->confirm == NULL) {
        return 0;
    }
    if (f->target.request->confirm(f->target.request->confirm_ctx, text)) {
        transfer_consent(f);
        return 0;
    }
    if (flow_check_stop(f, e) < 0) {
        return -1;
    }
    err_set(e, ERR_USAGE, "not confirmed; nothing was changed");
    return err_hint(e, "use --yes to skip this prompt");
}

/* What the run that began this upgrade was to do besides, and this one is not. */
static void
upgrade_tell_wishes(struct flow *f)
{
    const struct {
        bool wished;
        const char *what, *option;
    } rows[] = {
        { f->plan.unsaid.delete_old_data, "delete the old data", "--delete-old-data" },
        { f->plan.unsaid.update_extensions, "update extensions", "--update-extensions" },
        { f->plan.unsaid.reindex, "rebuild indexes", "--reindex" },
    };

    for (size_t i = 0; flow_is_forward(f) && i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].wished) {
            tell_warning(
                f, "options that delete or change data are not taken from a journal",
                "according to the journal, this upgrade was also started to %s; this run "
                "does not do so without %s",
                rows[i].what, rows[i].option);
        }
    }
}

/* Everything before the first change. 1: there is nothing more to do. */
static int
upgrade_prepare(struct flow *f, struct err *e)
{
    if (gather_world(f, e) < 0) {
        return -1;
    }
    if (handover_check(f, e) < 0) {
        return -1;
    }
    newset_reconsider(f);
    if (origin_check(f, e) < 0) {
        f->run.changed =
            f->run.changed && e->code != ERR_REFUSED; /* nothing is gone on with */
        return -1;
    }
    major_learn_begun(f);
    f->run.step.of = flow_count_steps(f, flow_table(f));
    tell_start(f);
    if (upgrade_is_there(f)) {
        tell_note(f, "%s/%s is already at %s", f->target.engine->name,
                  f->target.request->name, f->plan.to_name);
        f->run.was_there = true;
        return 1;
    }
    if (flow_preflight(f, e) < 0) {
        return -1;
    }
    upgrade_tell_wishes(f);
    baseline_recall(f);
    if (upgrade_recall_images(f, e) < 0) {
        return -1;
    }
    if (f->target.request->dry_run != FLOW_REAL) {
        f->run.pending = true;
        return flow_plan(f, e) < 0 ? -1 : 1;
    }
    if (flow_plan(f, e) < 0) {
        return -1;
    }
    upgrade_tell_pods(f);
    return upgrade_confirm(f, e);
}

/* Whether there is no database any more that anybody could go on with. */
static bool
upgrade_is_gone(const struct flow *f)
{
    const json_t *db = flow_db(f);

    return db == NULL || !str_eq(json_path_str(db, "metadata.uid"), f->target.uid);
}

static int
upgrade_carry_out(struct flow *f, struct err *e)
{
    auto_free char *whose = upgrade_whose(f); /* before the journal is this run's */
    struct err release = { 0 };
    struct database db = { 0 };
    int got = 0;

    kube_set_guard(f->target.kube, lock_guard, f);
    if (lock_take(f, journal_new(f), e) < 0) {
        return -1;
    }
    f->lock.taken = true;
    kube_set_away(f->target.kube, FLOW_AWAY_MS);
    f->run.changed = f->run.changed || f->plan.resuming;
    if (f->plan.resuming) {
        tell_note(f, "%s the upgrade from %s to %s%s",
                  flow_is_forward(f) ? "resuming" : "rolling back", f->plan.from_name,
                  f->plan.to_name, whose);
    }
    got = upgrade_recheck(f, e);
    if (got == 0) {
        got = turn_run(f, e);
    }
    f->run.gone = upgrade_is_gone(f);
    if (lock_release(f, got < 0 && f->run.changed && !f->run.walked_back && !f->run.gone,
                     &release) < 0) {
        tell_warning(f, "it expires by itself", "could not release the lock: %s",
                     release.msg);
    }
    if (flow_db(f) != NULL &&
        database_parse(f->target.engine, flow_db(f), &db, &release) == 0) {
        f->cluster.progress.paused_now =
            db.paused; /* the loop was served since it was asked last */
    }
    return got;
}

void
flow_free(struct flow *f)
{
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        struct flow_pod *p = &f->cluster.pods[i];

        session_close(&p->session);
        free(p->name);
        free(p->position);
        free(p->transfer);
    }
    kube_watch_close(f->cluster.watch.db);
    kube_watch_close(f->cluster.watch.sets);
    kube_watch_close(f->cluster.watch.pods);
    kube_watch_close(f->cluster.watch.ops);
    sets_free(f);
    seal_free(f);
    archive_free(&f->cluster.progress.evidence);
    json_decref(f->plan.catalog);
    json_decref(f->lock.journal);
    json_decref(f->lock.read);
    free(f->target.selector);
    free(f->plan.from_name);
    free(f->plan.to_name);
    free(f->target.uid);
    free(f->cluster.progress.primary_position);
    free(f->cluster.set_trouble);
    free(f);
}

static void
upgrade_tick(void *ctx)
{
    ui_tick(ctx);
}

static int
upgrade_renew(void *ctx, struct err *e)
{
    return lock_renew(ctx, e);
}

static int
upgrade_glance(void *ctx, struct err *e)
{
    return world_glance(ctx, e);
}

static bool
upgrade_turned(void *ctx)
{
    return steer_turned(ctx);
}

static const enum kube_mode upgrade_modes[] = { [FLOW_REAL] = KUBE_LIVE,
                                                [FLOW_DRY_CLIENT] = KUBE_READ_ONLY,
                                                [FLOW_DRY_SERVER] = KUBE_DRY_SERVER };

int
upgrade_run(const struct upgrade_request *rq, struct kube *k, struct ui *u)
{
    struct flow *f = mem_alloc(sizeof *f);
    struct err e = { 0 };
    int status = 0;
    int got = 0;

    f->target.request = rq;
    f->target.kube = k;
    f->run.ui = u;
    f->run.hooks = (struct run_hooks){ .ctx = f,
                                       .renew = upgrade_renew,
                                       .glance = upgrade_glance,
                                       .turned = upgrade_turned };
    f->cluster.procedures = procedures;
    f->plan.procedure = procedures;
    f->target.engine = rq->engine;
    f->run.started = clock_ms();
    f->run.deadline = rq->timeout_ms > 0 ? f->run.started + rq->timeout_ms : 0;
    kube_set_mode(k, upgrade_modes[rq->dry_run]);
    kube_set_tick(k, upgrade_tick, u);
    got = upgrade_prepare(f, &e);
    if (got == 0) {
        got = upgrade_carry_out(f, &e);
    }
    if (got == 0) {
        advice_tell(f);
    }
    status = tell_result(f, got < 0 ? -1 : 0, &e);
    if (got >= 0 && rq->detailed_exitcode && f->run.pending) {
        status = EXIT_PENDING;
    }
    kube_set_guard(k, NULL, NULL);
    kube_set_tick(k, NULL, NULL);
    flow_free(f);
    return status;
}
