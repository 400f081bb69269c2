/*
 * Whether a pod has its set's images, which a webhook may have rewritten.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/form.h"
#include "kubedb/image_rewrite.h"
#include "kubedb/workload.h"

enum {
    POD_IMAGES_AS_MAX = 16, /* of one container: each pod may have another digest */
    POD_IMAGES_LONGEST = 512,
};

void
image_change_add_as(struct image_change *c, const char *as)
{
    for (size_t i = 0; i < c->n_as; i++) {
        if (str_eq(c->as[i], as)) {
            return;
        }
    }
    if (c->n_as < POD_IMAGES_AS_MAX && *as != '\0' && strlen(as) <= POD_IMAGES_LONGEST &&
        form_is_image(as)) {
        c->as = mem_grow(c->as, c->n_as + 1, sizeof *c->as);
        c->as[c->n_as++] = mem_strdup(as);
    }
}

static bool
pod_images_had(const struct image_change *c, const char *value)
{
    for (size_t i = 0; i < c->n_as; i++) {
        if (str_eq(c->as[i], value)) {
            return true;
        }
    }
    return false;
}

/* Whether a value is an image as pods of this set have others: by the rule of the same
 * container, or of another one, if a registry of that is the new image's. */
static bool
pod_images_is_like(const struct image_changes *all, const char *want, const char *value)
{
    for (const struct image_change *c = all->at; c < all->at + all->n; c++) {
        for (size_t i = 0; i < c->n_as; i++) {
            if (image_rewrite_is_like(c->from, c->as[i], want, value)) {
                return true;
            }
        }
    }
    return false;
}

/* What only digests tell apart is the old one where a pod had it before, else the new. */
static bool
pod_images_is(const struct image_changes *all, const struct image_change *c,
              const char *value, bool wanted)
{
    const char *want = wanted ? c->to : c->from;

    if (str_eq(value, want) || str_eq(c->from, c->to)) {
        return str_eq(value, want) ||
               (c->variable == NULL &&
                (pod_images_had(c, value) || pod_images_is_like(all, want, value)));
    }
    if (c->variable != NULL || str_eq(value, wanted ? c->from : c->to)) {
        return false;
    }
    if (pod_images_had(c, value)) {
        return !wanted;
    }
    return pod_images_is_like(all, want, value) &&
           (wanted || !pod_images_is_like(all, c->to, value));
}

bool
workload_pod_has_images(const json_t *pod_spec, const struct image_changes *c,
                        bool wanted, char *text, size_t size)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct image_change *at = &c->at[i];
        const char *value = workload_value(pod_spec, at);

        if (pod_images_is(c, at, value, wanted)) {
            continue;
        }
        if (text != NULL) {
            (void)snprintf(
                text, size, "%scontainer %s has %s%s%s instead of %s",
                at->init ? "init " : "", at->container,
                at->variable != NULL ? at->variable : "", at->variable != NULL ? "=" : "",
                *value != '\0' ? value : "no image", wanted ? at->to : at->from);
        }
        return false;
    }
    return true;
}

void
image_changes_learn(struct image_changes *c, const json_t *set, const json_t *pod)
{
    const json_t *template = json_path(set, "spec.template.spec");
    const char *revision = json_path_str(set, "status.updateRevision");
    const char *made = json_string_value(
        json_object_get(json_path(pod, "metadata.labels"), "controller-revision-hash"));
    bool now = *revision != '\0' && str_eq(made, revision) &&
               json_path_int(set, "status.observedGeneration", 0) >=
                   json_path_int(set, "metadata.generation", 0);

    for (size_t i = 0; i < c->n; i++) {
        struct image_change *at = &c->at[i];
        const char *want = workload_value(template, at);
        const char *value = workload_value(json_path(pod, "spec"), at);

        if (at->variable == NULL && str_eq(at->from, want) && *value != '\0' &&
            !str_eq(value, want) && !str_eq(value, at->to) &&
            (now || image_rewrite_is_plain(want, value))) {
            image_change_add_as(at, value);
        }
    }
}
