#ifndef DOUBLE_NEW_SET_H
#define DOUBLE_NEW_SET_H

#include "double_observe.h"
#include "double_world.h"
#include "kubedb/replacement_set.h"

/*
 * A second set of members, which the program makes: its pods are counted behind those of
 * the first. A part of double_pods.h, which includes it.
 */

/* The program made a set: room for as many members as the first has. */
void new_set_made(const char *name);

/* It scales one: by one, when all the others serve; and away only what has successors. */
void new_set_scaled(const char *name, long long from, long long to);

/* A set goes, without pods; with the made one its room. */
void new_set_removed(const json_t *set);

/* After it is gone. */
void new_set_forget(const char *name);

/* Claims of members that are there, or that another one had, are never deleted. */
void new_set_claim_deleted(const char *claim);

#endif
