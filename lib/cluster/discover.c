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
#include "run/flow.h"
#include "run/run.h"

/* v1 where it is served (KubeDB since 2024-08), else v1alpha2. */
static int
gather_api(struct flow *f, struct err *e)
{
    auto_buf struct buf text = BUF_LIMIT(1024 * 1024);
    auto_json json_t *group = NULL;

    if (kube_get_raw(f->target.kube, "/apis/kubedb.com", &text, e) < 0) {
        if (e->code == ERR_NOT_FOUND) {
            err_set(e, ERR_REFUSED, "this cluster (%s) does not serve kubedb.com",
                    kube_server(f->target.kube));
            err_hint(e,
                     "check that KubeDB is installed there, and that --context is right");
        }
        return -1;
    }
    group = json_parse(buf_text(&text), text.len, "/apis/kubedb.com", e);
    if (group == NULL) {
        return -1;
    }
    str_copy(f->target.api_version, sizeof f->target.api_version,
             json_array_find(json_path(group, "versions"), "version", "v1", NULL) != NULL
                 ? "v1"
                 : "v1alpha2");
    return 0;
}

static int
gather_database(struct flow *f, struct err *e)
{
    struct kube_ref ref = flow_ref_db(f, NULL);
    auto_free char *field = mem_printf("metadata.name=%s", f->target.request->name);

    ref.name = NULL;
    f->cluster.watch.db = kube_watch_open(f->target.kube, &ref, NULL, field, e);
    if (f->cluster.watch.db == NULL) {
        return e->code == ERR_NOT_FOUND
                   ? err_set(e, ERR_REFUSED, "this cluster (%s) has no %s",
                             kube_server(f->target.kube), f->target.engine->resource)
                   : -1;
    }
    if (flow_db(f) == NULL) {
        err_set(e, ERR_NOT_FOUND, "%s \"%s\" not found in namespace %s",
                f->target.engine->kind, f->target.request->name,
                f->target.request->name_space);
        err_reason(e, "DATABASE_NOT_FOUND");
        return err_hint(e, "list them: kubectl get %s -A; choose the namespace with -n",
                        f->target.engine->resource);
    }
    f->target.uid = mem_strdup(json_path_str(flow_db(f), "metadata.uid"));
    return 0;
}

/* PetSets where the cluster has them, else StatefulSets. */
static int
gather_sets(struct flow *f, struct err *e)
{
    struct kube_ref ref;

    f->target.petset = true;
    ref = gather_ref_sets(f);
    f->cluster.watch.sets =
        kube_watch_open(f->target.kube, &ref, f->target.selector, NULL, e);
    if (f->cluster.watch.sets != NULL &&
        json_object_size(kube_watch_objects(f->cluster.watch.sets)) > 0) {
        return 0;
    }
    if (f->cluster.watch.sets == NULL && e->code != ERR_NOT_FOUND) {
        return -1;
    }
    kube_watch_close(f->cluster.watch.sets);
    f->target.petset = false;
    ref = gather_ref_sets(f);
    f->cluster.watch.sets =
        kube_watch_open(f->target.kube, &ref, f->target.selector, NULL, e);
    return f->cluster.watch.sets != NULL ? 0 : -1;
}

static int
gather_pods(struct flow *f, struct err *e)
{
    struct kube_ref ref = flow_ref_pods(f);

    f->cluster.watch.pods =
        kube_watch_open(f->target.kube, &ref, f->target.selector, NULL, e);
    return f->cluster.watch.pods != NULL ? 0 : -1;
}

static int
gather_ops(struct flow *f, struct err *e)
{
    struct kube_ref ref = { .group = "ops.kubedb.com",
                            .version = "v1alpha1",
                            .resource = f->target.engine->ops_resource,
                            .name_space = f->target.request->name_space };

    f->cluster.watch.ops = kube_watch_open(f->target.kube, &ref, NULL, NULL, e);
    return f->cluster.watch.ops != NULL || e->code == ERR_NOT_FOUND ? 0 : -1;
}

