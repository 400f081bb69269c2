#ifndef KUBEDB_IMAGE_ORIGIN_H
#define KUBEDB_IMAGE_ORIGIN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "kubedb/workload.h"

/*
 * Where the images and variables that a journal names come from. Whoever may edit Leases
 * can write any there; one that is set on a database's pods must be what the catalogue
 * says of the version, or have been the set's before.
 */
struct image_origin {
    const struct engine *engine;
    bool front;              /* the set is that of the engine's front */
    const char *name, *uid;  /* of the set */
    const json_t *set;       /* it, or the one that it is made after; NULL: not there */
    const json_t *other;     /* of an upgrade by a new set: the other set; NULL */
    const char *other_uid;   /* its own; NULL: there is none */
    const json_t *from, *to; /* the catalogue's objects; NULL: it does not have them */
    const json_t *catalog;   /* list object of all versions */
    const json_t *pods;      /* of the database: name -> object */
    const json_t *revisions; /* ControllerRevisions, an array; NULL: not asked for */
};

/* Whether the changes name, each once, what the engine's rows do: containers, init or
 * not, and variables that the set has. `whole`: those that no pod can lack must all be
 * among them. ERR_REFUSED says which one is not so. */
int image_origin_check_rows(const struct image_origin *o, const struct image_changes *c,
                            bool whole, struct err *e);

/* The first change of which nothing knows what it was before (`from`); NULL: there is
 * none. What it is to become is nobody's word but the catalogue's, and not looked at. A
 * pod or a revision counts where the set (by uid) controls it, and not for what the
 * catalogue says of other versions: a set was once at many. */
const struct image_change *image_origin_find_unknown(const struct image_origin *o,
                                                     const struct image_changes *c);

/* "init container mysql-init", "variable PG_VERSION of container postgres". Returns out.
 */
char *image_origin_name(const struct image_change *c, char *out, size_t size);

#endif
