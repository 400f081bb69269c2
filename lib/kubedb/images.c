/*
 * A set's images: what the catalogue wants, what is there, and the patch between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/router.h"
#include "kubedb/workload.h"

#define IMAGES_TEMPLATE "spec.template.spec"

static const char *
images_list(bool init)
{
    return init ? "initContainers" : "containers";
}

/* A container of a pod spec, or NULL. */
static const json_t *
images_container(const json_t *pod_spec, const char *name, bool init, size_t *index)
{
    return json_array_find(json_path(pod_spec, images_list(init)), "name", name, index);
}

/* A change whose strings are borrowed. */
struct image_view {
    const char *container;
    bool init;
    const char *variable; /* NULL: the image */
    const char *from, *to;
};

static void
images_add(struct image_changes *c, const struct image_view *v)
{
    c->at = mem_grow(c->at, c->n + 1, sizeof *c->at);
    c->at[c->n++] = (struct image_change){
        .container = mem_strdup(v->container),
        .init = v->init,
        .variable = v->variable != NULL ? mem_strdup(v->variable) : NULL,
        .from = mem_strdup(v->from),
        .to = mem_strdup(v->to),
    };
}

/* What a container has at present: its image, or the literal value of a variable; "" if
 * it has none. `index`, if not NULL, gets the variable's place. */
static const char *
images_value(const json_t *container, const char *variable, size_t *index)
{
    if (variable == NULL) {
        return json_path_str(container, "image");
    }
    return json_path_str(
        json_array_find(json_path(container, "env"), "name", variable, index), "value");
}

/* The variables of the engine's rows in one list of containers. */
static void
images_add_variables(const struct engine *en, const json_t *spec, bool init,
                     const json_t *catalog, struct image_changes *out)
{
    size_t i = 0;
    json_t *container = NULL;

    json_array_foreach (json_path(spec, images_list(init)), i, container) {
        for (const struct engine_env *row = en->object.env;
             row != NULL && row->name != NULL; row++) {
            const char *value = json_path_str(json_path(catalog, "spec"), row->path);
            auto_free char *to =
                mem_strndup(value, row->major ? strcspn(value, ".") : strlen(value));
            const char *from = images_value(container, row->name, NULL);

            if (*from != '\0' && *to != '\0') {
                images_add(out, &(struct image_view){ json_path_str(container, "name"),
                                                      init, row->name, from, to });
            }
        }
    }
}

#define auto_changes scope_cleanup(image_changes_free)

static int
images_want(const struct engine *en, const struct engine_image *rows, const json_t *set,
            const json_t *catalog, struct image_changes *out, struct err *e)
{
    const json_t *spec = json_path(set, IMAGES_TEMPLATE);
    auto_changes struct image_changes got = { 0 };

    for (const struct engine_image *row = rows; row->container != NULL; row++) {
        const json_t *container = images_container(spec, row->container, row->init, NULL);
        const char *to = json_path_str(json_path(catalog, "spec"), row->path);

        if (container == NULL && row->optional) {
            continue;
        }
        if (container == NULL) {
            return err_set(e, ERR_REFUSED, "the pods of %s have no %scontainer %s",
                           json_path_str(set, "metadata.name"), row->init ? "init " : "",
                           row->container);
        }
        if (*to == '\0') {
            return err_set(
                e, ERR_REFUSED, "version %s defines no image for container %s (%s)",
                json_path_str(catalog, "metadata.name"), row->container, row->path);
        }
        images_add(&got, &(struct image_view){ row->container, row->init, NULL,
                                               images_value(container, NULL, NULL), to });
    }
    images_add_variables(en, spec, true, catalog, &got);
    images_add_variables(en, spec, false, catalog, &got);
    *out = got;
    got = (struct image_changes){ 0 };
    return 0;
}

int
workload_images(const struct engine *en, const json_t *set, const json_t *catalog,
                struct image_changes *out, struct err *e)
{
    return images_want(en, en->object.images, set, catalog, out, e);
}

int
workload_front_images(const struct engine *en, const json_t *set, const json_t *catalog,
                      struct image_changes *out, struct err *e)
{
    return images_want(en, en->front->images, set, catalog, out, e);
}

void
image_changes_free(struct image_changes *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->at[i].container);
        free(c->at[i].variable);
        free(c->at[i].from);
        free(c->at[i].to);
        for (size_t j = 0; j < c->at[i].n_as; j++) {
            free(c->at[i].as[j]);
        }
        free(c->at[i].as);
    }
    free(c->at);
    *c = (struct image_changes){ 0 };
}

static size_t
images_count(const struct image_changes *c, bool variables)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++) {
        n += (c->at[i].variable != NULL) == variables &&
                     !str_eq(c->at[i].from, c->at[i].to)
                 ? 1
                 : 0;
    }
    return n;
}

size_t
image_changes_count(const struct image_changes *c)
{
    return images_count(c, false);
}

size_t
image_changes_count_variables(const struct image_changes *c)
{
    return images_count(c, true);
}

const char *
workload_value(const json_t *pod_spec, const struct image_change *c)
{
    return images_value(images_container(pod_spec, c->container, c->init, NULL),
                        c->variable, NULL);
}

