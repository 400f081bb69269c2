/* The rights that an upgrade needs, and whether it has them. */
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/check.h"

#define RIGHTS_DATABASE "kubedb.com"
#define RIGHTS_CATALOG  "catalog.kubedb.com"
#define RIGHTS_OPS      "ops.kubedb.com"
#define RIGHTS_LEASE    "coordination.k8s.io"

static const char *
rights_database(const struct engine *en)
{
    return en->api.resource;
}

static const char *
rights_database_status(const struct engine *en)
{
    return en->api.status_resource;
}

static const char *
rights_catalog(const struct engine *en)
{
    return en->api.catalog_resource;
}

static const char *
rights_ops(const struct engine *en)
{
    return en->api.ops_resource;
}

/* Where it has a database behind it; else NULL. */
static const char *
rights_backend(const struct engine *en)
{
    return en->object.backend_path != NULL ? "appbindings" : NULL;
}

/* For what rows are that not every upgrade needs. */
enum rights_part {
    RIGHTS_ALL,
    RIGHTS_PETSET,
    RIGHTS_STATEFULSET,
    RIGHTS_REHEARSAL,
    RIGHTS_NEW_SET,
    RIGHTS_NEW_PETSET,
    RIGHTS_NEW_STATEFULSET,
    RIGHTS_OWN_IMAGES,
};

/* What each part of an upgrade asks of the API server. pods/exec needs both verbs:
 * clients open it by GET over WebSocket, which Kubernetes 1.35 authorizes as create. */
static const struct rights_row {
    const char *verbs; /* separated by a space */
    const char *group;
    const char *resource; /* or the engine's: */
    const char *(*of_engine)(const struct engine *en);
    bool cluster;
    bool optional;
    enum rights_part part;
} rights_rows[] = {
    { "get list watch patch", RIGHTS_DATABASE, NULL, rights_database },
    { "patch", RIGHTS_DATABASE, NULL, rights_database_status },
    { "list", RIGHTS_CATALOG, NULL, rights_catalog, .cluster = true },
    { "list watch", RIGHTS_OPS, NULL, rights_ops },
    { "get", "appcatalog.appscode.com", NULL, rights_backend },
    { "get list watch patch", "apps.k8s.appscode.com", "petsets", .part = RIGHTS_PETSET },
    { "get list watch patch", "apps", "statefulsets", .part = RIGHTS_STATEFULSET },
    { "create delete", "apps.k8s.appscode.com", "petsets", .part = RIGHTS_NEW_PETSET },
    { "create delete", "apps", "statefulsets", .part = RIGHTS_NEW_STATEFULSET },
    { "list delete", "", "persistentvolumeclaims", .part = RIGHTS_NEW_SET },
    { "list", "", "resourcequotas", .optional = true, .part = RIGHTS_NEW_SET },
    /* Where a run goes on, or back: what a set had is told by its revisions alone. */
    { "list", "apps", "controllerrevisions", .optional = true,
      .part = RIGHTS_OWN_IMAGES },
    { "list watch", "", "pods" },
    { "create", "", "pods/eviction" },
    { "get create", "", "pods/exec" },
    { "get create update patch delete", RIGHTS_LEASE, "leases" },
    /* One that serves nobody, where a disruption budget would keep it for ever. */
    { "delete", "", "pods", .optional = true },
    /* Also in dry runs only, where nothing is rehearsed. */
    { "create", "", "pods", .optional = true },
    { "get", "", "pods", .optional = true, .part = RIGHTS_REHEARSAL },
    { "get", "", "pods/log", .optional = true },
    { "list", "", "events", .optional = true },
    { "list", "policy", "poddisruptionbudgets", .optional = true },
    /* Whether a pod's data outlive it. */
    { "get", "", "persistentvolumeclaims", .optional = true },
    { "get", "", "persistentvolumes", .cluster = true, .optional = true },
    { "get", "", "nodes", .cluster = true, .optional = true },
    { "list", "", "nodes", .cluster = true, .optional = true },
    /* The role labels at a hand-over; else their coordinators follow a second later. */
    { "patch", "", "pods", .optional = true },
};

enum { RIGHTS_ROWS = sizeof rights_rows / sizeof *rights_rows };

/* All verbs that the rows use. Rights borrow their text from here. */
static const char *const rights_verbs[] = { "get",    "list",  "watch", "create",
                                            "update", "patch", "delete" };

enum { RIGHTS_VERBS = sizeof rights_verbs / sizeof *rights_verbs };

/* Whether a space-separated list has a verb; no verb is part of another. */
static bool
rights_has_verb(const char *list, const char *verb)
{
    while (*list != '\0') {
        if (str_starts(list, verb)) {
            return true;
        }
        list++;
    }
    return false;
}

