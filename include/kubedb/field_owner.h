#ifndef KUBEDB_FIELD_OWNER_H
#define KUBEDB_FIELD_OWNER_H

#include <jansson.h>

#include "base/err.h"

/*
 * Who set a field of an object last, by metadata.managedFields (Kubernetes' server-side
 * apply); not this program. Pure.
 */
struct field_owner {
    const char *manager; /* borrowed; "": nobody else */
    char text[200];      /* "kustomize-controller (Apply at TIME)", "another client" */
};

/* `path` is the field's as fieldsV1 has it, ended by NULL: "f:spec", "f:version". An
 * owner of what it is part of, as a whole, counts too. */
void field_owner_find(const json_t *object, const char *const *path,
                      struct field_owner *out);

/* Adds to an error what keeps the owner from setting the field again, for those whose
 * work it is (Flux, Argo CD, Helm, Fleet): names are the object's labels, if they are
 * names. */
void field_owner_hint(const json_t *object, const struct field_owner *owner,
                      struct err *e);

#endif
