#ifndef CLUSTER_STORAGE_LOOK_H
#define CLUSTER_STORAGE_LOOK_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "kubedb/storage.h"

/*
 * In what a member has its data, as the API server says it now.
 */
struct cluster;
struct member;
struct target;

struct storage_view {
    json_t *pod; /* owned: the place's texts are its; NULL: there is none */
    struct storage_place place;
    bool lasts;   /* the data outlive the pod */
    json_t *uids; /* of its claims: name -> uid; owned */
    struct storage_fault
        lost; /* why its data would go with the pod; text "": they do not */
    struct storage_fault
        stuck;           /* why no node would take its new pod; text "": one does */
    char unchecked[160]; /* what this user may not read; "" */
};

/* How much is asked: claims alone, for a last look; or volumes and nodes, too. */
enum storage_depth { STORAGE_CLAIMS, STORAGE_ALL };

/* Errors are those of the API server, but for rights that are missing. */
int storage_look(struct cluster *cluster, const struct member *p,
                 enum storage_depth depth, struct storage_view *out, struct err *e);
void storage_view_clear(struct storage_view *v);
#define auto_storage scope_cleanup(storage_view_clear)

/* One claim; *out stays NULL where there is none. ERR_FORBIDDEN: it may not be read. */
int storage_get_claim(const struct target *target, const char *name, json_t **out,
                      struct err *e);

/* Whether another member that is there has the data, and this one would get them anew. */
bool storage_has_copy(struct cluster *cluster, const struct member *p);

/* "my-db-0 or my-db-2": the members that a member could copy from. Returns out. */
char *storage_donors(struct cluster *cluster, const struct member *p, char *out,
                     size_t size);

#endif
