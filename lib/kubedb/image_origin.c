#include "kubedb/image_origin.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/router.h"

char *
image_origin_name(const struct image_change *c, char *out, size_t size)
{
    (void)snprintf(
        out, size, "%s%.64s%s%scontainer %.64s", c->variable != NULL ? "variable " : "",
        c->variable != NULL ? c->variable : "", c->variable != NULL ? " of " : "",
        c->init ? "init " : "", c->container);
    return out;
}

/* -- rows -- */

static const struct engine_image *
origin_images(const struct image_origin *o)
{
    return o->front ? o->engine->front->images : o->engine->object.images;
}

static const struct engine_image *
origin_find_image(const struct image_origin *o, const struct image_change *c)
{
    for (const struct engine_image *row = origin_images(o); row->container != NULL;
         row++) {
        if (str_eq(row->container, c->container) && row->init == c->init) {
            return row;
        }
    }
    return NULL;
}

static const struct engine_env *
origin_find_variable(const struct image_origin *o, const struct image_change *c)
{
    for (const struct engine_env *row = o->engine->object.env;
         c->variable != NULL && row != NULL && row->name != NULL; row++) {
        if (str_eq(row->name, c->variable)) {
            return row;
        }
    }
    return NULL;
}

static bool
origin_is_same(const struct image_change *a, const struct image_change *b)
{
    return a->init == b->init && str_eq(a->container, b->container) &&
           str_eq(a->variable, b->variable);
}

static const json_t *
origin_template(const struct image_origin *o)
{
    return json_path(o->set, "spec.template.spec");
}

/* Whether it is one of the engine's rows; a variable must be in the set's pods, too. */
static bool
origin_is_row(const struct image_origin *o, const struct image_change *c)
{
    return c->variable == NULL ? origin_find_image(o, c) != NULL
                               : origin_find_variable(o, c) != NULL &&
                                     *workload_value(origin_template(o), c) != '\0';
}

static int
origin_check_row(const struct image_origin *o, const struct image_changes *c, size_t i,
                 struct err *e)
{
    char name[160];

    image_origin_name(&c->at[i], name, sizeof name);
    if (!origin_is_row(o, &c->at[i])) {
        return err_set(e, ERR_REFUSED,
                       "the journal of an earlier run names %s of workload %s, which an "
                       "upgrade of %s does not change",
                       name, o->name, o->engine->name);
    }
    for (size_t j = 0; j < i; j++) {
        if (origin_is_same(&c->at[j], &c->at[i])) {
            return err_set(e, ERR_REFUSED,
                           "the journal of an earlier run names %s of workload %s twice",
                           name, o->name);
        }
    }
    return 0;
}

static int
origin_check_whole(const struct image_origin *o, const struct image_changes *c,
                   struct err *e)
{
    for (const struct engine_image *row = origin_images(o); row->container != NULL;
         row++) {
        bool there = row->optional;

        for (size_t i = 0; i < c->n && !there; i++) {
            there = c->at[i].variable == NULL && c->at[i].init == row->init &&
                    str_eq(c->at[i].container, row->container);
        }
        if (!there) {
            return err_set(e, ERR_REFUSED,
                           "the journal of an earlier run does not name the previous "
                           "image of %scontainer %s of workload %s",
                           row->init ? "init " : "", row->container, o->name);
        }
    }
    return 0;
}

int
image_origin_check_rows(const struct image_origin *o, const struct image_changes *c,
                        bool whole, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        if (origin_check_row(o, c, i, e) < 0) {
            return -1;
        }
    }
    return whole ? origin_check_whole(o, c, e) : 0;
}

/* -- values -- */

/* Whether a version's object in the catalogue says it. */
static bool
origin_in_catalog(const struct image_origin *o, const json_t *version,
                  const struct image_change *c, const char *value)
{
    const struct engine_image *image = origin_find_image(o, c);
    const struct engine_env *env = origin_find_variable(o, c);
    const json_t *spec = json_path(version, "spec");
    const char *said = "";
    size_t len = 0;

    if (c->variable == NULL) {
        return image != NULL && str_eq(json_path_str(spec, image->path), value);
    }
    if (env == NULL) {
        return false;
    }
    said = json_path_str(spec, env->path);
    len = env->major ? strcspn(said, ".") : strlen(said);
    return strlen(value) == len && strncmp(value, said, len) == 0;
}

/* Whether it is what the catalogue says of any other version than the two. */
static bool
origin_is_others(const struct image_origin *o, const struct image_change *c,
                 const char *value)
{
    size_t i = 0;
    json_t *version = NULL;

    json_array_foreach (json_object_get(o->catalog, "items"), i, version) {
        if (version != o->from && version != o->to &&
            origin_in_catalog(o, version, c, value)) {
            return true;
        }
    }
    return false;
}

static bool
origin_controls(const struct image_origin *o, const json_t *object)
{
    size_t i = 0;
    json_t *owner = NULL;

    json_array_foreach (json_path(object, "metadata.ownerReferences"), i, owner) {
        const char *uid = json_path_str(owner, "uid");

        if (json_path_true(owner, "controller") && *uid != '\0' &&
            (str_eq(uid, o->uid) || str_eq(uid, o->other_uid))) {
            return true;
        }
    }
    return false;
}

static bool
origin_in_set(const struct image_origin *o, const struct image_change *c,
              const char *value)
{
    const char *name = NULL;
    json_t *object = NULL;
    size_t i = 0;

    if (!origin_in_catalog(o, o->from, c, value) &&
        !origin_in_catalog(o, o->to, c, value) && origin_is_others(o, c, value)) {
        return false;
    }
    if (str_eq(workload_value(origin_template(o), c), value) ||
        str_eq(workload_value(json_path(o->other, "spec.template.spec"), c), value)) {
        return true;
    }
    json_object_foreach (json_mutable(o->pods), name, object) {
        if (origin_controls(o, object) &&
            str_eq(workload_value(json_path(object, "spec"), c), value)) {
            return true;
        }
    }
    json_array_foreach (o->revisions, i, object) {
        if (origin_controls(o, object) &&
            str_eq(workload_value(json_path(object, "data.spec.template.spec"), c),
                   value)) {
            return true;
        }
    }
    return false;
}

const struct image_change *
image_origin_find_unknown(const struct image_origin *o, const struct image_changes *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct image_change *at = &c->at[i];

        if (!origin_in_catalog(o, o->from, at, at->from) &&
            !origin_in_set(o, at, at->from)) {
            return at;
        }
    }
    return NULL;
}
