#ifndef KUBEDB_POD_H
#define KUBEDB_POD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"

/*
 * A pod of a set. Strings are borrowed from the JSON.
 */
struct pod {
    const char *name, *uid, *phase, *node, *revision, *ip;
    const char *role; /* label kubedb.com/role ("primary", "standby"), "" */
    int ordinal;      /* the number at the name's end, numerically; -1 if none */
    unsigned containers, ready_containers;
    long long restarts; /* of the engine's container */
    bool ready, deleting;
    const char *image_id; /* of the engine's container, "" */
};

int pod_parse(const struct engine *en, const json_t *object, struct pod *out,
              struct err *e);

/* Whether the server of this pod ever was started: then it may have changed its data. A
 * container that could not be started at all does not count. */
bool pod_has_run(const struct engine *en, const json_t *object);

/* Says in one line what a pod that is not ready is doing: "pulling image ...",
 * "ContainerCreating", "Ready 0/2", "terminating since 4s", "Pending: 0/3 nodes are
 * available: ...". Returns out. */
char *pod_doing(const json_t *object, long long wall_ms, char *out, size_t size);

/* Whether its node still prepares it: it has one, and no container of it has begun. What
 * it fails at then is told by events only (kubedb/pod_events.h). */
bool pod_is_creating(const json_t *object);

/* What will not heal by waiting. Looks at all containers, init ones too, and at the
 * pod's conditions and age. Returns true and fills the error: code ERR_UNHEALTHY,
 * reason (POD_IMAGE_PULL, POD_INVALID_IMAGE, POD_CONFIG, POD_CRASHLOOP, POD_OOM,
 * POD_UNSCHEDULABLE, POD_FAILED), message "container mysql: CrashLoopBackOff (exit 1, 3
 * restarts)". ErrImagePull counts at once; CrashLoopBackOff when the kubelet says it;
 * unschedulable after 120 s. A pod that is being deleted is not broken. `container` gets
 * the name of the container at fault, or "". */
bool pod_is_broken(const json_t *object, long long wall_ms, char *container, size_t size,
                   struct err *e);

#endif
