#include "kubedb/field_owner.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "kubedb/form.h"

#define OWNER_US "kubectl-dbupgrade"

/* Whether a set of fields has one; "{}" is the whole of what is below. */
static bool
owner_has(const json_t *fields, const char *const *path)
{
    for (; *path != NULL; path++) {
        fields = json_object_get(fields, *path);
        if (fields == NULL) {
            return false;
        }
        if (json_object_size(fields) == 0) {
            return true;
        }
    }
    return true;
}

void
field_owner_find(const json_t *object, const char *const *path, struct field_owner *out)
{
    const json_t *last = NULL;
    long long latest = -2;
    size_t i = 0;
    json_t *entry = NULL;

    json_array_foreach (json_path(object, "metadata.managedFields"), i, entry) {
        long long at = clock_parse_rfc3339(json_path_str(entry, "time"));

        if (!str_eq(json_path_str(entry, "manager"), OWNER_US) && at > latest &&
            owner_has(json_object_get(entry, "fieldsV1"), path)) {
            latest = at;
            last = entry;
        }
    }
    out->manager = json_path_str(last, "manager");
    if (*out->manager == '\0') {
        str_copy(out->text, sizeof out->text, "another client");
        return;
    }
    (void)snprintf(out->text, sizeof out->text, "%.80s (%.20s at %.40s)", out->manager,
                   json_path_str(last, "operation"), json_path_str(last, "time"));
}

/* -- what to do -- */

/* Where the name of what a controller works by stands, and what stops it. */
static const struct owner_row {
    const char *manager;           /* its beginning */
    const char *name, *name_space; /* labels or annotations; NULL: no namespace */
    const char *command;           /* what follows is the name */
    const char *after;
} owner_rows[] = {
    { "kustomize-controller", "kustomize.toolkit.fluxcd.io/name",
      "kustomize.toolkit.fluxcd.io/namespace", "flux suspend kustomization", "" },
    { "helm-controller", "helm.toolkit.fluxcd.io/name",
      "helm.toolkit.fluxcd.io/namespace", "flux suspend helmrelease", "" },
    { "argocd", "argocd.argoproj.io/tracking-id", NULL, "argocd app set",
      " --sync-policy none" },
    { "fleet", "objectset.rio.cattle.io/owner-name", NULL, "pause the Fleet bundle", "" },
};

static const char *
owner_mark(const json_t *object, const char *key)
{
    static const char *const places[] = { "metadata.annotations", "metadata.labels" };

    for (size_t i = 0; key != NULL && i < sizeof places / sizeof *places; i++) {
        const char *value =
            json_string_value(json_object_get(json_path(object, places[i]), key));

        if (value != NULL) {
            return value;
        }
    }
    return "";
}

/* A name that may stand in a command; up to a colon, as Argo CD's tracking-id has it. */
static const char *
owner_name(const char *value, const char *otherwise, char *out, size_t size)
{
    (void)snprintf(out, size, "%.*s", (int)strcspn(value, ":"), value);
    return form_is_name(out) ? out : otherwise;
}

void
field_owner_hint(const json_t *object, const struct field_owner *owner, struct err *e)
{
    for (size_t i = 0; i < sizeof owner_rows / sizeof *owner_rows; i++) {
        const struct owner_row *row = &owner_rows[i];
        const char *mark = owner_mark(object, row->name);
        const char *name_space = owner_mark(object, row->name_space);
        char name[254];
        char in[254];

        if (!str_starts(owner->manager, row->manager)) {
            continue;
        }
        mark = *mark != '\0' || !str_eq(row->manager, "argocd")
                   ? mark
                   : owner_mark(object, "app.kubernetes.io/instance");
        err_hint(e, "stop it meanwhile: %s %s%s%s%s", row->command,
                 owner_name(mark, "NAME", name, sizeof name),
                 row->name_space != NULL ? " -n " : "",
                 row->name_space != NULL
                     ? owner_name(name_space, "NAMESPACE", in, sizeof in)
                     : "",
                 row->after);
        return;
    }
    err_hint(e, "find out what sets it, and stop it meanwhile");
}
