#include "kubedb/pod.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "kubedb/pod_waits.h"

/* A label: the keys have dots, so they are no path. */
static const char *
pod_label(const json_t *object, const char *key)
{
    const char *s =
        json_string_value(json_object_get(json_path(object, "metadata.labels"), key));

    return s != NULL ? s : "";
}

/* "primary", "standby", ...; under the engine's own key before kubedb.com/v1alpha2. */
static const char *
pod_role(const struct engine *en, const json_t *object)
{
    const char *role = pod_label(object, "kubedb.com/role");
    char key[64];

    (void)snprintf(key, sizeof key, "%s.kubedb.com/role", en->name);
    return *role != '\0' ? role : pod_label(object, key);
}

static const json_t *
pod_condition(const json_t *object, const char *type)
{
    return json_array_find(json_path(object, "status.conditions"), "type", type, NULL);
}

static bool
pod_is_ready(const json_t *object)
{
    return str_eq(json_path_str(pod_condition(object, "Ready"), "status"), "True");
}

static int
pod_ordinal(const char *name)
{
    const char *dash = strrchr(name, '-');
    long long n = -1;

    if (dash == NULL || !str_to_ll(dash + 1, &n) || n < 0 || n > 1000000) {
        return -1;
    }
    return (int)n;
}

static unsigned
pod_ready_containers(const json_t *object)
{
    unsigned n = 0;
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (json_path(object, "status.containerStatuses"), i, item) {
        n += json_path_true(item, "ready") ? 1 : 0;
    }
    return n;
}

int
pod_parse(const struct engine *en, const json_t *object, struct pod *out, struct err *e)
{
    const json_t *server = json_array_find(json_path(object, "status.containerStatuses"),
                                           "name", en->container, NULL);
    struct pod p = {
        .name = json_path_str(object, "metadata.name"),
        .uid = json_path_str(object, "metadata.uid"),
        .phase = json_path_str(object, "status.phase"),
        .node = json_path_str(object, "spec.nodeName"),
        .revision = pod_label(object, "controller-revision-hash"),
        .role = pod_role(en, object),
        .ip = json_path_str(object, "status.podIP"),
        .containers = (unsigned)json_array_size(json_path(object, "spec.containers")),
        .ready_containers = pod_ready_containers(object),
        .restarts = json_path_int(server, "restartCount", 0),
        .ready = pod_is_ready(object),
        .deleting = json_path(object, "metadata.deletionTimestamp") != NULL,
        .image_id = json_path_str(server, "imageID"),
    };

    if (*p.name == '\0' || *p.uid == '\0') {
        return err_set(e, ERR_PROTOCOL, "a pod has no %s",
                       *p.name == '\0' ? "metadata.name" : "metadata.uid");
    }
    p.ordinal = pod_ordinal(p.name);
    *out = p;
    return 0;
}

/* The container's program began: the runtime's own failures to start it have exit codes
 * too (128), with these reasons. */
static bool
pod_state_has_run(const json_t *state)
{
    const json_t *ended = json_path(state, "terminated");
    const char *reason = json_path_str(ended, "reason");

    return json_path(state, "running") != NULL ||
           (ended != NULL && !str_eq(reason, "StartError") &&
            !str_eq(reason, "ContainerCannotRun") &&
            !str_eq(reason, "ContainerStatusUnknown"));
}

bool
pod_has_run(const struct engine *en, const json_t *object)
{
    const json_t *server = json_array_find(json_path(object, "status.containerStatuses"),
                                           "name", en->container, NULL);

    return pod_state_has_run(json_path(server, "state")) ||
           pod_state_has_run(json_path(server, "lastState"));
}

/* What a container waits for or died of: "mysql: CrashLoopBackOff (exit 1, 3 restarts)".
 * False if it runs, or ended well. */
