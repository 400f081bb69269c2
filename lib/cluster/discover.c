#include "cluster/discover.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/origin.h"
#include "cluster/procedure.h"
#include "cluster/sets.h"
#include "cluster/wishes.h"
#include "engine/engine.h"
#include "engine/topology.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "kubedb/catalog.h"
#include "kubedb/database.h"
#include "kubedb/workload.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "run/emit.h"
#include "run/run.h"
#include "run/target.h"

/* v1 where it is served (KubeDB since 2024-08), else v1alpha2. */
static int
discover_api(struct target *target, struct err *e)
{
    auto_buf struct buf text = BUF_LIMIT(1024 * 1024);
    auto_json json_t *group = NULL;

    if (kube_get_raw(target->kube, "/apis/kubedb.com", &text, e) < 0) {
        if (e->code == ERR_NOT_FOUND) {
            err_set(e, ERR_REFUSED, "this cluster (%s) does not serve kubedb.com",
                    kube_server(target->kube));
            err_hint(e,
                     "check that KubeDB is installed there, and that --context is right");
        }
        return -1;
    }
    group = json_parse(buf_text(&text), text.len, "/apis/kubedb.com", e);
    if (group == NULL) {
        return -1;
    }
    str_copy(target->api_version, sizeof target->api_version,
             json_array_find(json_path(group, "versions"), "version", "v1", NULL) != NULL
                 ? "v1"
                 : "v1alpha2");
    return 0;
}

static int
discover_database(struct cluster *cluster, struct err *e)
{
    struct kube_ref ref = mirror_ref_db(cluster->target, NULL);
    auto_free char *field =
        mem_printf("metadata.name=%s", cluster->target->request->name);

    ref.name = NULL;
    cluster->watch.db = kube_watch_open(cluster->target->kube, &ref, NULL, field, e);
    if (cluster->watch.db == NULL) {
        return e->code == ERR_NOT_FOUND
                   ? err_set(e, ERR_REFUSED, "this cluster (%s) has no %s",
                             kube_server(cluster->target->kube),
                             cluster->target->engine->api.resource)
                   : -1;
    }
    if (mirror_db(cluster) == NULL) {
        err_set(e, ERR_NOT_FOUND, "%s \"%s\" not found in namespace %s",
                cluster->target->engine->api.kind, cluster->target->request->name,
                cluster->target->request->name_space);
        err_reason(e, "DATABASE_NOT_FOUND");
        return err_hint(e, "list them: kubectl get %s -A; choose the namespace with -n",
                        cluster->target->engine->api.resource);
    }
    cluster->target->uid = mem_strdup(json_path_str(mirror_db(cluster), "metadata.uid"));
    return 0;
}

/* PetSets where the cluster has them, else StatefulSets. */
static int
discover_sets(struct cluster *cluster, struct err *e)
{
    struct kube_ref ref;

    cluster->target->petset = true;
    ref = mirror_ref_sets(cluster->target);
    cluster->watch.sets =
        kube_watch_open(cluster->target->kube, &ref, cluster->target->selector, NULL, e);
    if (cluster->watch.sets != NULL &&
        json_object_size(kube_watch_objects(cluster->watch.sets)) > 0) {
        return 0;
    }
    if (cluster->watch.sets == NULL && e->code != ERR_NOT_FOUND) {
        return -1;
    }
    kube_watch_close(cluster->watch.sets);
    cluster->target->petset = false;
    ref = mirror_ref_sets(cluster->target);
    cluster->watch.sets =
        kube_watch_open(cluster->target->kube, &ref, cluster->target->selector, NULL, e);
    return cluster->watch.sets != NULL ? 0 : -1;
}

static int
discover_pods(struct cluster *cluster, struct err *e)
{
    struct kube_ref ref = mirror_ref_pods(cluster->target);

    cluster->watch.pods =
        kube_watch_open(cluster->target->kube, &ref, cluster->target->selector, NULL, e);
    return cluster->watch.pods != NULL ? 0 : -1;
}

static int
discover_ops(struct cluster *cluster, struct err *e)
{
    struct kube_ref ref = { .group = "ops.kubedb.com",
                            .version = "v1alpha1",
                            .resource = cluster->target->engine->api.ops_resource,
                            .name_space = cluster->target->request->name_space };

    cluster->watch.ops = kube_watch_open(cluster->target->kube, &ref, NULL, NULL, e);
    return cluster->watch.ops != NULL || e->code == ERR_NOT_FOUND ? 0 : -1;
}

