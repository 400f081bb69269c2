#include <jansson.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/blocker.h"
#include "cluster/cluster.h"
#include "cluster/coordinator.h"
#include "cluster/emit_pod.h"
#include "cluster/mirror.h"
#include "engine/postgres.h"
#include "kubedb/pod.h"
#include "member/drift.h"
#include "member/member.h"
#include "member/member_state.h"
#include "member/member_storage.h"
#include "member/switchover.h"
#include "procedure/pg.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The first member's pod, with the images of where the run goes, and its server: the same
 * forward and back.
 */

enum { SERVE_PROBE_MS = 200 };

bool
pg_upgrade_has_pod(const struct cluster *cluster, const struct member *p)
{
    const json_t *object = mirror_pod_object(cluster, p->name);

    return object != NULL && mirror_pod_is_there(cluster, p) &&
           json_path(object, "metadata.deletionTimestamp") == NULL;
}

/* The pod is there, and its container answers; no server need run in it. */
static int
serve_look_pod(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member *p = ctx;
    const json_t *object = mirror_pod_object(cluster, p->name);
    struct pg_state is = { 0 };

    str_copy(s->want, sizeof s->want, "a new pod with its container running");
    if (object == NULL) {
        str_copy(s->now, sizeof s->now, "no pod yet");
        return drift_check(cluster, e) < 0 ? -1
                                           : blocker_absent(cluster->target, p, s, e);
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    if (json_path(object, "metadata.deletionTimestamp") != NULL) {
        return 0;
    }
    if (!mirror_pod_is_there(cluster, p)) {
        return member_explain_images(cluster, p, e);
    }
    if (storage_verify(cluster, p, e) < 0 || member_check_broken(cluster, p, e) < 0 ||
        blocker_creating(cluster, p, s, e) < 0 ||
        pg_upgrade_ask(cluster, p, 0, &is, e) < 0) {
        return -1;
    }
    s->done = true;
    return 0;
}

int
pg_upgrade_wait_pod(struct cluster *cluster, const char *text, struct err *e)
{
    struct member *p = pg_upgrade_first(cluster);
    struct wait w = { .id = "start",
                      .pod = p->name,
                      .text = text,
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = SERVE_PROBE_MS,
                      .watchful = true,
                      .check = serve_look_pod,
                      .on = cluster,
                      .ctx = p };

    emit_pod(cluster->run, p, UI_POD_STARTING, "waiting for %s", text);
    if (wait_until(cluster->run, &w, e) < 0) {
        cluster->progress.failed =
            e->code == ERR_UNHEALTHY ? p : cluster->progress.failed;
        return -1;
    }
    return 0;
}

/* Nothing is to be allowed to a server that runs: the operator may be at work again. */
static int
serve_let(struct cluster *cluster, struct err *e)
{
    auto_free char *status = NULL;
    struct pg_state s = { 0 };

    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        return -1;
    }
    if (s.up) {
        return 0;
    }
    if (!pg_upgrade_has_standbys(cluster)) {
        return pg_upgrade_change(cluster, pg_upgrade_first(cluster), "release", NULL, e);
    }
    if (pg_upgrade_failover(cluster, &status, e) < 0) {
        return -1;
    }
    /* It may have got further in an earlier run. */
    return str_eq(status, COORDINATOR_PAUSE)
               ? pg_upgrade_set_failover(cluster, COORDINATOR_STAY, e)
               : 0;
}

int
pg_upgrade_serve(struct cluster *cluster, struct err *e)
{
    struct member *p = pg_upgrade_first(cluster);

    if (serve_let(cluster, e) < 0) {
        return -1;
    }
    pg_upgrade_forget(cluster); /* the server starts */
    if (pg_upgrade_has_standbys(cluster)) {
        switchover_label_primary(cluster, p);
    }
    /* A position in the log means nothing to another major version. */
    free(p->position);
    p->position = mem_strdup("");
    return member_settle(cluster, p, e);
}
