#include "preflight/backend.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "kube/client.h"
#include "kubedb/checks.h"
#include "run/course.h"
#include "run/target.h"

/* KubeDB's kinds that a proxy can stand before. Source: KubeDB's API. */
static const struct backend_kind {
    const char *kind; /* an AppBinding's spec.type has it in small letters */
    const char *type;
    const char *resource;
} backend_kinds[] = {
    { "MySQL", "kubedb.com/mysql", "mysqls" },
    { "PerconaXtraDB", "kubedb.com/perconaxtradb", "perconaxtradbs" },
    { "MariaDB", "kubedb.com/mariadb", "mariadbs" },
    { 0 },
};

/* Older AppBindings say no more than their type, and have the database's name. */
static const struct backend_kind *
backend_kind_of(const json_t *binding)
{
    const char *kind = json_path_str(binding, "spec.appRef.kind");
    const char *type = json_path_str(binding, "spec.type");

    for (const struct backend_kind *k = backend_kinds; k->kind != NULL; k++) {
        if (*kind != '\0' ? str_eq(k->kind, kind) : str_eq(k->type, type)) {
            return k;
        }
    }
    return NULL;
}

static int
backend_get_binding(struct cluster *cluster, const char *name, json_t **out,
                    struct err *e)
{
    const char *there = json_path_str(mirror_db(cluster), "spec.backend.namespace");
    struct kube_ref ref = { .group = "appcatalog.appscode.com",
                            .version = "v1alpha1",
                            .resource = "appbindings",
                            .name_space = *there != '\0'
                                              ? there
                                              : cluster->target->request->name_space,
                            .name = name };

    return kube_get(cluster->target->kube, &ref, out, e);
}

/* The database that an AppBinding is of, and its phase. */
static void
backend_judge(const struct target *target, const json_t *binding,
              struct preflight_result *to)
{
    const struct backend_kind *kind = backend_kind_of(binding);
    const char *own = json_path_str(binding, "metadata.name");
    const char *name = json_path_str(binding, "spec.appRef.name");
    const char *there = json_path_str(binding, "spec.appRef.namespace");
    struct kube_ref ref = { .group = "kubedb.com", .version = target->api_version };
    auto_json json_t *database = NULL;
    struct err e = { 0 };
    const char *phase = NULL;

    if (kind == NULL) {
        str_append(to->text, sizeof to->text,
                   "AppBinding %s does not belong to a KubeDB database: not checked",
                   own);
        return;
    }
    ref.resource = kind->resource;
    ref.name = *name != '\0' ? name : own;
    ref.name_space =
        *there != '\0' ? there : json_path_str(binding, "metadata.namespace");
    to->severity = CHECK_ERROR;
    if (kube_get(target->kube, &ref, &database, &e) < 0) {
        str_append(to->text, sizeof to->text, "%s %s, the backend: %s", kind->kind,
                   ref.name, e.msg);
        return;
    }
    phase = json_path_str(database, "status.phase");
    to->severity = str_eq(phase, "Ready") ? CHECK_OK : CHECK_ERROR;
    str_append(to->text, sizeof to->text, "the backend %s %s is %s", kind->kind, ref.name,
               *phase != '\0' ? phase : "without a phase");
}

size_t
backend_preflight(struct cluster *cluster, struct preflight_result *out, size_t max)
{
    auto_free char *name =
        mem_strdup(cluster->target->engine->object.backend_path != NULL
                       ? json_path_str(mirror_db(cluster),
                                       cluster->target->engine->object.backend_path)
                       : "");
    auto_json json_t *binding = NULL;
    struct err e = { 0 };

    if (cluster->target->engine->object.backend_path == NULL ||
        !course_is_forward(cluster->run) || max == 0) {
        return 0;
    }
    *out = (struct preflight_result){ .id = "backend.ready" };
    if (*name == '\0') {
        out->severity = CHECK_ERROR;
        str_append(out->text, sizeof out->text, "%s is empty: no backend database",
                   cluster->target->engine->object.backend_path);
    } else if (backend_get_binding(cluster, name, &binding, &e) < 0) {
        out->severity = CHECK_ERROR;
        str_append(out->text, sizeof out->text, "AppBinding %s: %s", name, e.msg);
    } else {
        backend_judge(cluster->target, binding, out);
    }
    return 1;
}
