/* Whether a pod may run on a node, as far as its volumes and the node itself say. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/str.h"
#include "kubedb/selector.h"
#include "kubedb/storage.h"

/* -- selectors (core/v1, NodeSelectorRequirement) -- */

/* Gt and Lt compare whole numbers; what is none fits nothing. */
static bool
node_compares(const json_t *values, const char *value, bool greater)
{
    long long is = 0;
    long long than = 0;

    return str_to_ll(value, &is) &&
           str_to_ll(json_string_value(json_array_get(values, 0)) != NULL
                         ? json_string_value(json_array_get(values, 0))
                         : "",
                     &than) &&
           (greater ? is > than : is < than);
}

/* `value`: of the label or field; NULL: the node has none. An operator that is not known
 * fits: what cannot be judged stands in nobody's way. */
static bool
node_fits_value(const json_t *requirement, const char *value)
{
    const char *operator= json_path_str(requirement, "operator");
    const json_t *values = json_object_get(requirement, "values");

    if (str_eq(operator, "Gt") || str_eq(operator, "Lt")) {
        return value != NULL && node_compares(values, value, str_eq(operator, "Gt"));
    }
    return selector_fits(requirement, value, true);
}

static bool
node_fits_term(const json_t *node, const json_t *term)
{
    const json_t *labels = json_path(node, "metadata.labels");
    size_t i = 0;
    json_t *requirement = NULL;

    json_array_foreach (json_object_get(term, "matchExpressions"), i, requirement) {
        const char *value =
            json_string_value(json_object_get(labels, json_path_str(requirement, "key")));

        if (!node_fits_value(requirement, value)) {
            return false;
        }
    }
    json_array_foreach (json_object_get(term, "matchFields"), i, requirement) {
        if (!node_fits_value(requirement, json_path_str(node, "metadata.name"))) {
            return false;
        }
    }
    return true;
}

/* Any one of the terms; a list without any fits all. */
static bool
node_fits(const json_t *node, const json_t *terms)
{
    size_t i = 0;
    json_t *term = NULL;

    json_array_foreach (terms, i, term) {
        if (node_fits_term(node, term)) {
            return true;
        }
    }
    return json_array_size(terms) == 0;
}

/* -- the node itself -- */

static bool
node_tolerates(const json_t *pod, const json_t *taint)
{
    const char *key = json_path_str(taint, "key");
    const char *effect = json_path_str(taint, "effect");
    size_t i = 0;
    json_t *t = NULL;

    json_array_foreach (json_path(pod, "spec.tolerations"), i, t) {
        const char *of = json_path_str(t, "key");
        const char *for_effect = json_path_str(t, "effect");
        bool exists = str_eq(json_path_str(t, "operator"), "Exists");

        if ((*for_effect == '\0' || str_eq(for_effect, effect)) &&
            ((exists && *of == '\0') ||
             (str_eq(of, key) && (exists || str_eq(json_path_str(t, "value"),
                                                   json_path_str(taint, "value")))))) {
            return true;
        }
    }
    return false;
}

/* A taint that keeps the pod away; those that the API server puts on nodes that are not
 * well are told by the node's own state. NULL: there is none. */
static const json_t *
node_taint(const json_t *node, const json_t *pod)
{
    size_t i = 0;
    json_t *taint = NULL;

    json_array_foreach (json_path(node, "spec.taints"), i, taint) {
        if (!str_starts(json_path_str(taint, "key"), "node.kubernetes.io/") &&
            !str_eq(json_path_str(taint, "effect"), "PreferNoSchedule") &&
            !node_tolerates(pod, taint)) {
            return taint;
        }
    }
    return NULL;
}

/* Why it takes no new pod; false if it does. */
static bool
node_is_closed(const json_t *node, const json_t *pod, char *why, size_t size)
{
    static const char *const cordon = "node.kubernetes.io/unschedulable";
    auto_json json_t *taint =
        json_pack("{s:s, s:s}", "key", cordon, "effect", "NoSchedule");
    const json_t *ready =
        json_array_find(json_path(node, "status.conditions"), "type", "Ready", NULL);
    const json_t *other = node_taint(node, pod);

    if (json_path(node, "metadata.deletionTimestamp") != NULL) {
        str_copy(why, size, "is being deleted");
    } else if (json_path_true(node, "spec.unschedulable") &&
               !node_tolerates(pod, taint)) {
        str_copy(why, size, "is cordoned");
    } else if (ready != NULL && !str_eq(json_path_str(ready, "status"), "True")) {
        str_copy(why, size, "is not Ready");
    } else if (other != NULL) {
        (void)snprintf(why, size, "has the taint %s:%s", json_path_str(other, "key"),
                       json_path_str(other, "effect"));
    } else {
        return false;
    }
    return true;
}

/* -- volumes -- */

bool
storage_has_affinity(const json_t *volume)
{
    return json_array_size(
               json_path(volume, "spec.nodeAffinity.required.nodeSelectorTerms")) > 0;
}

bool
storage_is_of_node(const json_t *volume)
{
    return json_path(volume, "spec.hostPath") != NULL && !storage_has_affinity(volume);
}

bool
storage_node_takes(const json_t *node, const json_t *pod, const json_t *volumes,
                   char *why, size_t size)
{
    size_t i = 0;
    json_t *volume = NULL;

    json_array_foreach (volumes, i, volume) {
        if (!node_fits(node, json_path(volume, "spec.nodeAffinity.required."
                                               "nodeSelectorTerms"))) {
            (void)snprintf(why, size, "cannot use PersistentVolume %s",
                           json_path_str(volume, "metadata.name"));
            return false;
        }
    }
    if (!selector_has_labels(json_path(node, "metadata.labels"),
                             json_path(pod, "spec.nodeSelector")) ||
        !node_fits(node, json_path(pod, "spec.affinity.nodeAffinity."
                                        "requiredDuringSchedulingIgnoredDuringExecution."
                                        "nodeSelectorTerms"))) {
        str_copy(why, size, "does not fit the pod's node selector");
        return false;
    }
    return !node_is_closed(node, pod, why, size);
}
