#include "base/json.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* One step down: a member of an object, or a numbered element of an array. */
static json_t *
json_step(const json_t *o, const char *name, size_t len)
{
    char key[256];
    long long index = 0;

    if (len >= sizeof key) {
        return NULL;
    }
    memcpy(key, name, len);
    key[len] = '\0';
    if (json_is_array(o)) {
        return str_to_ll(key, &index) && index >= 0 ? json_array_get(o, (size_t)index)
                                                    : NULL;
    }
    return json_object_get(o, key);
}

json_t *
json_path(const json_t *o, const char *path)
{
    const json_t *at = o;

    while (at != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");

        at = json_step(at, path, len);
        path += len + (path[len] == '.' ? 1 : 0);
    }
    return json_mutable(at);
}

const char *
json_path_str(const json_t *o, const char *path)
{
    const char *s = json_string_value(json_path(o, path));

    return s != NULL ? s : "";
}

long long
json_path_int(const json_t *o, const char *path, long long otherwise)
{
    const json_t *v = json_path(o, path);

    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool
json_path_true(const json_t *o, const char *path)
{
    return json_is_true(json_path(o, path));
}

json_t *
json_array_find(const json_t *array, const char *key, const char *value, size_t *index)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (array, i, item) {
        if (str_eq(json_string_value(json_object_get(item, key)), value)) {
            if (index != NULL) {
                *index = i;
            }
            return item;
        }
    }
    return NULL;
}

json_t *
json_parse(const char *text, size_t len, const char *what, struct err *e)
{
    json_error_t je;
    json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);

    if (o == NULL) {
        err_set(e, ERR_PROTOCOL, "%s is not JSON: %s at line %d, column %d", what,
                je.text, je.line, je.column);
    }
    return o;
}

char *
json_text(const json_t *o)
{
    return mem_check(json_dumps(o, JSON_COMPACT | JSON_ENCODE_ANY));
}
