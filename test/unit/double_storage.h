#ifndef DOUBLE_STORAGE_H
#define DOUBLE_STORAGE_H

#include "double_world.h"

/*
 * Claims, volumes and nodes: a pod of a set with templates of claims has its claim, and
 * that a volume, which is local to the node where all pods run. Both outlive the pod;
 * what a test deletes goes with it, and then its server begins anew, without data. A part
 * of double_pods.h, which includes it.
 */

#define WORLD_NODE "node-a"

/* The nodes; before the first pod is made. */
void storage_new(void);

/* In a set's template: the mount, and what is mounted there. */
void storage_of_template(json_t *spec);

/* The claim of a pod's set, and the spec that the pod gets. */
void storage_claim(size_t ordinal);
json_t *storage_pod_spec(size_t ordinal, const json_t *template);

/* The pod is gone, and with it what lasts no longer. */
void storage_pod_gone(size_t ordinal);

/* Somebody deletes a pod's claim, which stays as long as the pod does. */
void storage_delete_claim(size_t ordinal);

/* A claim that no pod has is deleted: its volume goes with it. */
void storage_claim_deleted(const char *claim);

/* A member's claim and volume. */
const json_t *storage_claim_of(size_t ordinal);
const json_t *storage_volume_of(size_t ordinal);

#endif
