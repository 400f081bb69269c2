#ifndef KUBEDB_CATALOG_H
#define KUBEDB_CATALOG_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "engine/engine.h"

/*
 * The catalogue's version objects (catalog.kubedb.com/v1alpha1), as listed.
 */

/* The object with this name in a list object, or NULL. Borrowed. */
const json_t *catalog_find(const json_t *list, const char *name);

/* spec.version of a catalogue object ("8.0.35"), "" if absent. */
const char *catalog_version(const json_t *object);

enum catalog_verdict {
    CATALOG_ALLOWED,
    CATALOG_SAME, /* it is the current version */
    CATALOG_DOWNGRADE,
    CATALOG_DEPRECATED,
    CATALOG_NOT_ALLOWED,        /* no allowlist entry matches */
    CATALOG_DENIED,             /* a denylist entry matches */
    CATALOG_OTHER_DISTRIBUTION, /* distribution or base OS differ */
    CATALOG_BROKEN,             /* a version or constraint cannot be read; why in text */
};

/* May a database of `mode` go from one catalogue object to another? Constraints are
 * the current object's (updateConstraints, or the older upgradeConstraints). For a
 * MySQL standalone both the standalone and the groupReplication lists must allow it:
 * KubeDB's webhook asks the latter. `text` gets the reason with the entry that
 * decided, e.g. "9.7.4 allows >= 9.7.4, <= 9.9.0". */
enum catalog_verdict catalog_may_go(const struct engine_mode *mode, const json_t *from,
                                    const json_t *to, char *text, size_t size);

/* The versions that may be gone to, newest first, at most `max`: "9.7.1, 8.4.8"; "" for
 * none. The caller frees it. */
char *catalog_targets(const struct engine_mode *mode, const json_t *list,
                      const json_t *from, size_t max);

/* The name of a list's objects that is nearest to a word (a typo), or NULL. Borrowed. */
const char *catalog_nearest(const json_t *list, const char *name);

#endif
