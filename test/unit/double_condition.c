#include "double_condition.h"

void
condition_free(struct change_condition *c)
{
    free(c->uid);
    free(c->version);
}

struct change_condition
condition_of(const char *uid, const char *version)
{
    return (struct change_condition){ mem_strdup(uid != NULL ? uid : ""),
                                      mem_strdup(version != NULL ? version : "") };
}

/* What a JSON patch tests. */
static const char *
condition_tested(const json_t *patch, const char *path)
{
    const char *found = "";
    size_t i = 0;
    json_t *op = NULL;

    json_array_foreach (patch, i, op) {
        if (str_eq(json_path_str(op, "op"), "test") &&
            str_eq(json_path_str(op, "path"), path)) {
            found = json_path_str(op, "value");
        }
    }
    return found;
}

struct change_condition
condition_of_patch(const json_t *patch)
{
    return json_is_array(patch)
               ? condition_of(condition_tested(patch, "/metadata/uid"),
                              condition_tested(patch, "/metadata/resourceVersion"))
               : condition_of(json_path_str(patch, "metadata.uid"),
                              json_path_str(patch, "metadata.resourceVersion"));
}

enum { NEEDS_UID = 1, NEEDS_VERSION = 2, NEEDS_BOTH = 3 };

/* The first row that fits; of what no row fits everything is needed. */
static const struct condition_row {
    const char *verb, *resource;
    int needs;
    const char *why; /* that it needs no more */
} condition_rows[] = {
    { "patch", "petsets", NEEDS_UID, "it tests the value that it replaces" },
    { "patch", "statefulsets", NEEDS_UID, "it tests the value that it replaces" },
    { "patch", "pods", NEEDS_BOTH, NULL },
    { "patch", NULL, NEEDS_VERSION, "a version is one object's alone" },
    { "replace", NULL, NEEDS_VERSION, "a version is one object's alone" },
};

static int
condition_needs(const struct kube *k, const char *verb, const struct kube_ref *ref)
{
    if (rehearsal_is_it(ref->resource, ref->name)) {
        return NEEDS_UID; /* nobody else's, and it goes whatever it looks like */
    }
    if (k->policy.mode != KUBE_LIVE && str_eq(verb, "delete")) {
        return NEEDS_UID; /* it is shown before its members have gone */
    }
    for (size_t i = 0; i < sizeof condition_rows / sizeof *condition_rows; i++) {
        const struct condition_row *r = &condition_rows[i];

        if (str_eq(r->verb, verb) &&
            (r->resource == NULL || str_eq(r->resource, ref->resource))) {
            return r->needs;
        }
    }
    return NEEDS_BOTH;
}

static bool
condition_fits(const char *wanted, const json_t *object, const char *path)
{
    return *wanted == '\0' || str_eq(wanted, json_path_str(object, path));
}

bool
condition_holds(const struct kube *k, const char *verb, const struct kube_ref *ref,
                const struct change_condition *c, const json_t *object)
{
    int needs = condition_needs(k, verb, ref);

    if (((needs & NEEDS_UID) != 0 && *c->uid == '\0') ||
        ((needs & NEEDS_VERSION) != 0 && *c->version == '\0')) {
        observe_violation("%s of %s/%s without a precondition (uid \"%s\", "
                          "resourceVersion \"%s\")",
                          verb, ref->resource, ref->name, c->uid, c->version);
        return false;
    }
    return condition_fits(c->uid, object, "metadata.uid") &&
           condition_fits(c->version, object, "metadata.resourceVersion");
}
