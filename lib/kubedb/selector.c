#include "kubedb/selector.h"

#include "base/json.h"
#include "base/str.h"

static bool
selector_lists(const json_t *values, const char *value)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (values, i, item) {
        if (str_eq(json_string_value(item), value)) {
            return true;
        }
    }
    return false;
}

bool
selector_fits(const json_t *requirement, const char *value, bool unknown)
{
    const char *how = json_path_str(requirement, "operator");
    bool listed =
        value != NULL && selector_lists(json_path(requirement, "values"), value);

    if (str_eq(how, "In")) {
        return listed;
    }
    if (str_eq(how, "NotIn")) {
        return !listed;
    }
    if (str_eq(how, "Exists")) {
        return value != NULL;
    }
    return str_eq(how, "DoesNotExist") ? value == NULL : unknown;
}

bool
selector_has_labels(const json_t *labels, const json_t *wanted)
{
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach (json_mutable(wanted), key, value) {
        if (!str_eq(json_string_value(value),
                    json_string_value(json_object_get(labels, key)))) {
            return false;
        }
    }
    return true;
}
