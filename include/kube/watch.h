#ifndef KUBE_WATCH_H
#define KUBE_WATCH_H

#include <jansson.h>

#include "base/err.h"
#include "base/scope.h"
#include "kube/client.h"

/*
 * A mirror of a collection: listed once, then kept up to date by a watch with
 * bookmarks. A cut connection, an error event, 410 Gone or a silent server lead to
 * a new watch or list by itself, with growing pauses; what the mirror holds
 * meanwhile is the last that was known.
 */

struct kube_watch;

/* Lists now (an error of that is returned) and watches from there on. Selectors
 * may be NULL. The watch ends with kube_watch_close, or the client. */
struct kube_watch *kube_watch_open(struct kube *k, const struct kube_ref *ref,
                                   const char *labels, const char *fields, struct err *e);

/* A JSON object: name -> object. Borrowed, valid until the loop is served again. */
const json_t *kube_watch_objects(const struct kube_watch *w);

/* Another number after each change. */
unsigned long kube_watch_version(const struct kube_watch *w);

/* Milliseconds since the mirror last was known to be current: 0 while a watch is
 * connected. `why`, if not NULL, gets the reason of the trouble, or "". */
long long kube_watch_stale_ms(const struct kube_watch *w, const char **why);

void kube_watch_close(struct kube_watch *w); /* NULL is allowed */

static inline void
kube_watch_scope_close(struct kube_watch **w)
{
    kube_watch_close(*w);
}
#define auto_watch scope_cleanup(kube_watch_scope_close)

#endif
