#include "kubedb/workload.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/router.h"

char *
workload_selector(const struct engine *en, const char *database)
{
    return mem_printf(
        "app.kubernetes.io/name=%s.kubedb.com,app.kubernetes.io/instance=%s,"
        "app.kubernetes.io/managed-by=kubedb.com",
        en->api.resource, database);
}

/* How sets are told that are the database's, but not its members': by a label, or by
 * what follows the database's name in theirs. */
static const struct workload_other {
    const char *key, *value; /* NULL: no label */
    const char *suffix;      /* NULL: whatever the name */
    bool follows;            /* its servers follow the members */
} workload_others[] = {
    { "mysql.kubedb.com/component", "router", NULL, false },
    { "kubedb.com/role", "read-replica", NULL, true },
    { "kubedb.com/role", "arbiter", NULL, false },
    { NULL, NULL, "-arbiter", false },
};

static bool
workload_is_like(const json_t *set, const struct workload_other *o)
{
    const char *name = json_path_str(set, "metadata.name");
    const char *database = json_string_value(
        json_object_get(json_path(set, "metadata.labels"), "app.kubernetes.io/instance"));
    const json_t *label = o->key != NULL
                              ? json_object_get(json_path(set, "metadata.labels"), o->key)
                              : NULL;

    if (o->suffix == NULL) {
        return str_eq(json_string_value(label), o->value);
    }
    return database != NULL && str_starts(name, database) &&
           str_eq(name + strlen(database), o->suffix);
}

/* What it is where it is not the members'; else NULL. */
static const struct workload_other *
workload_other(const json_t *set)
{
    for (size_t i = 0; i < sizeof workload_others / sizeof *workload_others; i++) {
        if (workload_is_like(set, &workload_others[i])) {
            return &workload_others[i];
        }
    }
    return NULL;
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

bool
workload_is_of_members(const json_t *set, const char *database_uid)
{
    return workload_is_of(set, database_uid) && workload_other(set) == NULL;
}

const json_t *
workload_find(const json_t *list, const char *database, const char *database_uid,
              struct err *e)
{
    const json_t *found = NULL;
    size_t i = 0;
    json_t *set = NULL;

    json_array_foreach (json_path(list, "items"), i, set) {
        if (!workload_is_of_members(set, database_uid)) {
            continue;
        }
        if (found != NULL) {
            err_set(e, ERR_REFUSED, "%s has two workloads, %s and %s", database,
                    json_path_str(found, "metadata.name"),
                    json_path_str(set, "metadata.name"));
            return NULL;
        }
        found = set;
    }
    if (found == NULL) {
        err_set(e, ERR_NOT_FOUND, "no PetSet or StatefulSet belongs to %s", database);
    }
    return found;
}

static const char *
workload_name(const json_t *set)
{
    return json_path_str(set, "metadata.name");
}

size_t
workload_find_followers(const json_t *list, const char *database_uid, const json_t **out,
                        size_t max)
{
    size_t n = 0;
    size_t i = 0;
    json_t *set = NULL;

    json_array_foreach (json_path(list, "items"), i, set) {
        const struct workload_other *other = workload_other(set);
        size_t at = n;

        if (other == NULL || !other->follows || !workload_is_of(set, database_uid) ||
            n++ >= max) {
            continue;
        }
        for (; at > 0 && strcmp(workload_name(set), workload_name(out[at - 1])) < 0;
             at--) {
            out[at] = out[at - 1];
        }
        out[at] = set;
    }
    return n;
}

const json_t *
workload_find_front(const json_t *list, const struct engine *en, const char *database_uid)
{
    size_t i = 0;
    json_t *set = NULL;

    json_array_foreach (json_path(list, "items"), i, set) {
        const char *value = json_string_value(
            json_object_get(json_path(set, "metadata.labels"), en->front->key));

        if (str_eq(value, en->front->value) && workload_is_of(set, database_uid)) {
            return set;
        }
    }
    return NULL;
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
        return err_set(e, ERR_PROTOCOL, "the workload has no %s",
                       *w.name == '\0' ? "metadata.name" : "metadata.uid");
    }
    if (w.observed < w.generation) {
        /* The status is about an earlier template. */
        w.update_revision = "";
    }
    *out = w;
    return 0;
}
