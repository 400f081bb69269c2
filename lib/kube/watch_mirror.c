#include "kube/watch_mirror.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/api_status.h"

void
mirror_init(struct mirror *m)
{
    *m = (struct mirror){ .objects = mem_check(json_object()), .at = mem_strdup("") };
}

void
mirror_clear(struct mirror *m)
{
    json_decref(m->objects);
    free(m->at);
    *m = (struct mirror){ 0 };
}

static void
mirror_advance(struct mirror *m, const char *resource_version)
{
    if (*resource_version != '\0') {
        free(m->at);
        m->at = mem_strdup(resource_version);
    }
}

int
mirror_set(struct mirror *m, const json_t *list, struct err *e)
{
    json_t *objects auto_json = mem_check(json_object());
    const char *at = json_path_str(list, "metadata.resourceVersion");
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (json_object_get(list, "items"), i, item) {
        const char *name = json_path_str(item, "metadata.name");

        if (*name == '\0') {
            return err_set(e, ERR_PROTOCOL, "an item of a list has no name");
        }
        (void)json_object_set(objects, name, item);
    }
    if (*at == '\0') {
        return err_set(e, ERR_PROTOCOL, "a list has no resourceVersion");
    }
    if (!json_equal(objects, m->objects)) {
        json_decref(m->objects);
        m->objects = scope_steal(&objects);
        m->version++;
    }
    mirror_advance(m, at);
    return 0;
}

enum mirror_kind { MIRROR_PUT, MIRROR_DROP, MIRROR_SEEN, MIRROR_FAILED };

static const struct mirror_row {
    const char *type;
    enum mirror_kind kind;
} mirror_rows[] = {
    { "ADDED", MIRROR_PUT },     { "MODIFIED", MIRROR_PUT }, { "DELETED", MIRROR_DROP },
    { "BOOKMARK", MIRROR_SEEN }, { "ERROR", MIRROR_FAILED },
};

static const struct mirror_row *
mirror_find(const char *type)
{
    for (size_t i = 0; i < sizeof mirror_rows / sizeof *mirror_rows; i++) {
        if (str_eq(mirror_rows[i].type, type)) {
            return &mirror_rows[i];
        }
    }
    return NULL;
}

static int
mirror_change(struct mirror *m, enum mirror_kind kind, json_t *object, struct err *e)
{
    const char *name = json_path_str(object, "metadata.name");

    if (*name == '\0') {
        return err_set(e, ERR_PROTOCOL, "a watch event has no object");
    }
    if (kind == MIRROR_PUT) {
        (void)json_object_set(m->objects, name, object);
    } else {
        (void)json_object_del(m->objects, name);
    }
    m->version++;
    return 0;
}

int
mirror_apply(struct mirror *m, const json_t *event, struct err *e)
{
    const char *type = json_path_str(event, "type");
    json_t *object = json_object_get(event, "object");
    const struct mirror_row *row = mirror_find(type);

    if (row == NULL) {
        return err_set(e, ERR_PROTOCOL, "\"%.40s\" is not a watch event", type);
    }
    if (row->kind == MIRROR_FAILED) {
        return status_object_error(object, e);
    }
    if (row->kind != MIRROR_SEEN && mirror_change(m, row->kind, object, e) < 0) {
        return -1;
    }
    mirror_advance(m, json_path_str(object, "metadata.resourceVersion"));
    return 0;
}