bool
workload_has_images(const json_t *pod_spec, const struct image_changes *c, bool wanted,
                    char *text, size_t size)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct image_change *at = &c->at[i];
        const char *value = workload_value(pod_spec, at);

        if (str_eq(value, wanted ? at->to : at->from)) {
            continue;
        }
        if (text != NULL) {
            (void)snprintf(text, size, "%s has %s%s%s", at->container,
                           at->variable != NULL ? at->variable : "",
                           at->variable != NULL ? "=" : "",
                           *value != '\0' ? value : "no image");
        }
        return false;
    }
    return true;
}

static void
images_patch_op(json_t *patch, const char *op, const char *path, const char *value)
{
    (void)json_array_append_new(
        patch,
        mem_check(json_pack("{s:s, s:s, s:s}", "op", op, "path", path, "value", value)));
}

/* Replaces one container's image, or variable, where it is another; the tests refuse the
 * patch if what is replaced has moved or changed since it was read. */
static void
images_patch_container(json_t *patch, const json_t *set, const struct image_change *c,
                       bool wanted)
{
    size_t index = 0;
    size_t place = 0;
    const json_t *container =
        images_container(json_path(set, IMAGES_TEMPLATE), c->container, c->init, &index);
    const char *value = images_value(container, c->variable, &place);
    const char *to = wanted ? c->to : c->from;
    char base[96];
    char path[128];

    if (container == NULL || str_eq(value, to)) {
        return;
    }
    (void)snprintf(base, sizeof base, "/spec/template/spec/%s/%zu", images_list(c->init),
                   index);
    (void)snprintf(path, sizeof path, "%s/name", base);
    images_patch_op(patch, "test", path, c->container);
    if (c->variable != NULL) {
        str_append(base, sizeof base, "/env/%zu", place);
        (void)snprintf(path, sizeof path, "%s/name", base);
        images_patch_op(patch, "test", path, c->variable);
    }
    (void)snprintf(path, sizeof path, "%s/%s", base,
                   c->variable != NULL ? "value" : "image");
    images_patch_op(patch, "test", path, value);
    images_patch_op(patch, "replace", path, to);
}

/* With any other strategy the controller itself would restart the pods. */
static void
images_patch_strategy(json_t *patch, const json_t *set)
{
    if (str_eq(json_path_str(set, "spec.updateStrategy.type"), "OnDelete")) {
        return;
    }
    (void)json_array_append_new(
        patch, mem_check(json_pack("{s:s, s:s, s:{s:s}}", "op", "add", "path",
                                   "/spec/updateStrategy", "value", "type", "OnDelete")));
}

json_t *
workload_images_patch(const json_t *set, const struct image_changes *c, bool wanted)
{
    auto_json json_t *patch = mem_check(json_array());

    images_patch_op(patch, "test", "/metadata/uid", json_path_str(set, "metadata.uid"));
    images_patch_strategy(patch, set);
    for (size_t i = 0; i < c->n; i++) {
        images_patch_container(patch, set, &c->at[i], wanted);
    }
    return json_array_size(patch) > 1 ? scope_steal(&patch) : NULL;
}

static json_t *
images_as_to_json(const struct image_change *c)
{
    json_t *array = mem_check(json_array());

    for (size_t i = 0; i < c->n_as; i++) {
        (void)json_array_append_new(array,
                                    mem_check(json_pack("{s:s}", "image", c->as[i])));
    }
    return array;
}

static void
images_as_from_json(const json_t *array, struct image_change *c)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (array, i, item) {
        image_change_add_as(c, json_path_str(item, "image"));
    }
}

json_t *
image_changes_to_json(const struct image_changes *c)
{
    json_t *array = mem_check(json_array());

    for (size_t i = 0; i < c->n; i++) {
        const struct image_change *at = &c->at[i];
        json_t *item =
            mem_check(json_pack("{s:s, s:b, s:s, s:s}", "container", at->container,
                                "init", at->init, "from", at->from, "to", at->to));

        if (at->variable != NULL) {
            (void)json_object_set_new(item, "variable", json_string(at->variable));
        }
        if (at->n_as > 0) {
            (void)json_object_set_new(item, "as", images_as_to_json(at));
        }
        (void)json_array_append_new(array, item);
    }
    return array;
}

int
image_changes_from_json(const json_t *array, struct image_changes *out, struct err *e)
{
    auto_changes struct image_changes got = { 0 };
    size_t i = 0;
    json_t *item = NULL;

    if (!json_is_array(array)) {
        return err_set(e, ERR_PROTOCOL, "the images are not a list");
    }
    json_array_foreach (array, i, item) {
        const char *container = json_path_str(item, "container");
        const char *from = json_path_str(item, "from");
        const char *to = json_path_str(item, "to");
        const char *variable = json_path_str(item, "variable");

        if (*container == '\0' || *from == '\0' || *to == '\0') {
            return err_set(e, ERR_PROTOCOL, "image %zu lacks container, from or to", i);
        }
        images_add(&got,
                   &(struct image_view){ container, json_path_true(item, "init"),
                                         *variable != '\0' ? variable : NULL, from, to });
        images_as_from_json(json_object_get(item, "as"), &got.at[got.n - 1]);
    }
    *out = got;
    got = (struct image_changes){ 0 };
    return 0;
}
