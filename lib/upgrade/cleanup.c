#include "upgrade/cleanup.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/discover.h"
#include "cluster/mirror.h"
#include "engine/postgres.h"
#include "kube/client.h"
#include "lock/lock.h"
#include "procedure/pg.h"
#include "run/emit.h"
#include "run/outage.h"
#include "run/pod_exec.h"
#include "run/request.h"
#include "run/run.h"
#include "run/target.h"
#include "run/wait.h"
#include "upgrade/upgrade_private.h"

/*
 * The steps of an upgrade are not gone through here, and there is no journal: the volume
 * says what is left to delete, and whoever comes next finds it there.
 */

enum { CLEANUP_PROBE_MS = 1000 };

void
cleanup_report_clear(struct cleanup_report *r)
{
    free(r->pod);
    *r = (struct cleanup_report){ 0 };
}

char *
cleanup_text(const struct pg_kept *kept)
{
    char bytes[32];

    str_bytes(kept->bytes, bytes, sizeof bytes);
    return mem_printf("the data of version %d, from before the upgrade to %d: %s",
                      kept->from, kept->to, bytes);
}

static int
cleanup_look(struct cluster *cluster, struct pg_leavings *found, struct err *e)
{
    const struct pg_upgrade_call call = { .command = "kept" };
    auto_said struct pod_said said = { 0 };

    if (pg_upgrade_run_call(cluster->run, pg_upgrade_first(cluster), &call, &said, e) <
        0) {
        return -1;
    }
    return pg_leavings_parse(said.out, found, e) < 0
               ? err_wrap(e, "%s", pg_upgrade_first(cluster)->name)
               : 0;
}

/* Whether all that is there may go. */
static int
cleanup_check(const struct target *target, const struct cleanup_report *r, struct err *e)
{
    for (size_t i = 0; i < r->found.n; i++) {
        const struct pg_kept *kept = &r->found.at[i];

        if (!kept->over) {
            err_set(e, ERR_REFUSED,
                    "%s: an upgrade from %d to %d started but did not reach the start of "
                    "the new server; the old data are still in use",
                    r->pod, kept->from, kept->to);
            return err_reason(e, "NOT_FINISHED");
        }
    }
    if (r->found.n > 0 && !r->found.up) {
        err_set(e, ERR_REFUSED,
                "%s: no server is running on the data of version %d; the old data are "
                "not deleted until it is healthy",
                r->pod, r->found.data);
        err_reason(e, "SERVER_DOWN");
        return err_hint(e, "kubectl describe pod %s%s", r->pod,
                        target->request->command_flags);
    }
    return 0;
}

/* The first member is there, and can be asked. */
static int
cleanup_reach(struct cluster *cluster, struct cleanup_report *r, struct err *e)
{
    if (cluster->n_pods == 0 ||
        mirror_pod_object(cluster, pg_upgrade_first(cluster)->name) == NULL) {
        err_set(e, ERR_REFUSED, "%s/%s has no pod %s; its volume cannot be read",
                cluster->target->engine->name, cluster->target->request->name,
                cluster->n_pods == 0 ? "yet" : pg_upgrade_first(cluster)->name);
        return err_reason(e, "NO_POD");
    }
    r->pod = mem_strdup(pg_upgrade_first(cluster)->name);
    return cleanup_look(cluster, &r->found, e);
}

static int
cleanup_confirm(struct run *run, const struct cleanup_request *rq,
                const struct cleanup_report *r, struct err *e)
{
    auto_free char *last = cleanup_text(&r->found.at[r->found.n - 1]);
    auto_free char *text = mem_printf(
        "%s/%s in namespace %s will lose the data that its upgrades kept on %s: %s%s; "
        "this cannot be undone",
        run->target->engine->name, run->target->request->name,
        run->target->request->name_space, r->pod, last,
        r->found.n > 1 ? ", and the data of earlier upgrades" : "");

    if (rq->confirm == NULL || rq->confirm(rq->confirm_ctx, text)) {
        return 0;
    }
    if (wait_check_stop(run, e) < 0) {
        return -1;
    }
    err_set(e, ERR_USAGE, "not confirmed; nothing was deleted");
    return err_hint(e, "use --yes to skip this prompt");
}

