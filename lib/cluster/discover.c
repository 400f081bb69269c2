#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/origin.h"
#include "cluster/wishes.h"
#include "kubedb/catalog.h"

struct kube_ref
flow_ref_db(const struct flow *f, const char *subresource)
{
    return (struct kube_ref){ .group = "kubedb.com",
                              .version = f->db_api,
                              .resource = f->en->resource,
                              .name_space = f->rq->name_space,
                              .name = f->rq->name,
                              .subresource = subresource };
}

static struct kube_ref
gather_ref_sets(const struct flow *f)
{
    return (struct kube_ref){ .group = f->petset ? "apps.k8s.appscode.com" : "apps",
                              .version = "v1",
                              .resource = f->petset ? "petsets" : "statefulsets",
                              .name_space = f->rq->name_space };
}

struct kube_ref
flow_ref_set(const struct flow *f, const struct flow_set *s)
{
    struct kube_ref ref = gather_ref_sets(f);

    ref.name = s->name;
    return ref;
}

struct kube_ref
flow_ref_pods(const struct flow *f)
{
    return (struct kube_ref){
        .group = "", .version = "v1", .resource = "pods", .name_space = f->rq->name_space
    };
}

const json_t *
flow_db(const struct flow *f)
{
    return json_object_get(kube_watch_objects(f->w_db), f->rq->name);
}

const json_t *
flow_pod_object(const struct flow *f, const char *name)
{
    return json_object_get(kube_watch_objects(f->w_pods), name);
}

struct flow_pod *
flow_pod_find(struct flow *f, const char *name)
{
    for (size_t i = 0; i < f->n_pods; i++) {
        if (str_eq(f->pods[i].name, name)) {
            return &f->pods[i];
        }
    }
    return NULL;
}

int
flow_get_db(struct flow *f, json_t **out, struct err *e)
{
    struct kube_ref ref = flow_ref_db(f, NULL);

    if (kube_get(f->k, &ref, out, e) < 0) {
        return err_wrap(e, "%s %s/%s", f->en->kind, f->rq->name_space, f->rq->name);
    }
    if (f->db_uid != NULL && !str_eq(json_path_str(*out, "metadata.uid"), f->db_uid)) {
        json_decref(*out);
        *out = NULL;
        err_set(e, ERR_REFUSED, "%s/%s was deleted meanwhile", f->en->name, f->rq->name);
        return err_reason(e, "DATABASE_GONE");
    }
    return 0;
}

/* v1 where it is served (KubeDB since 2024-08), else v1alpha2. */
static int
gather_api(struct flow *f, struct err *e)
{
    auto_buf struct buf text = BUF_LIMIT(1024 * 1024);
    auto_json json_t *group = NULL;

    if (kube_get_raw(f->k, "/apis/kubedb.com", &text, e) < 0) {
        if (e->code == ERR_NOT_FOUND) {
            err_set(e, ERR_REFUSED, "this cluster (%s) does not serve kubedb.com",
                    kube_server(f->k));
            err_hint(e, "is KubeDB installed there? Is --context right?");
        }
        return -1;
    }
    group = json_parse(buf_text(&text), text.len, "/apis/kubedb.com", e);
    if (group == NULL) {
        return -1;
    }
    str_copy(f->db_api, sizeof f->db_api,
             json_array_find(json_path(group, "versions"), "version", "v1", NULL) != NULL
                 ? "v1"
                 : "v1alpha2");
    return 0;
}

static int
gather_database(struct flow *f, struct err *e)
{
    struct kube_ref ref = flow_ref_db(f, NULL);
    auto_free char *field = mem_printf("metadata.name=%s", f->rq->name);

    ref.name = NULL;
    f->w_db = kube_watch_open(f->k, &ref, NULL, field, e);
    if (f->w_db == NULL) {
        return e->code == ERR_NOT_FOUND
                   ? err_set(e, ERR_REFUSED, "this cluster (%s) has no %s",
                             kube_server(f->k), f->en->resource)
                   : -1;
    }
    if (flow_db(f) == NULL) {
        err_set(e, ERR_NOT_FOUND, "%s \"%s\" not found in namespace %s", f->en->kind,
                f->rq->name, f->rq->name_space);
        err_reason(e, "DATABASE_NOT_FOUND");
        return err_hint(e, "kubectl get %s -A lists them; -n chooses the namespace",
                        f->en->resource);
    }
    f->db_uid = mem_strdup(json_path_str(flow_db(f), "metadata.uid"));
    return 0;
}

