#ifndef DOUBLE_REHEARSAL_H
#define DOUBLE_REHEARSAL_H

#include "double_observe.h"
#include "double_world.h"

/*
 * The pod in which a major upgrade is rehearsed, and what the script finds and does
 * there.
 */

#define REHEARSAL_POD WORLD_DB "-upgrade-rehearsal"

/* Whether an object has all of the labels "key=value,key=value": this pod has not those
 * of members. */
bool world_has_labels(const json_t *object, const char *labels);

const json_t *rehearsal_pod_object(void);
bool rehearsal_is_it(const char *resource, const char *name);
void rehearsal_made(void);
void rehearsal_gone(void);
void rehearsal_pass(void);

/* -- the script -- */

/* The new server looks at a configuration. Returns its exit status. */
int rehearsal_try(const char *lines, bool live, struct buf *out);

/* argv: sh -c EVAL dbupgrade COMMAND FROM TO [ARG...]. Returns the exit status. */
int rehearsal_answer(const char *const *argv, bool live, struct buf *out);

#endif
