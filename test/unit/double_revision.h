#ifndef DOUBLE_REVISION_H
#define DOUBLE_REVISION_H

#include <jansson.h>

/* The revision of a set's template, as its controller names it; the caller frees it. */
char *pods_revision(const json_t *set);

/* Its pods' labels. A new reference. */
json_t *pods_labels(const json_t *set);

#endif