/* PetSets where the cluster has them, else StatefulSets. */
static int
gather_sets(struct flow *f, struct err *e)
{
    struct kube_ref ref;

    f->petset = true;
    ref = gather_ref_sets(f);
    f->w_set = kube_watch_open(f->k, &ref, f->selector, NULL, e);
    if (f->w_set != NULL && json_object_size(kube_watch_objects(f->w_set)) > 0) {
        return 0;
    }
    if (f->w_set == NULL && e->code != ERR_NOT_FOUND) {
        return -1;
    }
    kube_watch_close(f->w_set);
    f->petset = false;
    ref = gather_ref_sets(f);
    f->w_set = kube_watch_open(f->k, &ref, f->selector, NULL, e);
    return f->w_set != NULL ? 0 : -1;
}

static int
gather_pods(struct flow *f, struct err *e)
{
    struct kube_ref ref = flow_ref_pods(f);

    f->w_pods = kube_watch_open(f->k, &ref, f->selector, NULL, e);
    return f->w_pods != NULL ? 0 : -1;
}

static int
gather_ops(struct flow *f, struct err *e)
{
    struct kube_ref ref = { .group = "ops.kubedb.com",
                            .version = "v1alpha1",
                            .resource = f->en->ops_resource,
                            .name_space = f->rq->name_space };

    f->w_ops = kube_watch_open(f->k, &ref, NULL, NULL, e);
    return f->w_ops != NULL || e->code == ERR_NOT_FOUND ? 0 : -1;
}

