#ifndef MEMBER_MEMBER_STORAGE_H
#define MEMBER_MEMBER_STORAGE_H

#include "base/err.h"
#include "cluster/storage_look.h"

/*
 * A member's data when its pod goes, and when the next one is there.
 */
struct cluster;
struct member;

/* Before the pod goes: ERR_REFUSED (storage.claims, storage.return, storage.ephemeral)
 * where its data would go with it and no other member has them, or its new pod could not
 * start. Remembers which claims it has. Other errors are the API server's. */
int storage_guard(struct cluster *cluster, struct member *p, enum storage_depth depth,
                  struct err *e);

/* The same in a wait, which rides out the API server's troubles. */
int storage_wait(struct cluster *cluster, struct member *p, struct err *e);

/* Once the new pod is there: ERR_UNHEALTHY (STORAGE_CHANGED) where its claims are others
 * than before. Of a pod that went in an earlier run, whether they are younger than the
 * upgrade. Asks once a pod. */
int storage_verify(struct cluster *cluster, struct member *p, struct err *e);

#endif
