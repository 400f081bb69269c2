#include "double_revision.h"

#include <string.h>

#include "double_world.h"

char *
pods_revision(const json_t *set)
{
    auto_free char *text =
        json_dumps(json_path(set, "spec.template"), JSON_COMPACT | JSON_SORT_KEYS);
    unsigned long sum = 5381;

    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        sum = (sum * 33 + (unsigned char)*at) & 0xffffffffUL;
    }
    return mem_printf("%s-%lx", json_path_str(set, "metadata.name"), sum);
}

json_t *
pods_labels(const json_t *set)
{
    json_t *labels = json_path(set, "metadata.labels");
    auto_free char *revision = pods_revision(set);

    labels = labels != NULL ? json_deep_copy(labels) : json_object();
    (void)json_object_set_new(labels, "controller-revision-hash", json_string(revision));
    return labels;
}