static int
gather_catalog(struct flow *f, struct err *e)
{
    struct kube_ref ref = { .group = "catalog.kubedb.com",
                            .version = "v1alpha1",
                            .resource = f->en->catalog_resource };

    if (kube_list(f->k, &ref, NULL, &f->catalog, e) < 0) {
        return err_wrap(e, "the catalogue, %s", f->en->catalog_resource);
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
           database_parse(f->en, flow_db(f), &db, &ignored) == 0 && !db.paused &&
           str_eq(db.version, json_path_str(f->lock.journal, "to"));
}

/* An upgrade that was asked for while another one, or the way back, is in progress. */
static int
gather_refuse_other(const struct flow *f, const json_t *j, struct err *e)
{
    bool back = journal_direction(j) == FLOW_BACK;

    err_set(e, ERR_REFUSED, "%s of %s/%s from %s to %s is in progress (started %s by %s)",
            back ? "walking back the upgrade" : "an upgrade", f->en->name, f->rq->name,
            json_path_str(j, "from"), json_path_str(j, "to"), json_path_str(j, "started"),
            json_path_str(j, "by"));
    err_reason(e, back ? "WALKING_BACK" : "OTHER_UPGRADE");
    return err_hint(e, "go on with it:  kubectl dbupgrade %s %s %s%s",
                    back ? "abort" : "resume", f->en->name, f->rq->name,
                    f->rq->command_flags);
}

static int
gather_refuse_none(const struct flow *f, struct err *e)
{
    err_set(e, ERR_REFUSED, "no upgrade of %s/%s is in progress", f->en->name,
            f->rq->name);
    err_reason(e, "NO_UPGRADE");
    return f->rq->abort
               ? err_hint(e, "there is nothing to walk back")
               : err_hint(e, "start one:  kubectl dbupgrade %s %s --to VERSION%s",
                          f->en->name, f->rq->name, f->rq->command_flags);
}

/* As if there were no journal: what it was about is over. */
static int
gather_drop_journal(struct flow *f, const json_t **j, struct err *e)
{
    *j = NULL;
    json_decref(f->lock.journal);
    f->lock.journal = NULL;
    return f->rq->to == NULL ? gather_refuse_none(f, e) : 0;
}

/* Whether the journal is one that this request can go on with; *j becomes NULL where it
 * is of a run that ended well and only could not delete it, or of a database that is
 * gone. */
static int
gather_journal(struct flow *f, const json_t **j, struct err *e)
{
    const char *to = f->rq->to;
    bool other = false;

    if (*j == NULL) {
        return to == NULL ? gather_refuse_none(f, e) : 0;
    }
    if (!str_eq(json_path_str(*j, "uid"), f->db_uid)) {
        tell_note(f,
                  "Lease %s has the journal of a database of this name that is deleted: "
                  "not looked at",
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
    const char *wish = f->rq->strategy;

    kept = j != NULL && *kept == '\0' ? "in-place" : kept;
    if (j != NULL && wish != NULL && !str_eq(wish, kept)) {
        err_set(e, ERR_REFUSED,
                "the upgrade of %s/%s from %s to %s in progress has --strategy %s",
                f->en->name, f->rq->name, f->from_name, f->to_name, kept);
        err_reason(e, "OTHER_STRATEGY");
        return err_hint(e, "go on with it:  kubectl dbupgrade resume %s %s%s",
                        f->en->name, f->rq->name, f->rq->command_flags);
    }
    if (j != NULL && f->rq->delete_old_data && f->en->new_set != NULL &&
        str_eq(kept, "in-place")) {
        err_set(e, ERR_REFUSED,
                "the upgrade of %s/%s in progress is in place: there are no old data",
                f->en->name, f->rq->name);
        return err_reason(e, "OTHER_STRATEGY");
    }
    f->procedure = str_eq(j != NULL ? kept : wish, "new-set") && f->en->new_set != NULL
                       ? PROCEDURE_NEW_SET
                       : engine_procedure_for(f->en, catalog_version(f->from),
                                              catalog_version(f->to));
    return 0;
}

/* An upgrade in progress is of the version that is set, or was set by it. */
static int
gather_check_version(const struct flow *f, const json_t *j, struct err *e)
{
    const char *version = json_path_str(flow_db(f), "spec.version");

    if (j == NULL || str_eq(version, f->from_name) || str_eq(version, f->to_name)) {
        return 0;
    }
    err_set(e, ERR_REFUSED,
            "the journal of an earlier run is about an upgrade from %s to %s, and "
            "spec.version is %s",
            f->from_name, f->to_name, version);
    return journal_hint_remove(f, e);
}

/* Where from and where to: the journal's, when one is in progress. */
static int
gather_versions(struct flow *f, struct err *e)
{
    const json_t *j = f->lock.journal;
    const char *to = f->rq->to;

    if (gather_journal(f, &j, e) < 0) {
        return -1;
    }
    f->direction = f->rq->abort ? FLOW_BACK : journal_direction(j);
    f->resuming = j != NULL;
    f->from_name = mem_strdup(j != NULL ? json_path_str(j, "from")
                                        : json_path_str(flow_db(f), "spec.version"));
    f->to_name = mem_strdup(j != NULL ? json_path_str(j, "to") : to);
    f->from = catalog_find(f->catalog, f->from_name);
    f->to = catalog_find(f->catalog, f->to_name);
    return gather_check_version(f, j, e) < 0 ? -1 : gather_procedure(f, j, e);
}

int
gather_world(struct flow *f, struct err *e)
{
    struct database db = { 0 };

    f->selector = workload_selector(f->en, f->rq->name);
    if (gather_api(f, e) < 0 || gather_database(f, e) < 0 || gather_catalog(f, e) < 0 ||
        lock_read(f, e) < 0 || gather_versions(f, e) < 0 || gather_sets(f, e) < 0 ||
        sets_choose(f, e) < 0 || gather_pods(f, e) < 0 || gather_ops(f, e) < 0) {
        return -1;
    }
    if (database_parse(f->en, flow_db(f), &db, e) < 0) {
        return -1;
    }
    if (origin_check_pause(f, &db, e) < 0) {
        return -1;
    }
    f->midway = origin_is_begun(f, &db);
    if (wishes_take(f, e) < 0) {
        return -1;
    }
    f->changed = f->midway && !f->rq->abort; /* to refuse an abort leaves all as it is */
    f->mode = db.mode;
    f->topology = db.mode != NULL ? db.mode->topology : TOPOLOGY_UNSUPPORTED;
    f->paused_now = db.paused;
    return 0;
}
