#ifndef KUBEDB_WORKLOAD_H
#define KUBEDB_WORKLOAD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/scope.h"
#include "engine/engine.h"

/*
 * The set of a database (PetSet or StatefulSet) and its images.
 */
struct workload {
    const char *kind; /* "PetSet" */
    const char *name, *uid, *resource_version;
    const char *strategy;        /* "OnDelete" */
    const char *update_revision; /* "" while the controller has not said */
    long long generation, observed, replicas;
};

/* The label selector of everything of a database, "app.kubernetes.io/name=...,...".
 * Caller frees. */
char *workload_selector(const struct engine *en, const char *database);

/* Whether a set is one of members that the database (by uid) controls. */
bool workload_is_of_members(const json_t *set, const char *database_uid);

/* The one set of members in a list that the database (by uid) controls; whatever its
 * name, but not an InnoDB cluster's router set, nor read replicas or an arbiter of
 * Postgres. ERR_NOT_FOUND for none, ERR_REFUSED for several. Borrowed. */
const json_t *workload_find(const json_t *list, const char *database,
                            const char *database_uid, struct err *e);

/* The sets of read replicas that the database controls: those labelled kubedb.com/role=
 * read-replica (kubedb.dev/apimachinery, apis/kubedb/constants.go). By name, at most
 * `max` of them, borrowed; returns how many there are. */
size_t workload_find_followers(const json_t *list, const char *database_uid,
                               const json_t **out, size_t max);

/* The set of an engine's front (engine_front) that the database controls, or NULL. */
const json_t *workload_find_front(const json_t *list, const struct engine *en,
                                  const char *database_uid);

int workload_parse(const json_t *object, struct workload *out, struct err *e);

/* One container's image, or a variable of it, as it is and as the catalogue wants it.
 * Strings are owned. */
struct image_change {
    char *container;
    bool init;
    char *variable; /* its name; NULL: the image */
    char *from;
    char *to;
    /* What pods have that were made with `from`, where webhooks rewrite it. */
    char **as;
    size_t n_as;
};
struct image_changes {
    size_t n;
    struct image_change *at; /* all that the engine's rows name, changed or not */
};

/* What the catalogue object wants in this set's template. A required container that is
 * missing, or a catalogue without its image, is ERR_REFUSED. */
int workload_images(const struct engine *en, const json_t *set, const json_t *catalog,
                    struct image_changes *out, struct err *e);

/* The same of the set of the engine's front. */
int workload_front_images(const struct engine *en, const json_t *set,
                          const json_t *catalog, struct image_changes *out,
                          struct err *e);
void image_changes_free(struct image_changes *c);
#define auto_changes scope_cleanup(image_changes_free)

/* Those that differ: images, or variables. */
size_t image_changes_count(const struct image_changes *c);
size_t image_changes_count_variables(const struct image_changes *c);

/* What a pod spec has where a change is: the image, or the variable's literal value; "".
 */
const char *workload_value(const json_t *pod_spec, const struct image_change *c);

/* Whether a pod template (json at "spec" of a pod, or of a template) has the wanted
 * (`to`) or the old (`from`) images and variables. `text`, if not NULL, gets the first
 * that differs. */
bool workload_has_images(const json_t *pod_spec, const struct image_changes *c,
                         bool wanted, char *text, size_t size);

/* The same of a pod, whose images may be rewritten as those of pods before it were
 * (kubedb/image_rewrite.h). */
bool workload_pod_has_images(const json_t *pod_spec, const struct image_changes *c,
                             bool wanted, char *text, size_t size);

/* Learns from a set's pod how its images are rewritten, if it was made from the set's
 * template as that is now, before anything was changed. */
void image_changes_learn(struct image_changes *c, const json_t *set, const json_t *pod);

/* Adds what a pod has for `from`; the same twice is added once. */
void image_change_add_as(struct image_change *c, const char *as);

/* JSON patch of the set that brings all images and variables from what it has to
 * `wanted`/old, each guarded by `test` on its name and present value, all of it by one on
 * the set's uid; and the update strategy to OnDelete where it is not. NULL if there is
 * nothing to do. */
json_t *workload_images_patch(const json_t *set, const struct image_changes *c,
                              bool wanted);

/* image changes <-> JSON for the journal: [{"container","init","from","to"}], of a
 * variable also "variable", and where images are rewritten "as": [{"image"}]. */
json_t *image_changes_to_json(const struct image_changes *c);
int image_changes_from_json(const json_t *array, struct image_changes *out,
                            struct err *e);

#endif
