#ifndef KUBEDB_STORAGE_H
#define KUBEDB_STORAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"

/*
 * In what a pod has its data, and whether the pod that comes after it will have them.
 * JSON in, verdicts out.
 */

enum storage_kind {
    STORAGE_CLAIM,  /* a PersistentVolumeClaim */
    STORAGE_SHARED, /* a volume that is the same on every node: nfs, ... */
    STORAGE_NODE,   /* a directory of the node: hostPath */
    STORAGE_POD,    /* goes with the pod: emptyDir, a generic ephemeral volume, ... */
    STORAGE_LAYER,  /* no volume at all: the container's own file system */
};

enum { STORAGE_NAME_MAX = 512 };

/* Where a server's data directory lies. Strings are borrowed from the JSON. */
struct storage_place {
    enum storage_kind kind;
    const char *volume;           /* its name in the pod; "" for STORAGE_LAYER */
    const char *type;             /* "emptyDir", "hostPath"; "" for STORAGE_LAYER */
    const char *sub_path;         /* in the volume; "" */
    const char *host_path;        /* of STORAGE_NODE; else "" */
    char claim[STORAGE_NAME_MAX]; /* of STORAGE_CLAIM; else "" */
    char path[256];               /* the data directory in the container */
};

/* That of a pod that is there. */
void storage_of_pod(const struct engine *en, const json_t *pod,
                    struct storage_place *out);

/* Where another directory of its server lies, which the server names. */
void storage_of_directory(const struct engine *en, const json_t *pod, const char *path,
                          struct storage_place *out);

/* That of the pod of this name which a set would make now. False: the set is not one that
 * tells it (NULL). */
bool storage_of_new_pod(const struct engine *en, const json_t *set, const char *pod,
                        struct storage_place *out);

/* The pod's i-th claim, borrowed; NULL after the last. */
const char *storage_claim_at(const json_t *pod, size_t i);

/* "emptyDir volume data (in memory)", "PVC data-my-db-0", "hostPath /var/data of node-a",
 * "the container's own file system". Returns out. */
char *storage_describe(const struct storage_place *p, const json_t *pod, char *out,
                       size_t size);

/* Why data would be lost with a pod, or why the pod that comes after it could not start.
 */
struct storage_fault {
    char text[400];
    char hint[600];
    bool command; /* the hint ends with one */
};

/* Whether a claim of a pod (NULL: there is none of that name) would not be there, as it
 * is, for the pod's successor. A pod that never started has nothing to lose in one that
 * is missing or not bound. */
bool storage_claim_fails(const json_t *pod, const char *name, const json_t *claim,
                         bool has_run, struct storage_fault *out);

/* The same of its volume (NULL: it does not exist). */
bool storage_volume_fails(const json_t *claim, const json_t *volume,
                          struct storage_fault *out);

/* Whether the new pod would have its data elsewhere than the one that is there. */
bool storage_moves(const json_t *pod, const struct storage_place *is,
                   const struct storage_place *next, struct storage_fault *out);

/* The name of another pod that is not finished and mounts a claim; NULL: there is none.
 * Borrowed from the array. */
const char *storage_other_user(const json_t *pods, const json_t *pod, const char *claim);

/* Whether a pod whose volumes are these (an array of PersistentVolumes) may run on a
 * node; if not, `why` says it: "is cordoned". */
bool storage_node_takes(const json_t *node, const json_t *pod, const json_t *volumes,
                        char *why, size_t size);

/* Whether a volume is bound to some nodes, or is a directory of one. */
bool storage_has_affinity(const json_t *volume);
bool storage_is_of_node(const json_t *volume);

#endif
