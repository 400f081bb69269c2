#ifndef MEMBER_ROUTER_GATE_H
#define MEMBER_ROUTER_GATE_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

/*
 * What must hold before a pod goes that clients come by way of.
 */
enum { FRONT_PROBE_MS = 1000 };

struct cluster;
struct member;
struct wait_state;

/* Sets their images; one mutation. */
int router_gate_mutate(struct cluster *cluster, struct err *e);

/* Whether the images that this run set were not taken back; else `differs` says which. */
bool router_gate_keeps_images(const struct cluster *cluster, char *differs, size_t size);

/* Just before a pod is evicted: whether they let it go. A member may go while all of them
 * lead to the primary; one of theirs while the others are ready. */
int router_gate_look_going(struct cluster *cluster, const struct member *going,
                           struct wait_state *s, struct err *e);

/* Looks, or waits, whether all of them lead to the primary, as they must before `pod`
 * goes and, with "", in the end. Walking back it asks none: they get their old images
 * behind the members, and what is broken must not hold those up. Errors as routers_ask,
 * wait_until. */
int router_gate_look(struct cluster *cluster, struct wait_state *s, struct err *e);

int router_gate_wait(struct cluster *cluster, const char *pod, struct err *e);

/* ERR_REFUSED (SET_GONE): their set was deleted. */
int router_gate_check_there(const struct cluster *cluster, struct err *e);

/* Whether one is there to stay, with images that are not the wanted ones. */
bool router_gate_is_other(const struct cluster *cluster, const struct member *p);

#endif
