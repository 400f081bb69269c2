#ifndef DOMAIN_REHEARSAL_H
#define DOMAIN_REHEARSAL_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The pod in which a major upgrade is rehearsed: a container of the old image and one of
 * the new, which do nothing by themselves, and an empty volume that they share.
 */
#define REHEARSAL_OLD     "old"
#define REHEARSAL_NEW     "new"
#define REHEARSAL_VOLUME  "/var/pv"
#define REHEARSAL_SECONDS 900 /* then the pod ends by itself */

struct rehearsal_wish {
    const char *database;  /* "postgres/my-db", for people */
    const json_t *object;  /* the database, which will own the pod */
    const char *api;       /* "kubedb.com/v1" */
    const char *kind;      /* "Postgres" */
    const json_t *member;  /* a pod of it: where and as whom the containers run */
    const char *container; /* the server's in it */
    const char *name;      /* of the new pod */
    const char *old_image, *new_image;
    const char *by; /* who makes it, for people */
};

/* The pod's body. It has no label that KubeDB looks for, no secret and no token, and asks
 * for at most 250m CPU and 256 MiB a container. A new reference. */
json_t *rehearsal_pod(const struct rehearsal_wish *w);

/* Whether a pod is one that rehearsal_pod() made. */
bool rehearsal_is_ours(const json_t *pod);

/* A quantity ("500m", "2Gi", "1e3") as a number; negative where it is none. */
double rehearsal_quantity(const char *text);

#endif
