#ifndef MEMBER_MEMBER_STATE_H
#define MEMBER_MEMBER_STATE_H

#include "base/err.h"
#include <stdbool.h>

/*
 * How a member is.
 */
struct cluster;
struct member;
struct wait_state;

/* A member that is broken and has not the wanted images: a set whose pods are made in
 * order makes none behind it. `except`: another of this one's set; NULL: of any. NULL:
 * there is none. */
struct member *member_in_the_way(struct cluster *cluster, const struct member *except);

/* A restarted pod that will not get well by waiting, now or after it once was ready, nor
 * by what others do about it (a pod made once more, a sidecar's restart, a new node):
 * ERR_UNHEALTHY with the last words of its container and what the others say. */
int member_check_broken(struct cluster *cluster, struct member *p, struct err *e);

/* In a wait: whether all members but `ctx`, one that is to go, are well. */
int member_look_others(void *on, void *ctx, struct wait_state *s, struct err *e);

/* Waits for it; `but`: the one that is to go, NULL for none. */
int member_wait_others(struct cluster *cluster, struct member *but, struct err *e);

/* Why a pod came with other images than the wanted ones. ERR_CONFLICT: it was made from
 * an earlier template, and may be made once more. ERR_UNHEALTHY (POD_OTHER_IMAGES, or
 * what the pod fails at): another one would be no better. */
int member_explain_images(struct cluster *cluster, struct member *p, struct err *e);

/* In a wait: whether a pod is ready with the wanted images; else s->now says what it has,
 * or does. */
bool member_look_pod(const struct cluster *cluster, const struct member *p,
                     struct wait_state *s);

/* Whether its data are of no use: it is made anew. */
bool member_is_spoilt(const struct cluster *cluster, const struct member *p);

#endif
