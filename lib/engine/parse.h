#ifndef LIB_ENGINE_PARSE_H
#define LIB_ENGINE_PARSE_H

/* Of rows of "key<TAB>value": the value of a key, or NULL if there is no such row or it
 * is SQL's NULL. Other lines have no tab, or a key that nobody asks for. The caller frees
 * it. */
char *parse_value(const char *out, const char *key);

#endif
