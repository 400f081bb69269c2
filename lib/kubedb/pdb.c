#include "kubedb/pdb.h"

#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "kubedb/selector.h"

/* -- which pods a budget selects -- */

/* In policy/v1 an empty selector selects every pod, and none where there is none. */
static bool
pdb_selects(const json_t *pdb, const json_t *labels)
{
    const json_t *selector = json_path(pdb, "spec.selector");
    size_t i = 0;
    json_t *row = NULL;

    if (!json_is_object(selector) ||
        !selector_has_labels(labels, json_object_get(selector, "matchLabels"))) {
        return false;
    }
    json_array_foreach (json_object_get(selector, "matchExpressions"), i, row) {
        const char *value =
            json_string_value(json_object_get(labels, json_path_str(row, "key")));

        if (!selector_fits(row, value, false)) {
            return false;
        }
    }
    return true;
}

/* -- what it says -- */

/* "maxUnavailable 0", "minAvailable 100%". */
static const char *
pdb_rule(const json_t *pdb, char *out, size_t size)
{
    static const char *const names[] = { "maxUnavailable", "minAvailable" };
    const json_t *spec = json_path(pdb, "spec");

    str_copy(out, size, "minAvailable 1"); /* what it is without a rule */
    for (size_t i = 0; i < 2; i++) {
        const json_t *value = json_object_get(spec, names[i]);

        if (json_is_integer(value)) {
            (void)snprintf(out, size, "%s %lld", names[i],
                           (long long)json_integer_value(value));
        } else if (json_is_string(value)) {
            (void)snprintf(out, size, "%s %s", names[i], json_string_value(value));
        }
    }
    return out;
}

/* All of its pods must be healthy, always. The status counts only the pods that are
 * there, so the set's size is the least that it can be of. */
static bool
pdb_is_never(const json_t *pdb, const char *rule, long long replicas)
{
    long long expected = json_path_int(pdb, "status.expectedPods", 0);
    long long desired = json_path_int(pdb, "status.desiredHealthy", -1);
    bool current = json_path_int(pdb, "status.observedGeneration", 0) ==
                   json_path_int(pdb, "metadata.generation", 0);

    if (str_eq(rule, "maxUnavailable 0") || str_eq(rule, "maxUnavailable 0%") ||
        str_eq(rule, "minAvailable 100%")) {
        return true;
    }
    expected = expected > replicas ? expected : replicas;
    return current && desired >= expected;
}

static void
pdb_judge_one(const json_t *pdb, long long replicas, struct pdb_verdict *out)
{
    const json_t *allowed = json_array_find(json_path(pdb, "status.conditions"), "type",
                                            "DisruptionAllowed", NULL);
    const char *name = json_path_str(pdb, "metadata.name");
    long long disruptions = json_path_int(pdb, "status.disruptionsAllowed", 0);
    char rule[64];

    out->never = pdb_is_never(pdb, pdb_rule(pdb, rule, sizeof rule), replicas);
    out->blocked = out->never || disruptions <= 0;
    if (out->never) {
        (void)snprintf(out->text, sizeof out->text,
                       "PodDisruptionBudget %s (%s) never allows an eviction", name,
                       rule);
    } else if (str_eq(json_path_str(allowed, "reason"), "SyncFailed")) {
        (void)snprintf(out->text, sizeof out->text,
                       "PodDisruptionBudget %s (%s) is not up to date: %.300s", name,
                       rule, json_path_str(allowed, "message"));
    } else {
        (void)snprintf(out->text, sizeof out->text,
                       "PodDisruptionBudget %s (%s) allows %lld disruption%s now: %lld "
                       "of %lld pods healthy, %lld required",
                       name, rule, disruptions, disruptions == 1 ? "" : "s",
                       json_path_int(pdb, "status.currentHealthy", 0),
                       json_path_int(pdb, "status.expectedPods", 0),
                       json_path_int(pdb, "status.desiredHealthy", 0));
    }
}

void
pdb_judge(const json_t *budgets, const json_t *pod, long long replicas,
          struct pdb_verdict *out)
{
    const json_t *labels = json_path(pod, "metadata.labels");
    const json_t *found = NULL;
    char names[256] = "";
    size_t i = 0;
    json_t *pdb = NULL;

    *out = (struct pdb_verdict){ 0 };
    json_array_foreach (budgets, i, pdb) {
        if (pdb_selects(pdb, labels)) {
            found = pdb;
            str_append(names, sizeof names, "%s%s", out->n++ > 0 ? ", " : "",
                       json_path_str(pdb, "metadata.name"));
        }
    }
    if (out->n == 1) {
        pdb_judge_one(found, replicas, out);
    } else if (out->n > 1) {
        out->never = true;
        out->blocked = true;
        (void)snprintf(out->text, sizeof out->text,
                       "%u PodDisruptionBudgets select the pod (%s), and the API server "
                       "does not evict such a pod",
                       out->n, names);
    }
}