static bool
rights_row_applies(const struct rights_row *row, unsigned with)
{
    static const struct {
        unsigned with, without;
    } parts[] = {
        [RIGHTS_ALL] = { 0, 0 },
        [RIGHTS_PETSET] = { PREFLIGHT_PETSET, 0 },
        [RIGHTS_STATEFULSET] = { 0, PREFLIGHT_PETSET },
        [RIGHTS_REHEARSAL] = { PREFLIGHT_REHEARSAL, 0 },
        [RIGHTS_NEW_SET] = { PREFLIGHT_BY_NEW_SET, 0 },
        [RIGHTS_NEW_PETSET] = { PREFLIGHT_BY_NEW_SET | PREFLIGHT_PETSET, 0 },
        [RIGHTS_OWN_IMAGES] = { PREFLIGHT_OWN_IMAGES, 0 },
        [RIGHTS_NEW_STATEFULSET] = { PREFLIGHT_BY_NEW_SET, PREFLIGHT_PETSET },
    };

    return (with & parts[row->part].with) == parts[row->part].with &&
           (with & parts[row->part].without) == 0;
}

size_t
preflight_rights(const struct engine *en, unsigned with, struct preflight_right *out,
                 size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < RIGHTS_ROWS; i++) {
        const struct rights_row *row = &rights_rows[i];
        const char *resource =
            row->of_engine != NULL ? row->of_engine(en) : row->resource;

        for (size_t v = 0;
             v < RIGHTS_VERBS && rights_row_applies(row, with) && resource != NULL; v++) {
            if (n < max && rights_has_verb(row->verbs, rights_verbs[v])) {
                out[n++] = (struct preflight_right){
                    .verb = rights_verbs[v],
                    .group = row->group,
                    .resource = resource,
                    .cluster = row->cluster,
                    .optional = row->optional,
                };
            }
        }
    }
    return n;
}

/* Whether a list of a rule names a value, or all. */
static bool
rights_names(const json_t *list, const char *value)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (list, i, item) {
        const char *s = json_string_value(item);

        if (str_eq(s, value) || str_eq(s, "*")) {
            return true;
        }
    }
    return false;
}

/* "pods/exec" is granted by itself, by "*" and by a subresource of all resources. */
static bool
rights_names_resource(const json_t *list, const char *resource)
{
    size_t i = 0;
    json_t *item = NULL;

    if (rights_names(list, resource)) {
        return true;
    }
    json_array_foreach (list, i, item) {
        const char *s = json_string_value(item);

        if (s != NULL && str_starts(s, "*/") && str_ends(resource, s + 1)) {
            return true;
        }
    }
    return false;
}

bool
preflight_granted(const json_t *review_status, const struct preflight_right *right)
{
    size_t i = 0;
    json_t *rule = NULL;

    json_array_foreach (json_path(review_status, "resourceRules"), i, rule) {
        /* A rule for some names says nothing of this one. */
        if (json_array_size(json_path(rule, "resourceNames")) == 0 &&
            rights_names(json_path(rule, "verbs"), right->verb) &&
            rights_names(json_path(rule, "apiGroups"), right->group) &&
            rights_names_resource(json_path(rule, "resources"), right->resource)) {
            return true;
        }
    }
    return false;
}

/* Whether an optional right is what is missing, as the facts name it: "get pods/log". */
static bool
rights_is_optional(const char *missing)
{
    for (size_t i = 0; i < RIGHTS_ROWS; i++) {
        const struct rights_row *row = &rights_rows[i];
        auto_free char *name =
            row->optional ? mem_printf("%s %s%s%s", row->verbs, row->resource,
                                       *row->group != '\0' ? "." : "", row->group)
                          : NULL;

        if (name != NULL && str_eq(name, missing)) {
            return true;
        }
    }
    return false;
}

void
check_rbac(const struct preflight_facts *f, struct preflight_result *r)
{
    bool blocking = false;
    size_t n = 0;

    for (; f->missing_rights != NULL && f->missing_rights[n] != NULL; n++) {
        if (n == 0) {
            check_say(r, CHECK_WARNING, "not allowed: ");
        }
        str_append(r->text, sizeof r->text, "%s%s", n > 0 ? ", " : "",
                   f->missing_rights[n]);
        blocking = blocking || !rights_is_optional(f->missing_rights[n]);
    }
    if (n == 0) {
        check_say(r, CHECK_OK, "all required permissions granted");
    } else {
        check_hint(r, "grant it with a Role in namespace %s (%s: with a ClusterRole)",
                   f->db->name_space, f->engine->api.catalog_resource);
    }
    r->severity = blocking ? CHECK_ERROR : r->severity;
}
