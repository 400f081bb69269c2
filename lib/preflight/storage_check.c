#include "preflight/storage_check.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "cluster/storage_look.h"
#include "engine/engine.h"
#include "kube/client.h"
#include "run/target.h"

/* What was found of all members. */
struct storage_finding {
    struct storage_fault lost, stuck, alone;
    char unchecked[160];
    size_t claims;
    size_t pods;             /* with data that do not outlive them, which others have */
    const struct member *of; /* the first of those */
    char place[400];         /* of it */
};

/* Of a claim that another pod mounts, too, the new pod may not get hold. */
static void
storage_find_users(const char *flags, const struct storage_view *v, const json_t *pods,
                   struct storage_finding *f)
{
    const char *claim = NULL;

    for (size_t i = 0; (claim = storage_claim_at(v->pod, i)) != NULL; i++) {
        const char *other = storage_other_user(pods, v->pod, claim);

        f->claims++;
        if (other == NULL || f->stuck.text[0] != '\0') {
            continue;
        }
        (void)snprintf(f->stuck.text, sizeof f->stuck.text,
                       "PVC %s of %s is also mounted by pod %s", claim,
                       json_path_str(v->pod, "metadata.name"), other);
        (void)snprintf(f->stuck.hint, sizeof f->stuck.hint,
                       "delete that pod: kubectl delete pod %s%s", other, flags);
    }
}

/* Data that go with the pod. */
static void
storage_find_lasting(struct cluster *cluster, struct member *p,
                     const struct storage_view *v, struct storage_finding *f)
{
    char place[sizeof f->place];

    storage_describe(&v->place, v->pod, place, sizeof place);
    if (storage_has_copy(cluster, p)) {
        if (f->pods++ == 0) {
            f->of = p;
            str_copy(f->place, sizeof f->place, place);
        }
        return;
    }
    p->storage.given_up = cluster->target->request->checks.accept_data_loss;
    if (f->alone.text[0] != '\0') {
        return;
    }
    (void)snprintf(f->alone.text, sizeof f->alone.text,
                   "%s has its data in %.200s, which does not outlive the pod: its "
                   "restart loses all data%s",
                   p->name, place,
                   cluster->plan->procedure->converts
                       ? ", and pg_upgrade needs them after it"
                       : ", and no other member has them");
    str_copy(f->alone.hint, sizeof f->alone.hint,
             "back up the database, and restore it into one with durable storage; to "
             "lose its data: --accept-data-loss");
}

/* What the server says of its directories goes before what the pod's spec lets expect: a
 * configuration file may name others. What it does not say is not missed. */
static void
storage_ask_server(struct cluster *cluster, struct member *p, struct storage_view *v)
{
    const char *sql = cluster->target->engine->object.data_sql;
    auto_free char *answer = NULL;
    struct err silent = { 0 };

    if (sql == NULL || !v->lasts || !mirror_pod_is_ready(cluster, p) ||
        session_ask(cluster, p, sql, &answer, &silent) < 0) {
        return;
    }
    for (char *line = answer; *line != '\0' && v->lasts;) {
        size_t len = strcspn(line, "\r\n");
        auto_free char *path = mem_strndup(line, len);
        struct storage_place place = { 0 };

        line += len + strspn(line + len, "\r\n");
        storage_of_directory(cluster->target->engine, v->pod, path, &place);
        if (*path == '/' && (place.kind == STORAGE_POD || place.kind == STORAGE_LAYER)) {
            v->place = place;
            v->lasts = false;
        }
    }
}

static void
storage_keep(struct storage_fault *to, const struct storage_fault *from)
{
    if (to->text[0] == '\0') {
        *to = *from;
    }
}

static int
storage_find(struct cluster *cluster, const json_t *pods, struct storage_finding *f,
             struct err *e)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        auto_storage struct storage_view v = { 0 };

        if (!sets_has_pod(p) || mirror_pod_object(cluster, p->name) == NULL) {
            continue;
        }
        if (storage_look(cluster, p, STORAGE_ALL, &v, e) < 0) {
            return -1;
        }
        if (v.pod == NULL) {
            continue;
        }
        storage_keep(&f->lost, &v.lost);
        storage_keep(&f->stuck, &v.stuck);
        storage_find_users(cluster->target->request->command_flags, &v, pods, f);
        str_copy(f->unchecked, sizeof f->unchecked, v.unchecked);
        storage_ask_server(cluster, p, &v);
        if (!v.lasts) {
            storage_find_lasting(cluster, p, &v, f);
        }
    }
    return 0;
}

