#include "kubedb/storage.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"

/* -- where the data directory lies -- */

/* How long a directory's path is, if it is `path` or above it; else 0. */
static size_t
storage_reaches(const char *directory, const char *path)
{
    size_t len = strlen(directory);

    while (len > 1 && directory[len - 1] == '/') {
        len--;
    }
    if (len == 0 || strncmp(directory, path, len) != 0 ||
        (len > 1 && path[len] != '\0' && path[len] != '/')) {
        return 0;
    }
    return len;
}

/* What an option in a container's command or arguments says: --datadir=DIR. */
static const char *
storage_option(const json_t *container, const char *option)
{
    static const char *const lists[] = { "command", "args", NULL };
    const char *found = NULL;

    for (const char *const *list = lists; option != NULL && *list != NULL; list++) {
        size_t i = 0;
        json_t *word = NULL;

        json_array_foreach (json_object_get(container, *list), i, word) {
            const char *text = json_string_value(word);

            if (text != NULL && str_starts(text, option)) {
                found = text + strlen(option);
            }
        }
    }
    return found;
}

/* The data directory, by what the container says of it; else KubeDB's. */
static void
storage_find_path(const struct engine *en, const json_t *container, char *out,
                  size_t size)
{
    const char *option = storage_option(container, en->object.data_option);
    const json_t *variable = en->object.data_variable != NULL
                                 ? json_array_find(json_object_get(container, "env"),
                                                   "name", en->object.data_variable, NULL)
                                 : NULL;
    const char *value = json_path_str(variable, "value");

    str_copy(out, size,
             option != NULL && *option == '/' ? option
             : *value == '/'                  ? value
                                              : en->object.data_path);
}

/* Volumes of these types last no longer than their pod; those that are not in the table
 * are the same wherever the pod runs. */
static const struct storage_type {
    const char *type;
    enum storage_kind kind;
} storage_types[] = { { "emptyDir", STORAGE_POD },
                      { "ephemeral", STORAGE_POD },
                      { "csi", STORAGE_POD },
                      { "configMap", STORAGE_POD },
                      { "secret", STORAGE_POD },
                      { "projected", STORAGE_POD },
                      { "downwardAPI", STORAGE_POD },
                      { "gitRepo", STORAGE_POD },
                      { "image", STORAGE_POD },
                      { "hostPath", STORAGE_NODE },
                      { "persistentVolumeClaim", STORAGE_CLAIM } };

static void
storage_take_type(const json_t *volume, struct storage_place *out)
{
    const char *key = NULL;
    json_t *value = NULL;

    out->kind = STORAGE_POD; /* the API server's default is emptyDir */
    out->type = "emptyDir";
    json_object_foreach (json_mutable(volume), key, value) {
        if (str_eq(key, "name") || !json_is_object(value)) {
            continue;
        }
        out->kind = STORAGE_SHARED;
        out->type = key;
        for (size_t i = 0; i < sizeof storage_types / sizeof *storage_types; i++) {
            if (str_eq(storage_types[i].type, key)) {
                out->kind = storage_types[i].kind;
            }
        }
    }
    out->host_path = json_path_str(volume, "hostPath.path");
    str_copy(out->claim, sizeof out->claim,
             json_path_str(volume, "persistentVolumeClaim.claimName"));
}

/* The mount in which the data directory lies: the deepest above it. */
static const json_t *
storage_mount(const json_t *container, const char *path)
{
    const json_t *found = NULL;
    size_t best = 0;
    size_t i = 0;
    json_t *mount = NULL;

    json_array_foreach (json_object_get(container, "volumeMounts"), i, mount) {
        size_t len = storage_reaches(json_path_str(mount, "mountPath"), path);

        if (len > best) {
            best = len;
            found = mount;
        }
    }
    return found;
}

/* In a pod's spec, or a template's; `path` NULL: the data directory. */
static void
storage_of_spec(const struct engine *en, const json_t *spec, const char *path,
                struct storage_place *out)
{
    const json_t *container =
        json_array_find(json_path(spec, "containers"), "name", en->container, NULL);
    const json_t *mount = NULL;
    const json_t *volume = NULL;

