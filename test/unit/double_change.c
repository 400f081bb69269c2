#include "double_change.h"

long long
change_replicas(const json_t *patch)
{
    size_t i = 0;
    json_t *op = NULL;

    json_array_foreach (patch, i, op) {
        if (str_eq(json_path_str(op, "path"), "/spec/replicas") &&
            str_eq(json_path_str(op, "op"), "replace")) {
            return json_path_int(op, "value", -1);
        }
    }
    return -1;
}

static bool
change_is_scale(const json_t *patch)
{
    return change_replicas(patch) >= 0;
}

/* "scale my-db-1 2"; good until the next one. */
static const char *
change_scale_label(const struct kube_ref *ref, const json_t *patch)
{
    static char label[96];

    (void)snprintf(label, sizeof label, "scale %s %lld", ref->name,
                   change_replicas(patch));
    return label;
}

const char *
change_label(const struct kube_ref *ref, const json_t *patch)
{
    size_t i = 0;
    json_t *item = NULL;

    if (str_eq(ref->resource, "leases")) {
        return str_eq(json_path_str(patch, "spec.holderIdentity"), "") ? "release"
                                                                       : "renew";
    }
    if (str_eq(ref->resource, "pods")) {
        return "label";
    }
    if (!str_eq(ref->resource, world_engine()->api.resource)) {
        return change_is_scale(patch) ? change_scale_label(ref, patch) : "images";
    }
    if (ref->subresource == NULL) {
        return "version";
    }
    json_array_foreach (json_path(patch, "status.conditions"), i, item) {
        if (str_eq(json_path_str(item, "type"), "Paused")) {
            return "pause";
        }
    }
    return "resume";
}

void
change_observe(const char *label, const json_t *patch)
{
    if (str_eq(label, "version")) {
        observe_version(json_path_str(patch, "spec.version"));
    } else if (str_eq(label, "resume")) {
        observe_resume();
    } else if (str_eq(label, "pause") || str_eq(label, "images")) {
        observe_change(label, str_eq(label, "pause"));
    }
}

void
change_made(const char *label)
{
    if (!str_eq(label, "renew")) {
        world_log("%s", label);
    }
    if (str_eq(label, "pause") && world.late_ms > 0) {
        world.late_at = double_now + world.late_ms;
        world.late_ms = 0;
    }
}