/* -- the deletion -- */

static bool
cleanup_has(const struct pg_leavings *found, const struct pg_kept *kept)
{
    for (size_t i = 0; i < found->n; i++) {
        if (found->at[i].from == kept->from && found->at[i].to == kept->to) {
            return true;
        }
    }
    return false;
}

static int
cleanup_delete(struct cluster *cluster, const struct pg_kept *kept, struct err *e)
{
    const struct pg_upgrade_call call = { .from = kept->from,
                                          .to = kept->to,
                                          .command = "delete" };
    auto_said struct pod_said said = { 0 };

    if (lock_guard_exec(cluster->lock, pg_upgrade_first(cluster)->name, e) < 0) {
        return -1;
    }
    return pg_upgrade_run_call(cluster->run, pg_upgrade_first(cluster), &call, &said, e);
}

/* Asks for the deletion until nothing is left: a session that is cut leaves it half done,
 * or going on. */
static int
cleanup_look_gone(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    const struct pg_kept *kept = ctx;
    struct pg_leavings found = { 0 };

    str_copy(s->want, sizeof s->want, "deleted");
    if (cleanup_look(cluster, &found, e) < 0) {
        return -1;
    }
    if (cleanup_has(&found, kept) &&
        (cleanup_delete(cluster, kept, e) < 0 || cleanup_look(cluster, &found, e) < 0)) {
        return -1;
    }
    s->done = !cleanup_has(&found, kept);
    str_copy(s->now, sizeof s->now, "still present");
    return 0;
}

static int
cleanup_carry_out(struct cluster *cluster, struct cleanup_report *r, struct err *e)
{
    struct err release = { 0 };
    int got = 0;

    kube_set_guard(cluster->target->kube, lock_guard, cluster->lock);
    if (lock_take(cluster->lock, NULL, e) < 0) {
        return -1;
    }
    kube_set_away(cluster->target->kube, OUTAGE_AWAY_MS);
    for (; got == 0 && r->deleted < r->found.n; r->deleted += got == 0 ? 1 : 0) {
        struct wait w = { .id = "delete",
                          .pod = r->pod,
                          .text = "the old data to be deleted",
                          .probe_ms = CLEANUP_PROBE_MS,
                          .check = cleanup_look_gone,
                          .on = cluster,
                          .ctx = &r->found.at[r->deleted] };

        got = wait_until(cluster->run, &w, e);
    }
    r->changed = cluster->run->changed;
    if (lock_release(cluster->lock, false, &release) < 0) {
        emit_warning(cluster->run, "it expires by itself",
                     "could not release the lock: %s", release.msg);
    }
    return got;
}

static int
cleanup_go(struct cluster *cluster, const struct cleanup_request *rq,
           struct cleanup_report *r, struct err *e)
{
    if (discover_world(cluster, e) < 0 || cleanup_reach(cluster, r, e) < 0 ||
        cleanup_check(cluster->target, r, e) < 0) {
        return -1;
    }
    if (r->found.n == 0 || rq->dry_run) {
        return 0;
    }
    return cleanup_confirm(cluster->run, rq, r, e) < 0 ? -1
                                                       : cleanup_carry_out(cluster, r, e);
}

int
cleanup_run(const struct cleanup_request *rq, struct kube *k, struct ui *u,
            struct cleanup_report *out, struct err *e)
{
    /* As an upgrade to no version: the journal of any other one refuses it. */
    const struct upgrade_request as = { .engine = rq->engine,
                                        .name_space = rq->name_space,
                                        .name = rq->name,
                                        .to = "",
                                        .limits.timeout_ms = rq->timeout_ms,
                                        .major.mode = "",
                                        .context = "",
                                        .command_flags = rq->command_flags };
    struct upgrade *up = upgrade_new(&as, k, u);
    int got = 0;

    *out = (struct cleanup_report){ 0 };
    kube_set_mode(k, rq->dry_run ? KUBE_READ_ONLY : KUBE_LIVE);
    got = cleanup_go(&up->cluster, rq, out, e);
    kube_set_guard(k, NULL, NULL);
    upgrade_free(up);
    return got;
}