static int
gather_catalog(struct flow *f, struct err *e)
{
    struct kube_ref ref = { .group = "catalog.kubedb.com",
                            .version = "v1alpha1",
                            .resource = f->target.engine->catalog_resource };

    if (kube_list(f->target.kube, &ref, NULL, &f->plan.catalog, e) < 0) {
        return err_wrap(e, "the catalog, %s", f->target.engine->catalog_resource);
    }
    return 0;
}

/* Whether what the journal wants is complete: its version is set and the operator
 * resumed. Of the way back only the images could tell: it is gone through again. */
static bool
gather_is_over(struct flow *f)
{
    struct database db = { 0 };
    struct err ignored = { 0 };

    return journal_direction(f->lock.journal) == FLOW_FORWARD &&
           database_parse(f->target.engine, flow_db(f), &db, &ignored) == 0 &&
           !db.paused && str_eq(db.version, json_path_str(f->lock.journal, "to"));
}

/* An upgrade that was asked for while another one, or the way back, is in progress. */
static int
gather_refuse_other(const struct flow *f, const json_t *j, struct err *e)
{
    bool back = journal_direction(j) == FLOW_BACK;

    err_set(e, ERR_REFUSED, "%s of %s/%s from %s to %s is in progress (started %s by %s)",
            back ? "a rollback of the upgrade" : "an upgrade", f->target.engine->name,
            f->target.request->name, json_path_str(j, "from"), json_path_str(j, "to"),
            json_path_str(j, "started"), json_path_str(j, "by"));
    err_reason(e, back ? "WALKING_BACK" : "OTHER_UPGRADE");
    return err_hint(e, "resume it:  kubectl dbupgrade %s %s %s%s",
                    back ? "abort" : "resume", f->target.engine->name,
                    f->target.request->name, f->target.request->command_flags);
}

static int
gather_refuse_none(const struct flow *f, struct err *e)
{
    err_set(e, ERR_REFUSED, "no upgrade of %s/%s is in progress", f->target.engine->name,
            f->target.request->name);
    err_reason(e, "NO_UPGRADE");
    return f->target.request->abort
               ? err_hint(e, "there is nothing to roll back")
               : err_hint(e, "start one:  kubectl dbupgrade %s %s --to VERSION%s",
                          f->target.engine->name, f->target.request->name,
                          f->target.request->command_flags);
}

/* As if there were no journal: what it was about is over. */
static int
gather_drop_journal(struct flow *f, const json_t **j, struct err *e)
{
    *j = NULL;
    json_decref(f->lock.journal);
    f->lock.journal = NULL;
    return f->target.request->to == NULL ? gather_refuse_none(f, e) : 0;
}

/* Whether the journal is one that this request can go on with; *j becomes NULL where it
 * is of a run that ended well and only could not delete it, or of a database that is
 * gone. */
static int
gather_journal(struct flow *f, const json_t **j, struct err *e)
{
    const char *to = f->target.request->to;
    bool other = false;

    if (*j == NULL) {
        return to == NULL ? gather_refuse_none(f, e) : 0;
    }
    if (!str_eq(json_path_str(*j, "uid"), f->target.uid)) {
        tell_note(f,
                  "Lease %s holds the journal of a deleted database with the same name: "
                  "ignored",
                  f->lock.name);
        return gather_drop_journal(f, j, e);
    }
    other = to != NULL &&
            (!str_eq(to, json_path_str(*j, "to")) || journal_direction(*j) == FLOW_BACK);
    if (other && gather_is_over(f)) {
        return gather_drop_journal(f, j, e);
    }
    return other ? gather_refuse_other(f, *j, e) : 0;
}