static bool
pod_container_doing(const json_t *status, char *out, size_t size)
{
    const char *waits = json_path_str(status, "state.waiting.reason");
    const json_t *ended = json_path(status, "state.terminated");
    const json_t *last =
        ended != NULL ? ended : json_path(status, "lastState.terminated");
    long long restarts = json_path_int(status, "restartCount", 0);

    if (*waits == '\0' && (ended == NULL || json_path_int(ended, "exitCode", 0) == 0)) {
        return false;
    }
    if (*waits == '\0') {
        waits = json_path_str(ended, "reason");
    }
    (void)snprintf(out, size, "%s: %s", json_path_str(status, "name"), waits);
    if (last != NULL) {
        str_append(out, size, " (exit %lld, %lld restart%s)",
                   json_path_int(last, "exitCode", 0), restarts,
                   restarts == 1 ? "" : "s");
    }
    return true;
}

/* Init containers first: the others only wait for them. */
static const char *const pod_status_lists[] = {
    "status.initContainerStatuses",
    "status.containerStatuses",
};

enum { POD_STATUS_LISTS = sizeof pod_status_lists / sizeof *pod_status_lists };

static bool
pod_any_container_doing(const json_t *object, char *out, size_t size)
{
    for (size_t list = 0; list < POD_STATUS_LISTS; list++) {
        size_t i = 0;
        json_t *item = NULL;

        json_array_foreach (json_path(object, pod_status_lists[list]), i, item) {
            if (pod_container_doing(item, out, size)) {
                return true;
            }
        }
    }
    return false;
}

static long long
pod_since(const json_t *from, const char *path, long long wall_ms)
{
    long long at = clock_parse_rfc3339(json_path_str(from, path));

    return at >= 0 && wall_ms > at ? wall_ms - at : 0;
}

enum { POD_GRACE_MAX_S = 366 * 24 * 3600 }; /* more is no time that anybody waits */

static void
pod_terminating(const json_t *object, long long wall_ms, char *out, size_t size)
{
    /* The timestamp lies in the future by the grace period. */
    long long grace = json_path_int(object, "metadata.deletionGracePeriodSeconds", 0);
    long long ms =
        pod_since(object, "metadata.deletionTimestamp",
                  wall_ms + (grace >= 0 && grace < POD_GRACE_MAX_S ? grace : 0) * 1000);
    const char *holds =
        json_string_value(json_array_get(json_path(object, "metadata.finalizers"), 0));
    long long due = grace >= 0 && grace < POD_GRACE_MAX_S ? grace * 1000 : 0;
    char waits[160] = "";
    char since[32];

    if (holds == NULL) {
        pod_waits_gone(object, ms - due, waits, sizeof waits);
    }
    (void)snprintf(out, size, "terminating since %s%s%s%s%s",
                   clock_duration(ms, since, sizeof since),
                   holds != NULL ? ", held by the finalizer " : "",
                   holds != NULL ? holds : "", waits[0] != '\0' ? ", " : "", waits);
}

char *
pod_doing(const json_t *object, long long wall_ms, char *out, size_t size)
{
    const json_t *scheduled = pod_condition(object, "PodScheduled");
    char waits[160] = "";

    if (json_path(object, "metadata.deletionTimestamp") != NULL) {
        pod_terminating(object, wall_ms, out, size);
    } else if (str_eq(json_path_str(scheduled, "status"), "False")) {
        (void)snprintf(out, size, "Pending: %s", json_path_str(scheduled, "message"));
    } else if (str_eq(json_path_str(object, "status.phase"), "Failed")) {
        (void)snprintf(out, size, "Failed: %s %s", json_path_str(object, "status.reason"),
                       json_path_str(object, "status.message"));
    } else if (!pod_any_container_doing(object, out, size)) {
        if (!pod_is_ready(object)) {
            pod_waits_ready(object, waits, sizeof waits);
        }
        (void)snprintf(out, size, "%s %u/%zu%s%s",
                       pod_is_ready(object) ? "Ready" : "not ready",
                       pod_ready_containers(object),
                       json_array_size(json_path(object, "spec.containers")),
                       waits[0] != '\0' ? ": " : "", waits);
    }
    return out;
}

static bool
pod_container_is_creating(const json_t *status)
{
    const char *waits = json_path_str(status, "state.waiting.reason");

    return (str_eq(waits, "ContainerCreating") || str_eq(waits, "PodInitializing")) &&
           json_path_int(status, "restartCount", 0) == 0;
}

