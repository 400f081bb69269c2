#ifndef DOUBLE_CONDITION_H
#define DOUBLE_CONDITION_H

#include "double_change.h"

/*
 * Between what this program looked at and what it changes lies time, in which others
 * change things too. So every change of something that exists says of which object, and
 * of which state of it, it speaks; one that does not is a violation, and is refused. Only
 * what is made new says nothing: the API has no such condition, its name is one.
 */

struct change_condition {
    char *uid, *version; /* "" where it says nothing */
};

void condition_free(struct change_condition *c);

#define auto_condition scope_cleanup(condition_free)

/* Copies: what was given may be a mirror's, and the guard serves the loop. */
struct change_condition condition_of(const char *uid, const char *version);

/* Of a merge patch, a JSON patch, or a whole object. */
struct change_condition condition_of_patch(const json_t *patch);

bool condition_holds(const struct kube *k, const char *verb, const struct kube_ref *ref,
                     const struct change_condition *c, const json_t *object);

#endif
