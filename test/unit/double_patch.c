#include "double_patch.h"

void
patch_merge(json_t *target, const json_t *patch)
{
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach (json_mutable(patch), key, value) {
        json_t *old = json_object_get(target, key);

        if (json_is_null(value)) {
            (void)json_object_del(target, key);
        } else if (json_is_object(value)) {
            if (!json_is_object(old)) {
                old = json_object();
                (void)json_object_set_new(target, key, old);
            }
            patch_merge(old, value);
        } else {
            (void)json_object_set_new(target, key, json_deep_copy(value));
        }
    }
}

/* What holds the last part of a JSON pointer, which is *last. */
static json_t *
patch_parent(json_t *target, const char *pointer, char *last, size_t size)
{
    json_t *at = target;

    for (pointer++; at != NULL; pointer += strcspn(pointer, "/") + 1) {
        size_t len = strcspn(pointer, "/");

        (void)snprintf(last, size, "%.*s", (int)len, pointer);
        if (pointer[len] == '\0') {
            return at;
        }
        at = json_is_array(at) ? json_array_get(at, strtoul(last, NULL, 10))
                               : json_object_get(at, last);
    }
    return NULL;
}

/* One operation: test, replace, or add of an object's member. False: it does not fit. */
static bool
patch_operation(json_t *target, const json_t *op)
{
    const char *what = json_path_str(op, "op");
    json_t *value = json_object_get(op, "value");
    char last[128] = "";
    json_t *parent = patch_parent(target, json_path_str(op, "path"), last, sizeof last);
    size_t index = strtoul(last, NULL, 10);
    json_t *old = json_is_array(parent) ? json_array_get(parent, index)
                                        : json_object_get(parent, last);

    if (str_eq(what, "test")) {
        return old != NULL && json_equal(old, value) == 1;
    }
    if (parent == NULL || (old == NULL && !str_eq(what, "add"))) {
        return false;
    }
    if (json_is_array(parent)) {
        return json_array_set_new(parent, index, json_deep_copy(value)) == 0;
    }
    return json_object_set_new(parent, last, json_deep_copy(value)) == 0;
}

bool
patch_json(json_t *target, const json_t *patch)
{
    size_t i = 0;
    json_t *op = NULL;

    json_array_foreach (patch, i, op) {
        if (!patch_operation(target, op)) {
            return false;
        }
    }
    return true;
}
