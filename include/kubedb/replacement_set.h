#ifndef KUBEDB_REPLACEMENT_SET_H
#define KUBEDB_REPLACEMENT_SET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"
#include "kubedb/workload.h"

/*
 * The set that an upgrade by a new set makes: a copy of the old one under another name,
 * DATABASE-1, DATABASE-2, ... as KubeDB's own operator named them (documents of the
 * MySQLOpsRequest, 2021). It carries a mark, so that a run that comes later knows it.
 */
#define NEW_SET_MARK "kubectl-dbupgrade/new-set"

struct new_set_wish {
    const struct engine *engine;
    const json_t *old;    /* the set that is copied */
    const char *name;     /* of the new one */
    const char *database; /* the object's name and uid */
    const char *uid;
    const char *from, *to; /* names of versions */
    const struct image_changes *images;
};

/* The body of a request that makes it, without pods. New reference. */
json_t *new_set_object(const struct new_set_wish *w);

/* Whether a set was made by an upgrade of the database with this uid. */
bool new_set_is_of(const json_t *set, const char *uid);

/* A value of the mark ("from", "to", "set"); "" where there is none. Caller frees. */
char *new_set_mark(const json_t *set, const char *key);

/* The number in a set's name, "my-db-2", or in a claim's of such a set,
 * "data-my-db-2-0"; -1: it is none. A name says nothing of whose it is. */
long long new_set_number(const char *database, const char *set);
long long new_set_claim_number(const char *database, const char *claim);

/* Whether a claim is one that a set's pods 0 ... n-1 have; `like`: the set, or another
 * one with its templates of claims. */
bool new_set_has_claim(const json_t *like, const char *set, size_t n, const char *claim);

#endif