bool
pod_is_creating(const json_t *object)
{
    if (json_path(object, "metadata.deletionTimestamp") != NULL ||
        *json_path_str(object, "spec.nodeName") == '\0' ||
        !str_eq(json_path_str(object, "status.phase"), "Pending")) {
        return false;
    }
    for (size_t list = 0; list < POD_STATUS_LISTS; list++) {
        size_t i = 0;
        json_t *item = NULL;

        json_array_foreach (json_path(object, pod_status_lists[list]), i, item) {
            if (!pod_container_is_creating(item)) {
                return false;
            }
        }
    }
    return true;
}

/* Reasons for which a container waits that time does not mend. */
static const struct {
    const char *waits;
    const char *reason;
} pod_faults[] = {
    { "ErrImagePull", "POD_IMAGE_PULL" },
    { "ImagePullBackOff", "POD_IMAGE_PULL" },
    { "ErrImageNeverPull", "POD_IMAGE_PULL" },
    { "RegistryUnavailable", "POD_IMAGE_PULL" },
    { "SignatureValidationFailed", "POD_IMAGE_PULL" },
    { "InvalidImageName", "POD_INVALID_IMAGE" },
    { "ImageInspectError", "POD_INVALID_IMAGE" },
    { "CreateContainerConfigError", "POD_CONFIG" },
    { "CreateContainerError", "POD_CONFIG" },
    { "RunContainerError", "POD_CONFIG" },
    { "CrashLoopBackOff", "POD_CRASHLOOP" },
};

static const char *
pod_fault(const json_t *status)
{
    const char *waits = json_path_str(status, "state.waiting.reason");

    for (size_t i = 0; i < sizeof pod_faults / sizeof *pod_faults; i++) {
        if (!str_eq(pod_faults[i].waits, waits)) {
            continue;
        }
        if (str_eq(waits, "CrashLoopBackOff") &&
            str_eq(json_path_str(status, "lastState.terminated.reason"), "OOMKilled")) {
            return "POD_OOM";
        }
        return pod_faults[i].reason;
    }
    return NULL;
}

static bool
pod_container_is_broken(const json_t *status, char *container, size_t size, struct err *e)
{
    const char *reason = pod_fault(status);
    const char *message = json_path_str(status, "state.waiting.message");
    char text[512];

    if (reason == NULL) {
        return false;
    }
    (void)pod_container_doing(status, text, sizeof text);
    str_copy(container, size, json_path_str(status, "name"));
    err_set(e, ERR_UNHEALTHY, "container %s%s", text,
            str_eq(reason, "POD_OOM") ? ", out of memory" : "");
    err_reason(e, reason);
    if (*message != '\0') {
        err_detail(e, "%s", message);
    }
    return true;
}

/* A pod that finds no node may find one when another pod goes or a node comes. */
enum { POD_UNSCHEDULABLE_MS = 120 * 1000 };

bool
pod_is_broken(const json_t *object, long long wall_ms, char *container, size_t size,
              struct err *e)
{
    const json_t *scheduled = pod_condition(object, "PodScheduled");

    str_copy(container, size, "");
    if (json_path(object, "metadata.deletionTimestamp") != NULL) {
        return false;
    }
    for (size_t list = 0; list < POD_STATUS_LISTS; list++) {
        size_t i = 0;
        json_t *item = NULL;

        json_array_foreach (json_path(object, pod_status_lists[list]), i, item) {
            if (pod_container_is_broken(item, container, size, e)) {
                return true;
            }
        }
    }
    if (str_eq(json_path_str(object, "status.phase"), "Failed")) {
        err_set(e, ERR_UNHEALTHY, "the pod failed: %s %s",
                json_path_str(object, "status.reason"),
                json_path_str(object, "status.message"));
        err_reason(e, "POD_FAILED");
        return true;
    }
    if (str_eq(json_path_str(scheduled, "reason"), "Unschedulable") &&
        pod_since(scheduled, "lastTransitionTime", wall_ms) >= POD_UNSCHEDULABLE_MS) {
        err_set(e, ERR_UNHEALTHY, "the pod cannot be scheduled: %s",
                json_path_str(scheduled, "message"));
        err_reason(e, "POD_UNSCHEDULABLE");
        return true;
    }
    return false;
}
