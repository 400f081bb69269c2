#include "kubedb/pod_waits.h"

#include <stdio.h>

#include "base/json.h"
#include "base/str.h"

enum { WAITS_OVERDUE_MS = 30 * 1000 };

static const json_t *
waits_condition(const json_t *object, const char *type)
{
    return json_array_find(json_path(object, "status.conditions"), "type", type, NULL);
}

/* An init container that has to end before the others begin; a sidecar among them says
 * that it is started, and runs on. */
static bool
waits_init(const json_t *object, char *out, size_t size)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (json_path(object, "status.initContainerStatuses"), i, item) {
        if (json_path(item, "state.running") != NULL &&
            !json_path_true(item, "started")) {
            (void)snprintf(out, size, "init container %s is running",
                           json_path_str(item, "name"));
            return true;
        }
    }
    return false;
}

static bool
waits_gates(const json_t *object, char *out, size_t size)
{
    size_t i = 0;
    json_t *gate = NULL;

    json_array_foreach (json_path(object, "spec.readinessGates"), i, gate) {
        const char *type = json_path_str(gate, "conditionType");

        if (!str_eq(json_path_str(waits_condition(object, type), "status"), "True")) {
            (void)snprintf(out, size, "readiness gate %s", type);
            return true;
        }
    }
    return false;
}

/* The containers, sidecars among the init ones too, that are not ready where others are;
 * returns how many are ready. */
static size_t
waits_containers(const json_t *object, char *out, size_t size)
{
    static const char *const lists[] = { "status.initContainerStatuses",
                                         "status.containerStatuses" };
    size_t ready = 0;

    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++) {
        size_t i = 0;
        json_t *item = NULL;

        json_array_foreach (json_path(object, lists[list]), i, item) {
            if (json_path_true(item, "ready")) {
                ready += list == 1 ? 1 : 0;
            } else if (json_path(item, "state.running") != NULL) {
                str_append(out, size, "%s%s", out[0] != '\0' ? ", " : "",
                           json_path_str(item, "name"));
            }
        }
    }
    return ready;
}

void
pod_waits_ready(const json_t *object, char *out, size_t size)
{
    const char *node = json_path_str(object, "spec.nodeName");
    size_t ready = 0;

    str_copy(out, size, "");
    if (waits_init(object, out, size)) {
        return;
    }
    ready = waits_containers(object, out, size);
    if (ready == 0) {
        str_copy(out, size, ""); /* "not ready 0/2" says it */
    } else if (out[0] == '\0' && !waits_gates(object, out, size) && *node != '\0' &&
               ready == json_array_size(json_path(object, "spec.containers"))) {
        (void)snprintf(out, size, "node %s may be down", node);
    }
}

void
pod_waits_gone(const json_t *object, long long overdue_ms, char *out, size_t size)
{
    const char *node = json_path_str(object, "spec.nodeName");
    bool ended = false;
    size_t i = 0;
    json_t *item = NULL;

    str_copy(out, size, "");
    json_array_foreach (json_path(object, "status.containerStatuses"), i, item) {
        if (json_path(item, "state.terminated") != NULL) {
            ended = true;
        } else if (json_path(item, "state.running") != NULL) {
            str_append(out, size, "%s%s", out[0] != '\0' ? ", " : "container ",
                       json_path_str(item, "name"));
        }
    }
    if (ended && out[0] != '\0') {
        str_append(out, size, " is running");
    } else if (overdue_ms > WAITS_OVERDUE_MS && *node != '\0') {
        (void)snprintf(out, size, "node %s does not confirm it", node);
    } else {
        str_copy(out, size, "");
    }
}
