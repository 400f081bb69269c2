#include "kubedb/replacement_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/new_set.h"

static const char *const new_set_lists[] = { "initContainers", "containers", NULL };

/* -- the copy -- */

static void
new_set_take_image(json_t *container, bool init, const struct image_changes *images)
{
    for (size_t i = 0; i < images->n; i++) {
        const struct image_change *c = &images->at[i];

        if (c->variable == NULL && c->init == init &&
            str_eq(c->container, json_path_str(container, "name"))) {
            (void)json_object_set_new(container, "image", json_string(c->to));
        }
    }
}

/* What in a container's environment is the set's name becomes the new one. */
static void
new_set_take_name(json_t *container, const struct new_set_wish *w)
{
    json_t *variable = json_array_find(json_path(container, "env"), "name",
                                       w->engine->new_set->variable, NULL);

    if (str_eq(json_path_str(variable, "value"),
               json_path_str(w->old, "metadata.name"))) {
        (void)json_object_set_new(variable, "value", json_string(w->name));
    }
}

static json_t *
new_set_spec(const struct new_set_wish *w)
{
    json_t *spec = mem_check(json_deep_copy(json_path(w->old, "spec")));

    for (const char *const *list = new_set_lists; *list != NULL; list++) {
        json_t *containers = json_object_get(json_path(spec, "template.spec"), *list);
        size_t i = 0;
        json_t *container = NULL;

        json_array_foreach (containers, i, container) {
            new_set_take_image(container, list == new_set_lists, w->images);
            new_set_take_name(container, w);
        }
    }
    (void)json_object_set_new(spec, "replicas", json_integer(0));
    (void)json_object_set_new(spec, "updateStrategy",
                              mem_check(json_pack("{s:s}", "type", "OnDelete")));
    return spec;
}

static json_t *
new_set_annotations(const struct new_set_wish *w)
{
    const json_t *old = json_path(w->old, "metadata.annotations");
    json_t *annotations = json_is_object(old) ? json_deep_copy(old) : json_object();
    auto_json json_t *mark = mem_check(json_pack(
        "{s:s, s:s, s:s, s:s, s:s}", "database", w->database, "uid", w->uid, "set",
        json_path_str(w->old, "metadata.name"), "from", w->from, "to", w->to));
    auto_free char *text = json_text(mark);

    (void)json_object_del(annotations,
                          "kubectl.kubernetes.io/last-applied-configuration");
    (void)json_object_set_new(mem_check(annotations), NEW_SET_MARK, json_string(text));
    return annotations;
}

json_t *
new_set_object(const struct new_set_wish *w)
{
    static const char *const kept[] = { "namespace", "labels", "ownerReferences", NULL };
    json_t *metadata = mem_check(
        json_pack("{s:s, s:o}", "name", w->name, "annotations", new_set_annotations(w)));

    for (const char *const *key = kept; *key != NULL; key++) {
        json_t *value = json_object_get(json_path(w->old, "metadata"), *key);

        if (value != NULL) {
            (void)json_object_set_new(metadata, *key, json_deep_copy(value));
        }
    }
    return mem_check(json_pack(
        "{s:s, s:s, s:o, s:o}", "apiVersion", json_path_str(w->old, "apiVersion"), "kind",
        json_path_str(w->old, "kind"), "metadata", metadata, "spec", new_set_spec(w)));
}

/* -- whose a set or a claim is -- */

char *
new_set_mark(const json_t *set, const char *key)
{
    const char *text = json_string_value(
        json_object_get(json_path(set, "metadata.annotations"), NEW_SET_MARK));
    auto_json json_t *mark = text != NULL ? json_loads(text, 0, NULL) : NULL;

    return mem_strdup(json_path_str(mark, key));
}

bool
new_set_is_of(const json_t *set, const char *uid)
{
    auto_free char *of = new_set_mark(set, "uid");

    return *uid != '\0' && str_eq(of, uid);
}

/* The number that text begins with, and what follows it; -1: none. */
static long long
new_set_read(const char *text, const char **rest)
{
    size_t n = strspn(text, "0123456789");

    *rest = text + n;
    return n > 0 && n < 10 ? strtoll(text, NULL, 10) : -1;
}

long long
new_set_number(const char *database, const char *set)
{
    size_t len = strlen(database);
    const char *rest = "";
    long long n = -1;

    if (str_starts(set, database) && set[len] == '-') {
        n = new_set_read(set + len + 1, &rest);
    }
    return *rest == '\0' ? n : -1;
}

long long
new_set_claim_number(const char *database, const char *claim)
{
    auto_free char *middle = mem_printf("-%s-", database);
    const char *at = strstr(claim, middle);

    for (; at != NULL; at = strstr(at + 1, middle)) {
        const char *rest = "";
        long long n = new_set_read(at + strlen(middle), &rest);
        const char *end = "";

        if (n >= 0 && *rest == '-' && new_set_read(rest + 1, &end) >= 0 && *end == '\0') {
            return n;
        }
    }
    return -1;
}

bool
new_set_has_claim(const json_t *like, const char *set, size_t n, const char *claim)
{
    size_t i = 0;
    json_t *template = NULL;

    json_array_foreach (json_path(like, "spec.volumeClaimTemplates"), i, template) {
        for (size_t pod = 0; pod < n; pod++) {
            auto_free char *name = mem_printf(
                "%s-%s-%zu", json_path_str(template, "metadata.name"), set, pod);

            if (str_eq(name, claim)) {
                return true;
            }
        }
    }
    return false;
}
