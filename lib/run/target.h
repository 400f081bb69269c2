#ifndef RUN_TARGET_H
#define RUN_TARGET_H

#include <stdbool.h>

#include "engine/engine.h"
#include "kube/client.h"
#include "run/request.h"

/*
 * The database that a run is about, and the way to it: written once, while the cluster is
 * discovered, and only read from then on.
 */
struct target {
    const struct upgrade_request *request;
    struct kube *kube;
    const struct engine *engine;
    char api_version[16]; /* of the database object: "v1", "v1alpha2" */
    bool petset;          /* its workloads are PetSets, not StatefulSets */
    char *selector;       /* of its pods; owned */
    char *uid;            /* of the database object; owned */
};

#endif
