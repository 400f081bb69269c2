#ifndef DOUBLE_OBJECTS_H
#define DOUBLE_OBJECTS_H

#include "double_kube.h"

/*
 * What a test's world begins with: versions in the catalogue, a database, its set.
 */

void fix_version(const char *name, const char *version, const char *sidecar,
                 const char *allow);
void fix_catalog(void);
json_t *fix_labels(void);
void fix_database(const char *version);

/* Takes the pause off a database; its operator has not seen that yet. */
void fix_unpause(json_t *db);

/* The set of the members from `first` on. */
void fix_set(const char *resource, const char *version, size_t first, size_t replicas);

/* The set of an InnoDB cluster's routers, with pods that are ready. */
void fix_routers(const char *resource, const char *version, size_t n);

#endif