/* By a new set or in place: as the run in progress began, or as it is wished now. */
static int
gather_procedure(struct flow *f, const json_t *j, struct err *e)
{
    const char *kept = json_path_str(j, "strategy");
    const char *wish = f->target.request->strategy;

    kept = j != NULL && *kept == '\0' ? "in-place" : kept;
    if (j != NULL && wish != NULL && !str_eq(wish, kept)) {
        err_set(e, ERR_REFUSED,
                "the upgrade of %s/%s from %s to %s in progress uses --strategy %s",
                f->target.engine->name, f->target.request->name, f->plan.from_name,
                f->plan.to_name, kept);
        err_reason(e, "OTHER_STRATEGY");
        return err_hint(e, "resume it:  kubectl dbupgrade resume %s %s%s",
                        f->target.engine->name, f->target.request->name,
                        f->target.request->command_flags);
    }
    if (j != NULL && f->target.request->delete_old_data &&
        f->target.engine->new_set != NULL && str_eq(kept, "in-place")) {
        err_set(e, ERR_REFUSED,
                "the upgrade of %s/%s in progress is in place: it leaves no old data to "
                "delete",
                f->target.engine->name, f->target.request->name);
        return err_reason(e, "OTHER_STRATEGY");
    }
    f->plan.procedure =
        f->cluster.procedures +
        (str_eq(j != NULL ? kept : wish, "new-set") && f->target.engine->new_set != NULL
             ? PROCEDURE_NEW_SET
             : engine_procedure_for(f->target.engine, catalog_version(f->plan.from),
                                    catalog_version(f->plan.to)));
    return 0;
}

/* An upgrade in progress is of the version that is set, or was set by it. */
static int
gather_check_version(const struct flow *f, const json_t *j, struct err *e)
{
    const char *version = json_path_str(flow_db(f), "spec.version");

    if (j == NULL || str_eq(version, f->plan.from_name) ||
        str_eq(version, f->plan.to_name)) {
        return 0;
    }
    err_set(e, ERR_REFUSED,
            "the journal of an earlier run describes an upgrade from %s to %s, but "
            "spec.version is %s",
            f->plan.from_name, f->plan.to_name, version);
    return journal_hint_remove(f, e);
}

/* Where from and where to: the journal's, when one is in progress. */
static int
gather_versions(struct flow *f, struct err *e)
{
    const json_t *j = f->lock.journal;
    const char *to = f->target.request->to;

    if (gather_journal(f, &j, e) < 0) {
        return -1;
    }
    f->run.direction = f->target.request->abort ? FLOW_BACK : journal_direction(j);
    f->plan.resuming = j != NULL;
    f->plan.from_name = mem_strdup(j != NULL ? json_path_str(j, "from")
                                             : json_path_str(flow_db(f), "spec.version"));
    f->plan.to_name = mem_strdup(j != NULL ? json_path_str(j, "to") : to);
    f->plan.from = catalog_find(f->plan.catalog, f->plan.from_name);
    f->plan.to = catalog_find(f->plan.catalog, f->plan.to_name);
    return gather_check_version(f, j, e) < 0 ? -1 : gather_procedure(f, j, e);
}

int
gather_world(struct flow *f, struct err *e)
{
    struct database db = { 0 };

    f->target.selector = workload_selector(f->target.engine, f->target.request->name);
    if (gather_api(f, e) < 0 || gather_database(f, e) < 0 || gather_catalog(f, e) < 0 ||
        lock_read(f, e) < 0 || gather_versions(f, e) < 0 || gather_sets(f, e) < 0 ||
        sets_choose(f, e) < 0 || gather_pods(f, e) < 0 || gather_ops(f, e) < 0) {
        return -1;
    }
    if (database_parse(f->target.engine, flow_db(f), &db, e) < 0) {
        return -1;
    }
    if (origin_check_pause(f, &db, e) < 0) {
        return -1;
    }
    f->plan.midway = origin_is_begun(f, &db);
    if (wishes_take(f, e) < 0) {
        return -1;
    }
    f->run.changed =
        f->plan.midway &&
        !f->target.request->abort; /* to refuse an abort leaves all as it is */
    f->plan.mode = db.mode;
    f->plan.topology = db.mode != NULL ? db.mode->topology : TOPOLOGY_UNSUPPORTED;
    f->cluster.progress.paused_now = db.paused;
    return 0;
}
