#include "member/member_storage.h"

#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "kube/client.h"
#include "lock/lock.h"
#include "member/member.h"
#include "run/emit.h"
#include "run/run.h"
#include "run/target.h"
#include "run/wait.h"

/* A claim that a controller makes for a pod is there before it, not much longer. */
enum { STORAGE_MADE_MS = 10 * 60 * 1000 };

/* -- before -- */

static bool
storage_accepts(const struct cluster *cluster)
{
    return cluster->target->request->checks.accept_data_loss;
}

static int
storage_refuse(const char *id, const char *text, const char *hint, struct err *e)
{
    err_set(e, ERR_REFUSED, "%s", text);
    err_reason(e, id);
    return err_hint(e, "%s", hint);
}

static int
storage_judge_lasting(struct cluster *cluster, const struct member *p,
                      const struct storage_view *v, struct err *e)
{
    char place[400];

    if (v->lasts || storage_has_copy(cluster, p) || storage_accepts(cluster)) {
        return 0;
    }
    err_set(e, ERR_REFUSED,
            "%s has its data in %s, which does not outlive the pod, and no other member "
            "has them",
            p->name, storage_describe(&v->place, v->pod, place, sizeof place));
    err_reason(e, "storage.ephemeral");
    return err_hint(e, "back up the database first; to lose its data: "
                       "--accept-data-loss");
}

int
storage_guard(struct cluster *cluster, struct member *p, enum storage_depth depth,
              struct err *e)
{
    auto_storage struct storage_view v = { 0 };

    if (storage_look(cluster, p, depth, &v, e) < 0) {
        return err_wrap(e, "the storage of %s", p->name);
    }
    if (v.pod == NULL) {
        return 0;
    }
    if (v.lost.text[0] != '\0' && !storage_accepts(cluster)) {
        return storage_refuse("storage.claims", v.lost.text, v.lost.hint, e);
    }
    if (v.stuck.text[0] != '\0' && !run_skips(cluster->run, "storage.return")) {
        return storage_refuse("storage.return", v.stuck.text, v.stuck.hint, e);
    }
    if (storage_judge_lasting(cluster, p, &v, e) < 0) {
        return -1;
    }
    p->storage.given_up = p->storage.given_up || ((v.lost.text[0] != '\0' || !v.lasts) &&
                                                  !storage_has_copy(cluster, p));
    json_decref(p->storage.claims);
    p->storage.claims = scope_steal(&v.uids);
    return 0;
}

static int
storage_look_guard(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    str_copy(s->want, sizeof s->want, "storage that outlives the pod");
    s->done = storage_guard(on, ctx, STORAGE_ALL, e) == 0;
    return s->done ? 0 : -1;
}

int
storage_wait(struct cluster *cluster, struct member *p, struct err *e)
{
    struct wait w = { .id = "storage",
                      .pod = p->name,
                      .text = "the API server to describe its storage",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = MEMBER_PROBE_MS,
                      .watchful = true,
                      .check = storage_look_guard,
                      .on = cluster,
                      .ctx = p };

    return wait_until(cluster->run, &w, e);
}

/* -- after -- */

static int
storage_changed(struct cluster *cluster, struct member *p, const char *text,
                struct err *e)
{
    if (storage_accepts(cluster)) {
        emit_warning(cluster->run, "as --accept-data-loss allows", "%s", text);
        return 0;
    }
    err_set(e, ERR_UNHEALTHY, "%s", text);
    err_reason(e, "STORAGE_CHANGED");
    err_hint(e,
             "no other member is restarted; keep clients away from %s if its data are "
             "missing",
             p->name);
    return err_hint(e,
                    "restore a backup, or look for the volume that it had: kubectl get "
                    "pv%s",
                    cluster->target->request->command_flags);
}

/* Against what it had when it went. */
static int
storage_compare(struct cluster *cluster, struct member *p, struct err *e)
{
    const char *name = NULL;
    json_t *was = NULL;

    json_object_foreach (p->storage.claims, name, was) {
        auto_json json_t *claim = NULL;
        const char *uid = NULL;
        char text[400];

        if (storage_get_claim(cluster->target, name, &claim, e) < 0) {
            return e->code == ERR_FORBIDDEN ? (err_clear(e), 0) : -1;
        }
        uid = json_path_str(claim, "metadata.uid");
        if (str_eq(uid, json_string_value(was))) {
            continue;
        }
        (void)snprintf(text, sizeof text,
                       "PVC %s of %s is another one than before the restart (uid %s, was "
                       "%s): its data were in the previous one",
                       name, p->name, *uid != '\0' ? uid : "none",
                       json_string_value(was));
        return storage_changed(cluster, p, text, e);
    }
    return 0;
}

/* When the API server made the Lease, which is there as long as the upgrade is in
 * progress: nobody can date that back. -1: it cannot be told. */
static long long
storage_began_ms(const struct lock *lock)
{
    const struct kube_ref ref = { .group = "coordination.k8s.io",
                                  .version = "v1",
                                  .resource = "leases",
                                  .name_space = lock->target->request->name_space,
                                  .name = lock->name };
    auto_json json_t *lease = NULL;
    struct err ignored = { 0 };

    return kube_get(lock->target->kube, &ref, &lease, &ignored) == 0
               ? clock_parse_rfc3339(json_path_str(lease, "metadata.creationTimestamp"))
               : -1;
}

/* Of a pod that went before this run: a claim that was made for it. */
static int
storage_check_age(struct cluster *cluster, struct member *p, const json_t *pod,
                  struct err *e)
{
    long long began = storage_began_ms(cluster->lock);
    long long made =
        clock_parse_rfc3339(json_path_str(pod, "metadata.creationTimestamp"));
    const char *name = NULL;

    for (size_t i = 0; began >= 0 && (name = storage_claim_at(pod, i)) != NULL; i++) {
        auto_json json_t *claim = NULL;
        long long since = -1;
        char text[400];

        if (storage_get_claim(cluster->target, name, &claim, e) < 0) {
            return e->code == ERR_FORBIDDEN ? (err_clear(e), 0) : -1;
        }
        since = clock_parse_rfc3339(json_path_str(claim, "metadata.creationTimestamp"));
        if (since <= began || made - since > STORAGE_MADE_MS) {
            continue;
        }
        (void)snprintf(
            text, sizeof text,
            "PVC %s of %s was created at %s, after this upgrade had begun: its "
            "data were in a previous one",
            name, p->name, json_path_str(claim, "metadata.creationTimestamp"));
        return storage_changed(cluster, p, text, e);
    }
    return 0;
}

int
storage_verify(struct cluster *cluster, struct member *p, struct err *e)
{
    auto_json json_t *pod =
        json_incref(json_mutable(mirror_pod_object(cluster, p->name)));
    const char *uid = json_path_str(pod, "metadata.uid");
    int got = 0;

    if (pod == NULL || cluster->plan->procedure->two_sets ||
        str_eq(uid, p->storage.verified_of)) {
        return 0;
    }
    got = p->storage.claims != NULL ? storage_compare(cluster, p, e)
                                    : storage_check_age(cluster, p, pod, e);
    if (got < 0) {
        return e->code == ERR_UNHEALTHY ? -1 : err_wrap(e, "the storage of %s", p->name);
    }
    str_copy(p->storage.verified_of, sizeof p->storage.verified_of, uid);
    return 0;
}