    *out = (struct storage_place){
        .kind = STORAGE_LAYER, .volume = "", .type = "", .sub_path = "", .host_path = ""
    };
    if (path != NULL) {
        str_copy(out->path, sizeof out->path, path);
    } else {
        storage_find_path(en, container, out->path, sizeof out->path);
    }
    mount = storage_mount(container, out->path);
    if (mount == NULL) {
        return;
    }
    out->volume = json_path_str(mount, "name");
    out->sub_path = json_path_str(mount, "subPath");
    volume = json_array_find(json_path(spec, "volumes"), "name", out->volume, NULL);
    if (volume != NULL) {
        storage_take_type(volume, out);
    } else {
        out->kind = STORAGE_CLAIM; /* of a template; the caller knows which */
        out->type = "persistentVolumeClaim";
    }
}

void
storage_of_pod(const struct engine *en, const json_t *pod, struct storage_place *out)
{
    storage_of_spec(en, json_path(pod, "spec"), NULL, out);
}

void
storage_of_directory(const struct engine *en, const json_t *pod, const char *path,
                     struct storage_place *out)
{
    storage_of_spec(en, json_path(pod, "spec"), path, out);
}

bool
storage_of_new_pod(const struct engine *en, const json_t *set, const char *pod,
                   struct storage_place *out)
{
    const json_t *templates = json_path(set, "spec.volumeClaimTemplates");
    size_t i = 0;
    json_t *template = NULL;

    if (json_path(set, "spec.template.spec") == NULL) {
        return false;
    }
    storage_of_spec(en, json_path(set, "spec.template.spec"), NULL, out);
    json_array_foreach (templates, i, template) {
        const char *name = json_path_str(template, "metadata.name");

        if (out->kind != STORAGE_LAYER && str_eq(name, out->volume)) {
            out->kind = STORAGE_CLAIM;
            out->type = "persistentVolumeClaim";
            out->host_path = "";
            (void)snprintf(out->claim, sizeof out->claim, "%s-%s", name, pod);
        }
    }
    return true;
}

const char *
storage_claim_at(const json_t *pod, size_t i)
{
    size_t at = 0;
    json_t *volume = NULL;

    json_array_foreach (json_path(pod, "spec.volumes"), at, volume) {
        const char *claim = json_path_str(volume, "persistentVolumeClaim.claimName");

        if (*claim != '\0' && i-- == 0) {
            return claim;
        }
    }
    return NULL;
}

char *
storage_describe(const struct storage_place *p, const json_t *pod, char *out, size_t size)
{
    const json_t *volume =
        json_array_find(json_path(pod, "spec.volumes"), "name", p->volume, NULL);
    bool memory = str_eq(json_path_str(volume, "emptyDir.medium"), "Memory");

    switch (p->kind) {
    case STORAGE_CLAIM:
        (void)snprintf(out, size, "PVC %s", p->claim);
        break;
    case STORAGE_NODE:
        (void)snprintf(out, size, "hostPath %s of node %s", p->host_path,
                       json_path_str(pod, "spec.nodeName"));
        break;
    case STORAGE_LAYER:
        (void)snprintf(out, size, "the container's own file system (no volume at %s)",
                       p->path);
        break;
    case STORAGE_SHARED:
    case STORAGE_POD:
    default:
        (void)snprintf(out, size, "%s volume %s%s", p->type, p->volume,
                       memory ? " (in memory)" : "");
        break;
    }
    if (p->sub_path[0] != '\0') {
        str_append(out, size, ", directory %s", p->sub_path);
    }
    return out;
}

bool
storage_moves(const json_t *pod, const struct storage_place *is,
              const struct storage_place *next, struct storage_fault *out)
{
    char from[300];
    char to[300];

    if (is->kind == next->kind && str_eq(is->claim, next->claim) &&
        str_eq(is->host_path, next->host_path) &&
        (is->kind == STORAGE_LAYER || str_eq(is->sub_path, next->sub_path)) &&
        (is->kind == STORAGE_CLAIM || str_eq(is->volume, next->volume))) {
        return false;
    }
    (void)snprintf(out->text, sizeof out->text,
                   "%s has its data in %s, but its new pod would use %s",
                   json_path_str(pod, "metadata.name"),
                   storage_describe(is, pod, from, sizeof from),
                   storage_describe(next, NULL, to, sizeof to));
    str_copy(out->hint, sizeof out->hint,
             "correct the volumes of the workload's template, which the operator writes "
             "from the database object");
    return true;
}
