#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/scope.h"

/*
 * What the project needs beyond jansson: look-ups by path. A path is names and
 * array indexes joined by dots: "status.conditions.0.type". A name that holds a
 * dot is looked up with json_object_get. Borrowed results live as long as the
 * object that was asked. Every function takes NULL for "no object".
 */

json_t *json_path(const json_t *o, const char *path); /* NULL if absent */
const char *json_path_str(const json_t *o,
                          const char *path); /* "" if absent or no string */
long long json_path_int(const json_t *o, const char *path, long long otherwise);
bool json_path_true(const json_t *o, const char *path);

/* The element of an array whose member `key` is the string `value`, or NULL;
 * *index, if not NULL, gets its place. */
json_t *json_array_find(const json_t *array, const char *key, const char *value,
                        size_t *index);

/* The same object without const, for jansson's iterators, which want it so. */
static inline json_t *
json_mutable(const json_t *o)
{
    return (json_t *)(uintptr_t)o;
}

/* Parses a text; `what` names it in errors. Returns a new reference or NULL. */
json_t *json_parse(const char *text, size_t len, const char *what, struct err *e);

/* Compact text with keys in their order; the caller frees it. Never NULL. What is not
 * shown (base/visible.h) stands in it as \uXXXX: the same value, and harmless to read. */
char *json_text(const json_t *o);

/* The same in lines, for people too; without a newline at its end. */
char *json_text_lines(const json_t *o);

/* A copy whose text in lines is not much longer than `most` bytes: texts that have no
 * room are left out as a whole, and from where nothing has, all that follows; notes say
 * so, and *left_out how many there are. New reference. */
json_t *json_copy_some(const json_t *o, size_t most, size_t *left_out);

/* A string of any text: where it is no UTF-8 it is made visible, in one line. Never NULL.
 */
json_t *json_visible(const char *text);

static inline void
json_scope_decref(json_t **o)
{
    json_decref(*o);
}

#define auto_json scope_cleanup(json_scope_decref)

#endif
