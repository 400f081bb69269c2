#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/router.h"
#include "kube/client.h"
#include "kubedb/database.h"
#include "kubedb/pod.h"
#include "kubedb/workload.h"
#include "upgrade/status.h"
#include "upgrade/status_private.h"

/*
 * What the cluster says beside the Lease: the database and its members. Who asks for the
 * status may lack the right to look at them.
 */

void
status_leave_out(char *out, size_t size, const char *what, const struct err *e)
{
    const char *why = e->code == ERR_FORBIDDEN   ? "permission denied"
                      : e->code == ERR_NOT_FOUND ? "no longer exists"
                                                 : e->msg;

    str_append(out, size, "%s%s: %s", out[0] != '\0' ? "; " : "", what, why);
}

/* -- the database -- */

int
status_get_database(struct kube *k, const struct engine *en, const char *name_space,
                    const char *name, json_t **out, struct err *e)
{
    static const char *const versions[] = { "v1", "v1alpha2" };
    int got = -1;

    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const struct kube_ref ref = { .group = "kubedb.com",
                                      .version = versions[i],
                                      .resource = en->api.resource,
                                      .name_space = name_space,
                                      .name = name };

        got = name != NULL ? kube_get(k, &ref, out, e) : kube_list(k, &ref, NULL, out, e);
        if (got == 0 || e->code != ERR_NOT_FOUND) {
            break;
        }
    }
    return got;
}

void
status_set_database(struct status_row *r, json_t *object)
{
    struct database db = { 0 };
    struct err e = { 0 };

    json_decref(r->objects.database);
    r->objects.database = object;
    if (database_parse(r->engine, object, &db, &e) < 0) {
        status_leave_out(r->left_out, sizeof r->left_out, "the database", &e);
        return;
    }
    r->database.version = db.version;
    r->database.phase = db.phase;
    r->database.paused = db.paused;
    r->database.paused_message = db.paused_message;
}

/* -- the members -- */

static enum status_images
status_judge_images(const json_t *pod, const struct image_changes *c)
{
    const json_t *spec = json_path(pod, "spec");
    bool old = workload_pod_has_images(spec, c, false, NULL, 0);
    bool new = workload_pod_has_images(spec, c, true, NULL, 0);

    if (old && new) {
        return STATUS_SAME;
    }
    return old ? STATUS_OLD : new ? STATUS_NEW : STATUS_MIXED;
}

static int
status_compare_members(const void *a, const void *b)
{
    const struct status_member *x = a;
    const struct status_member *y = b;

    int sets = (x->set > y->set) - (x->set < y->set);

    return sets != 0 ? sets : (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* A set by the journal. */
struct status_set {
    size_t at; /* 0: the members' */
    const char *name;
    const char *role; /* of its pods; NULL: as their labels say */
    const struct image_changes *images;
};

/* The pods of one of the database's sets. */
static void
status_add_members(struct status_row *r, const struct status_set *set)
{
    size_t len = strlen(set->name);
    json_t *object = NULL;
    size_t i = 0;

    json_array_foreach (json_path(r->objects.pods, "items"), i, object) {
        struct pod p = { 0 };
        struct err e = { 0 };

        if (pod_parse(r->engine, object, &p, &e) < 0 || p.ordinal < 0 ||
            !str_starts(p.name, set->name) || strrchr(p.name, '-') != p.name + len) {
            continue;
        }
        r->members = mem_grow(r->members, r->n_members + 1, sizeof *r->members);
        r->members[r->n_members++] =
            (struct status_member){ .name = p.name,
                                    .role = set->role != NULL ? set->role : p.role,
                                    .set = set->at,
                                    .ordinal = p.ordinal,
                                    .images = status_judge_images(object, set->images),
                                    .ready = p.ready,
                                    .deleting = p.deleting };
    }
    if (r->n_members > 0) {
        qsort(r->members, r->n_members, sizeof *r->members, status_compare_members);
    }
}

/* The pods of one entry of the journal, which has a set's name and its images. */
static int
status_add_set(struct status_row *r, const json_t *of, size_t at, const char *role,
               struct err *e)
{
    struct image_changes changes = { 0 };

    if (image_changes_from_json(json_object_get(of, "images"), &changes, e) < 0) {
        return -1;
    }
    status_add_members(r, &(struct status_set){ .at = at,
                                                .name = json_path_str(of, "set"),
                                                .role = role,
                                                .images = &changes });
    image_changes_free(&changes);
    return 0;
}

static int
status_add_sets(struct status_row *r, struct err *e)
{
    size_t i = 0;
    json_t *follower = NULL;

    if (status_add_set(r, r->objects.journal, 0, NULL, e) < 0) {
        return -1;
    }
    json_array_foreach (json_path(r->objects.journal, "followers"), i, follower) {
        if (status_add_set(r, follower, i + 1, NULL, e) < 0) {
            return -1;
        }
    }
    if (json_object_get(r->objects.journal, "new_set") != NULL) {
        return status_add_set(r, json_object_get(r->objects.journal, "new_set"), i + 1,
                              NULL, e);
    }
    if (json_object_get(r->objects.journal, "front") != NULL &&
        r->engine->front != NULL) {
        return status_add_set(r, json_object_get(r->objects.journal, "front"), i + 1,
                              r->engine->front->title, e);
    }
    return 0;
}

static void
status_look_members(struct kube *k, struct status_row *r)
{
    const struct kube_ref ref = {
        .group = "", .version = "v1", .resource = "pods", .name_space = r->name_space
    };
    auto_free char *selector = workload_selector(r->engine, r->name);
    struct err e = { 0 };

    if (kube_list(k, &ref, selector, &r->objects.pods, &e) < 0 ||
        status_add_sets(r, &e) < 0) {
        status_leave_out(r->left_out, sizeof r->left_out, "the members", &e);
    }
}

void
status_look(struct kube *k, struct status_row *r)
{
    json_t *object = NULL;
    struct err e = { 0 };

    if (r->engine == NULL || r->objects.database != NULL) {
        return;
    }
    if (status_get_database(k, r->engine, r->name_space, r->name, &object, &e) == 0) {
        status_set_database(r, object);
    } else {
        status_leave_out(r->left_out, sizeof r->left_out, "the database", &e);
    }
    if (r->objects.journal != NULL && r->state != STATUS_NEWER &&
        r->state != STATUS_UNREADABLE) {
        status_look_members(k, r);
    }
}