static int
discover_catalog(struct run *run, struct err *e)
{
    struct kube_ref ref = { .group = "catalog.kubedb.com",
                            .version = "v1alpha1",
                            .resource = run->target->engine->api.catalog_resource };

    if (kube_list(run->target->kube, &ref, NULL, &run->plan->catalog, e) < 0) {
        return err_wrap(e, "the catalog, %s", run->target->engine->api.catalog_resource);
    }
    return 0;
}

/* Whether what the journal wants is complete: its version is set and the operator
 * resumed. Of the way back only the images could tell: it is gone through again. */
static bool
discover_is_over(struct cluster *cluster)
{
    struct database db = { 0 };
    struct err ignored = { 0 };

    return journal_direction(cluster->lock->journal) == DIRECTION_FORWARD &&
           database_parse(cluster->target->engine, mirror_db(cluster), &db, &ignored) ==
               0 &&
           !db.paused && str_eq(db.version, json_path_str(cluster->lock->journal, "to"));
}

/* An upgrade that was asked for while another one, or the way back, is in progress. */
static int
discover_refuse_other(const struct target *target, const json_t *j, struct err *e)
{
    bool back = journal_direction(j) == DIRECTION_BACK;

    err_set(e, ERR_REFUSED, "%s of %s/%s from %s to %s is in progress (started %s by %s)",
            back ? "a rollback of the upgrade" : "an upgrade", target->engine->name,
            target->request->name, json_path_str(j, "from"), json_path_str(j, "to"),
            json_path_str(j, "started"), json_path_str(j, "by"));
    err_reason(e, back ? "WALKING_BACK" : "OTHER_UPGRADE");
    return err_hint(e, "resume it:  kubectl dbupgrade %s %s %s%s",
                    back ? "abort" : "resume", target->engine->name,
                    target->request->name, target->request->command_flags);
}

static int
discover_refuse_none(const struct target *target, struct err *e)
{
    err_set(e, ERR_REFUSED, "no upgrade of %s/%s is in progress", target->engine->name,
            target->request->name);
    err_reason(e, "NO_UPGRADE");
    return target->request->abort
               ? err_hint(e, "there is nothing to roll back")
               : err_hint(e, "start one:  kubectl dbupgrade %s %s --to VERSION%s",
                          target->engine->name, target->request->name,
                          target->request->command_flags);
}

/* As if there were no journal: what it was about is over. */
static int
discover_drop_journal(struct lock *lock, const json_t **j, struct err *e)
{
    *j = NULL;
    json_decref(lock->journal);
    lock->journal = NULL;
    return lock->target->request->to == NULL ? discover_refuse_none(lock->target, e) : 0;
}

/* Whether the journal is one that this request can go on with; *j becomes NULL where it
 * is of a run that ended well and only could not delete it, or of a database that is
 * gone. */
static int
discover_journal(struct cluster *cluster, const json_t **j, struct err *e)
{
    const char *to = cluster->target->request->to;
    bool other = false;

    if (*j == NULL) {
        return to == NULL ? discover_refuse_none(cluster->target, e) : 0;
    }
    if (!str_eq(json_path_str(*j, "uid"), cluster->target->uid)) {
        emit_note(cluster->run,
                  "Lease %s holds the journal of a deleted database with the same name: "
                  "ignored",
                  cluster->lock->name);
        return discover_drop_journal(cluster->lock, j, e);
    }
    other = to != NULL && (!str_eq(to, json_path_str(*j, "to")) ||
                           journal_direction(*j) == DIRECTION_BACK);
    if (other && discover_is_over(cluster)) {
        return discover_drop_journal(cluster->lock, j, e);
    }
    return other ? discover_refuse_other(cluster->target, *j, e) : 0;
}

