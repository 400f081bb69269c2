#ifndef DOUBLE_ROUTERS_H
#define DOUBLE_ROUTERS_H

#include "double_observe.h"
#include "double_world.h"

/*
 * The routers in front of an InnoDB cluster: a set of their own. One that is ready leads
 * to the primary while there is one, unless the test sets where to. A part of
 * double_pods.h, which includes it.
 */

#define WORLD_ROUTER WORLD_DB "-router"

bool routers_is_pod(const char *pod);
const char *routers_name(size_t i, char *out, size_t size);
void routers_status(size_t i, bool ready);
void routers_create(size_t i);

/* Evicting one: the others must be ready, and forward, for the first time, no member may
 * be new yet. */
void routers_evict(const char *pod);

void routers_pass(void);

/* A client by way of one: "ID<TAB>1". Returns its exit status. */
int routers_answer(const char *ip, struct buf *out, struct buf *err_out);

#endif
