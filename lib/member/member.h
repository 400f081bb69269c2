#ifndef MEMBER_MEMBER_H
#define MEMBER_MEMBER_H

/*
 * The room "member": one member's life: how it is, switchover, drain, eviction, state
 * transfer, gates, diagnosis; what must hold around it, and each patch of an object. It
 * may use the room "cluster" and those below.
 */

#include <stdbool.h>

#include "base/err.h"

/*
 * One member's restart.
 */
struct cluster;
struct member;
struct wait_state;

int member_restart(struct cluster *cluster, struct member *p, struct err *e);

enum { MEMBER_PROBE_MS = 1000 };

/* Evicts the pod that is there and waits until it is gone. `broken`: it serves nobody,
 * and the other members need not be well. */
int member_evict(struct cluster *cluster, struct member *p, bool broken, struct err *e);
int member_settle(struct cluster *cluster, struct member *p, struct err *e);

/* Of a pod that was broken already when this run came: once, it is started afresh. */
int member_revive(struct cluster *cluster, struct member *p, struct err *e);

#endif