/* By a new set or in place: as the run in progress began, or as it is wished now. */
static int
discover_procedure(struct cluster *cluster, const json_t *j, struct err *e)
{
    const char *kept = json_path_str(j, "strategy");
    const char *wish = cluster->target->request->strategy;

    kept = j != NULL && *kept == '\0' ? "in-place" : kept;
    if (j != NULL && wish != NULL && !str_eq(wish, kept)) {
        err_set(e, ERR_REFUSED,
                "the upgrade of %s/%s from %s to %s in progress uses --strategy %s",
                cluster->target->engine->name, cluster->target->request->name,
                cluster->plan->from_name, cluster->plan->to_name, kept);
        err_reason(e, "OTHER_STRATEGY");
        return err_hint(e, "resume it:  kubectl dbupgrade resume %s %s%s",
                        cluster->target->engine->name, cluster->target->request->name,
                        cluster->target->request->command_flags);
    }
    if (j != NULL && cluster->target->request->major.delete_old_data &&
        cluster->target->engine->new_set != NULL && str_eq(kept, "in-place")) {
        err_set(e, ERR_REFUSED,
                "the upgrade of %s/%s in progress is in place: it leaves no old data to "
                "delete",
                cluster->target->engine->name, cluster->target->request->name);
        return err_reason(e, "OTHER_STRATEGY");
    }
    cluster->plan->procedure =
        cluster->procedures +
        (str_eq(j != NULL ? kept : wish, "new-set") &&
                 cluster->target->engine->new_set != NULL
             ? PROCEDURE_NEW_SET
             : engine_procedure_for(cluster->target->engine,
                                    catalog_version(cluster->plan->from),
                                    catalog_version(cluster->plan->to)));
    return 0;
}

/* An upgrade in progress is of the version that is set, or was set by it. */
static int
discover_check_version(const struct cluster *cluster, const json_t *j, struct err *e)
{
    const char *version = json_path_str(mirror_db(cluster), "spec.version");

    if (j == NULL || str_eq(version, cluster->plan->from_name) ||
        str_eq(version, cluster->plan->to_name)) {
        return 0;
    }
    err_set(e, ERR_REFUSED,
            "the journal of an earlier run describes an upgrade from %s to %s, but "
            "spec.version is %s",
            cluster->plan->from_name, cluster->plan->to_name, version);
    return journal_hint_remove(cluster->lock, e);
}

/* Where from and where to: the journal's, when one is in progress. */
static int
discover_versions(struct cluster *cluster, struct err *e)
{
    const json_t *j = cluster->lock->journal;
    const char *to = cluster->target->request->to;

    if (discover_journal(cluster, &j, e) < 0) {
        return -1;
    }
    cluster->run->direction =
        cluster->target->request->abort ? DIRECTION_BACK : journal_direction(j);
    cluster->plan->resuming = j != NULL;
    cluster->plan->from_name =
        mem_strdup(j != NULL ? json_path_str(j, "from")
                             : json_path_str(mirror_db(cluster), "spec.version"));
    cluster->plan->to_name = mem_strdup(j != NULL ? json_path_str(j, "to") : to);
    cluster->plan->from = catalog_find(cluster->plan->catalog, cluster->plan->from_name);
    cluster->plan->to = catalog_find(cluster->plan->catalog, cluster->plan->to_name);
    return discover_check_version(cluster, j, e) < 0 ? -1
                                                     : discover_procedure(cluster, j, e);
}

int
discover_world(struct cluster *cluster, struct err *e)
{
    struct database db = { 0 };

    cluster->target->selector =
        workload_selector(cluster->target->engine, cluster->target->request->name);
    if (discover_api(cluster->target, e) < 0 || discover_database(cluster, e) < 0 ||
        discover_catalog(cluster->run, e) < 0 || lock_read(cluster->lock, e) < 0 ||
        discover_versions(cluster, e) < 0 || discover_sets(cluster, e) < 0 ||
        sets_choose(cluster, e) < 0 || discover_pods(cluster, e) < 0 ||
        discover_ops(cluster, e) < 0) {
        return -1;
    }
    if (database_parse(cluster->target->engine, mirror_db(cluster), &db, e) < 0) {
        return -1;
    }
    if (origin_check_pause(cluster->lock, &db, e) < 0) {
        return -1;
    }
    cluster->plan->midway = origin_is_begun(cluster, &db);
    if (wishes_take(cluster, e) < 0) {
        return -1;
    }
    cluster->run->changed =
        cluster->plan->midway &&
        !cluster->target->request->abort; /* to refuse an abort leaves all as it is */
    cluster->plan->mode = db.mode;
    cluster->plan->topology = db.mode != NULL ? db.mode->topology : TOPOLOGY_UNSUPPORTED;
    cluster->progress.paused_now = db.paused;
    return 0;
}