/* -- results -- */

static void
storage_say(struct preflight_result *r, const char *id, enum check_severity severity,
            const struct storage_fault *fault)
{
    *r = (struct preflight_result){ .id = id, .severity = severity };
    str_copy(r->text, sizeof r->text, fault->text);
    str_copy(r->hint, sizeof r->hint, fault->hint);
}

/* Whoever accepts to lose data is warned of what he would be refused for. */
static enum check_severity
storage_severity(const struct cluster *cluster)
{
    return cluster->target->request->checks.accept_data_loss ? CHECK_WARNING
                                                             : CHECK_ERROR;
}

static void
storage_say_claims(const struct cluster *cluster, const struct storage_finding *f,
                   struct preflight_result *r)
{
    if (f->lost.text[0] != '\0') {
        storage_say(r, "storage.claims", storage_severity(cluster), &f->lost);
        return;
    }
    *r = (struct preflight_result){ .id = "storage.claims" };
    (void)snprintf(r->text, sizeof r->text, "%zu PVC%s, kept when a pod restarts",
                   f->claims, f->claims == 1 ? "" : "s");
    if (f->unchecked[0] != '\0') {
        (void)snprintf(r->text, sizeof r->text,
                       "%zu PVC%s, not checked for whether the new pod gets the same "
                       "data (not allowed: %s)",
                       f->claims, f->claims == 1 ? "" : "s", f->unchecked);
    }
}

static void
storage_say_copies(struct cluster *cluster, const struct storage_finding *f,
                   struct preflight_result *r)
{
    const struct measure *bytes = engine_find_measure(&f->of->before, "bytes", "");
    char size[32] = "all data";
    char donors[200];

    if (bytes != NULL) {
        str_bytes(bytes->value, size, sizeof size);
    }
    *r =
        (struct preflight_result){ .id = "storage.ephemeral", .severity = CHECK_WARNING };
    (void)snprintf(r->text, sizeof r->text,
                   "%zu member%s data in storage that does not outlive the pod (%s: "
                   "%.160s): each restart re-clones %s from another member (%s: from "
                   "%s)",
                   f->pods, f->pods == 1 ? " has its" : "s have their", f->of->name,
                   f->place, size, f->of->name,
                   storage_donors(cluster, f->of, donors, sizeof donors));
    str_copy(r->hint, sizeof r->hint,
             "nothing is lost as long as another member stays up; back up the database "
             "first");
}

int
storage_preflight(struct cluster *cluster, struct preflight_result *out, size_t max,
                  size_t *n, struct err *e)
{
    const struct kube_ref ref = mirror_ref_pods(cluster->target);
    auto_json json_t *pods = NULL;
    struct storage_finding f = { 0 };
    size_t k = 0;

    if (max < 3 || cluster->n_sets == 0 || cluster->plan->procedure->two_sets) {
        return 0; /* by two sets nobody's data are to outlive a pod */
    }
    if (kube_list(cluster->target->kube, &ref, NULL, &pods, e) < 0) {
        if (e->code != ERR_FORBIDDEN) {
            return err_wrap(e, "the pods of the namespace");
        }
        err_clear(e);
    }
    if (storage_find(cluster, json_path(pods, "items"), &f, e) < 0) {
        return err_wrap(e, "the members' storage");
    }
    if (f.claims > 0 || f.lost.text[0] != '\0') {
        storage_say_claims(cluster, &f, &out[k++]);
    }
    if (f.stuck.text[0] != '\0') {
        storage_say(&out[k++], "storage.return", CHECK_ERROR, &f.stuck);
    }
    if (f.alone.text[0] != '\0') {
        storage_say(&out[k++], "storage.ephemeral", storage_severity(cluster), &f.alone);
    } else if (f.pods > 0) {
        storage_say_copies(cluster, &f, &out[k++]);
    }
    *n += k;
    return 0;
}
