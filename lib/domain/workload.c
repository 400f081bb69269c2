#include "domain/workload.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

char *
workload_selector(const struct engine *en, const char *database)
{
    return mem_printf(
        "app.kubernetes.io/name=%s.kubedb.com,app.kubernetes.io/instance=%s,"
        "app.kubernetes.io/managed-by=kubedb.com",
        en->resource, database);
}

/* Labels of sets that are the database's, but not its servers: an InnoDB cluster's
 * routers and the read replicas of Postgres. */
static const struct {
    const char *key;
    const char *value;
} workload_others[] = {
    { "mysql.kubedb.com/component", "router" },
    { "kubedb.com/role", "read-replica" },
};

static bool
workload_is_other(const json_t *set)
{
    const json_t *labels = json_path(set, "metadata.labels");

    for (size_t i = 0; i < sizeof workload_others / sizeof *workload_others; i++) {
        if (str_eq(json_string_value(json_object_get(labels, workload_others[i].key)),
                   workload_others[i].value)) {
            return true;
        }
    }
    return false;
}

static bool
workload_is_of(const json_t *set, const char *uid)
{
    size_t i = 0;
    json_t *owner = NULL;

    json_array_foreach (json_path(set, "metadata.ownerReferences"), i, owner) {
        if (json_path_true(owner, "controller") &&
            str_eq(json_path_str(owner, "uid"), uid)) {
            return true;
        }
    }
    return false;
}

const json_t *
workload_find(const json_t *list, const char *database, const char *database_uid,
              struct err *e)
{
    const json_t *found = NULL;
    size_t i = 0;
    json_t *set = NULL;

    json_array_foreach (json_path(list, "items"), i, set) {
        if (!workload_is_of(set, database_uid) || workload_is_other(set)) {
            continue;
        }
        if (found != NULL) {
            err_set(e, ERR_REFUSED, "%s has two sets, %s and %s", database,
                    json_path_str(found, "metadata.name"),
                    json_path_str(set, "metadata.name"));
            return NULL;
        }
        found = set;
    }
    if (found == NULL) {
        err_set(e, ERR_NOT_FOUND, "no set of pods belongs to %s", database);
    }
    return found;
}

int
workload_parse(const json_t *object, struct workload *out, struct err *e)
{
    struct workload w = {
        .kind = json_path_str(object, "kind"),
        .name = json_path_str(object, "metadata.name"),
        .uid = json_path_str(object, "metadata.uid"),
        .resource_version = json_path_str(object, "metadata.resourceVersion"),
        .strategy = json_path_str(object, "spec.updateStrategy.type"),
        .update_revision = json_path_str(object, "status.updateRevision"),
        .generation = json_path_int(object, "metadata.generation", 0),
        .observed = json_path_int(object, "status.observedGeneration", 0),
        .replicas = json_path_int(object, "spec.replicas", 1),
    };

    if (*w.name == '\0' || *w.uid == '\0') {
        return err_set(e, ERR_PROTOCOL, "the set has no %s",
                       *w.name == '\0' ? "metadata.name" : "metadata.uid");
    }
    if (w.observed < w.generation) {
        /* The status is about an earlier template. */
        w.update_revision = "";
    }
    *out = w;
    return 0;
}
