#ifndef DOUBLE_NAMES_H
#define DOUBLE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Which member is called what: a part of double_world.h, which includes it. Members are
 * counted through; the last are those that only follow. */

/* The set of those that only follow. */
#define WORLD_FOLLOWERS WORLD_DB "-rr-reports"

/* The set that an upgrade makes. */
#define WORLD_MADE WORLD_DB "-1"

/* Where the members of the set that an upgrade made begin. */
size_t world_first_made(void);

/* How many members may lead. */
size_t world_voters(void);

/* The name of the set that a member is of; its number there. */
const char *world_set_name(size_t ordinal);

size_t world_place(size_t ordinal);
char *world_pod_name(size_t ordinal, char *out, size_t size);

/* The same for texts; good until some others are asked for. */
const char *world_name(size_t ordinal);

/* Which member a pod is. */
size_t world_ordinal(const char *pod);

/* Whether a member is one that its set wants now. */
bool world_is_due(size_t ordinal);

#endif
