#ifndef KUBE_PATH_H
#define KUBE_PATH_H

#include "base/buf.h"
#include "kube/client.h"

/*
 * Paths and queries of the API. Pure. All return -1 when the buffer's limit is hit.
 */

/* "/apis/apps/v1/namespaces/NS/statefulsets/NAME/scale". ERR_INTERNAL for a
 * reference that would name something else than it says: an empty name, "..". */
int path_of(const struct kube_ref *ref, struct buf *out, struct err *e);

/* "pods/mysql-0 in demo", for people. Returns out. */
char *path_title(const struct kube_ref *ref, char *out, size_t size);

/* Appends, with everything but unreserved characters as %XX. */
int path_escape(struct buf *out, const char *s) __attribute__((warn_unused_result));

/* Appends ?key=value, or &key=value where there is a "?" already. NULL: nothing. */
int path_query(struct buf *out, const char *key, const char *value)
    __attribute__((warn_unused_result));

#endif
