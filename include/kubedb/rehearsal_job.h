#ifndef KUBEDB_REHEARSAL_JOB_H
#define KUBEDB_REHEARSAL_JOB_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The pod in which an upgrade is rehearsed: a container of the old image (where it is
 * needed) and one of the new, which do nothing by themselves, and an empty volume that
 * they share. It may have the members' files of configuration; never their data.
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
    const char *old_image, *new_image; /* old: NULL for no such container */
    const char *by;                    /* who makes it, for people */
    const json_t *template; /* of the members' set: its "spec.template.spec" ... */
    const char *places;     /* ... whose files below such a path ("/etc/my") the new one's
                               container has, too; NULL: none */
};

/* The pod's body. It has no label that KubeDB looks for, no token, and no secret but
 * those mounted below `places`, and asks for at most 250m CPU and 256 MiB a container. A
 * new reference. */
json_t *rehearsal_pod(const struct rehearsal_wish *w);

/* Where the server's container of a set's template has files of ConfigMaps or Secrets
 * mounted, below `places`: "file PATH" lines; and its options ("--...") that name no
 * variable of the container: "option TEXT" lines. "" for neither. Caller frees. */
char *rehearsal_config(const json_t *template, const char *container, const char *places);

/* Whether a pod is one that rehearsal_pod() made. */
bool rehearsal_is_ours(const json_t *pod);

/* A quantity ("500m", "2Gi", "1e3") as a number; negative where it is none. */
double rehearsal_quantity(const char *text);

#endif
