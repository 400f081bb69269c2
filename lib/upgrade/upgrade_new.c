#include <jansson.h>
#include <stdlib.h>

#include "base/archive.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cluster/cluster.h"
#include "cluster/member_clear.h"
#include "cluster/procedure.h"
#include "cluster/sets.h"
#include "kube/watch.h"
#include "lock/lock.h"
#include "lock/seal.h"
#include "lock/steer.h"
#include "member/drift.h"
#include "run/request.h"
#include "run/run.h"
#include "upgrade/upgrade_private.h"

/*
 * What a run consists of.
 */

static int
upgrade_renew(void *ctx, struct err *e)
{
    struct upgrade *up = ctx;

    return lock_renew(&up->lock, e);
}

static int
upgrade_glance(void *ctx, struct err *e)
{
    struct upgrade *up = ctx;

    return drift_glance(&up->cluster, e);
}

static bool
upgrade_turned(void *ctx)
{
    struct upgrade *up = ctx;

    return steer_turned(&up->lock);
}

struct upgrade *
upgrade_new(const struct upgrade_request *request, struct kube *k, struct ui *u)
{
    struct upgrade *up = mem_alloc(sizeof *up);
    long long now = clock_ms();

    up->target.request = request;
    up->target.kube = k;
    up->target.engine = request->engine;
    up->run = (struct run){
        .target = &up->target,
        .plan = &up->plan,
        .ui = u,
        .hooks = { .ctx = up,
                   .renew = upgrade_renew,
                   .glance = upgrade_glance,
                   .turned = upgrade_turned },
        .started = now,
        .deadline = request->limits.timeout_ms > 0 ? now + request->limits.timeout_ms : 0,
    };
    up->lock.target = &up->target;
    up->lock.plan = &up->plan;
    up->lock.run = &up->run;
    up->cluster.target = &up->target;
    up->cluster.plan = &up->plan;
    up->cluster.run = &up->run;
    up->cluster.lock = &up->lock;
    up->cluster.pods = mem_alloc(MEMBERS_MAX * sizeof *up->cluster.pods);
    up->cluster.procedures = procedures;
    up->plan.procedure = procedures;
    return up;
}

void
upgrade_free(struct upgrade *up)
{
    for (size_t i = 0; i < up->cluster.n_pods; i++) {
        member_clear(&up->cluster.pods[i]);
    }
    free(up->cluster.pods);
    kube_watch_close(up->cluster.watch.db);
    kube_watch_close(up->cluster.watch.sets);
    kube_watch_close(up->cluster.watch.pods);
    kube_watch_close(up->cluster.watch.ops);
    sets_free(&up->cluster);
    seal_free(&up->lock);
    archive_free(&up->cluster.progress.evidence);
    json_decref(up->plan.catalog);
    json_decref(up->lock.journal);
    json_decref(up->lock.read);
    free(up->target.selector);
    free(up->plan.from_name);
    free(up->plan.to_name);
    free(up->target.uid);
    free(up->cluster.progress.primary_position);
    free(up->cluster.set_trouble);
    free(up);
}
