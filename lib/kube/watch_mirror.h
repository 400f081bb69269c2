#ifndef KUBE_WATCH_MIRROR_H
#define KUBE_WATCH_MIRROR_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/*
 * What a watch knows of a collection: objects by name, and up to where the server's
 * history was read. Pure: lists and events in, objects out.
 */

struct mirror {
    json_t *objects;       /* name -> object */
    char *at;              /* resourceVersion to watch from; opaque */
    unsigned long version; /* another after each change */
};

void mirror_init(struct mirror *m);
void mirror_clear(struct mirror *m);

/* Replaces all by a list; the version stays when nothing differs. */
int mirror_set(struct mirror *m, const json_t *list, struct err *e);

/* Applies one watch event. An ERROR event becomes the error that it holds; what is
 * no event is ERR_PROTOCOL. */
int mirror_apply(struct mirror *m, const json_t *event, struct err *e);

#endif
