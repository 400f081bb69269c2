#include <jansson.h>

#include "base/err.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/engine.h"
#include "kube/client.h"
#include "kubedb/database.h"
#include "lock/lease.h"
#include "upgrade/status.h"
#include "upgrade/status_private.h"

/*
 * Databases that this program has paused, and whose Lease is gone: no run ends so, but
 * somebody may delete a Lease. Nothing then reminds of them but their own condition.
 */

static bool
status_orphan_is_listed(const struct status_list *l, const struct database *db)
{
    for (size_t i = 0; i < l->n; i++) {
        if (str_eq(l->at[i].name, db->name) &&
            str_eq(l->at[i].name_space, db->name_space)) {
            return true;
        }
    }
    return false;
}

static bool
status_orphan_is_paused(const struct engine *en, const json_t *object,
                        struct database *db)
{
    struct err broken = { 0 };

    return database_parse(en, object, db, &broken) == 0 && database_paused_by_us(db);
}

static void
status_orphan_add(struct status_list *l, const struct engine *en, json_t *object)
{
    struct status_row row = {
        .engine = en,
        .state = STATUS_LEFT,
        .name_space = json_path_str(object, "metadata.namespace"),
        .name = json_path_str(object, "metadata.name"),
        .journal.from = "",
        .journal.to = "",
        .journal.started = "",
        .journal.by = "",
        .journal.step = "",
        .lock.holder = "",
        .lock.held_by = "",
        .lock.asked = "",
        .lock.asked_by = "",
        .lock.renewed = "",
        .lock.renewed_ms = -1,
    };

    status_set_database(&row, object);
    status_add(l, &row);
}

/* A run may have begun, or ended, since the Leases were read: what looks left is asked
 * for again, in the order that leaves no doubt. */
static int
status_orphan_ask_again(struct kube *k, const struct engine *en,
                        const struct database *seen, struct status_list *l, struct err *e)
{
    auto_json json_t *lease = NULL;
    auto_json json_t *object = NULL;
    char name[LEASE_NAME_MAX];
    struct database db = { 0 };
    const struct kube_ref ref =
        lease_ref(seen->name_space, lease_name(en, seen->name, name, sizeof name));

    if (kube_get(k, &ref, &lease, e) == 0) {
        return 0;
    }
    if (e->code != ERR_NOT_FOUND ||
        status_get_database(k, en, seen->name_space, seen->name, &object, e) < 0) {
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    }
    if (status_orphan_is_paused(en, object, &db)) {
        status_orphan_add(l, en, scope_steal(&object));
    }
    return 0;
}

static int
status_orphan_judge(struct kube *k, const struct engine *en, const json_t *object,
                    struct status_list *l, struct err *e)
{
    struct database db = { 0 };

    if (!status_orphan_is_paused(en, object, &db) || status_orphan_is_listed(l, &db)) {
        return 0;
    }
    return status_orphan_ask_again(k, en, &db, l, e);
}

static int
status_orphan_judge_all(const struct status_query *q, struct kube *k, const json_t *found,
                        struct status_list *l, struct err *e)
{
    json_t *object = NULL;
    size_t i = 0;

    if (q->name != NULL && q->name_space != NULL) {
        return status_orphan_judge(k, q->engine, found, l, e);
    }
    json_array_foreach (json_object_get(found, "items"), i, object) {
        if ((q->name == NULL ||
             str_eq(q->name, json_path_str(object, "metadata.name"))) &&
            status_orphan_judge(k, q->engine, object, l, e) < 0) {
            return -1;
        }
    }
    return 0;
}

int
status_look_left(const struct status_query *q, struct kube *k, struct status_list *l,
                 struct err *e)
{
    const char *name = q->name_space != NULL ? q->name : NULL;
    auto_json json_t *found = NULL;
    struct err trouble = { 0 };

    if (name != NULL && l->n > 0) {
        return 0; /* it is in progress, so it cannot be left */
    }
    if (status_get_database(k, q->engine, q->name_space, name, &found, &trouble) == 0 &&
        status_orphan_judge_all(q, k, found, l, &trouble) == 0) {
        return 0;
    }
    if (trouble.code == ERR_NOT_FOUND && name != NULL) {
        err_set(e, ERR_NOT_FOUND, "%s \"%s\" not found in namespace %s",
                q->engine->api.kind, name, q->name_space);
        return err_hint(e, "list them: kubectl get %s -A; choose the namespace with -n",
                        q->engine->api.resource);
    }
    if (trouble.code != ERR_NOT_FOUND) {
        status_leave_out(l->left_out, sizeof l->left_out, "databases left paused",
                         &trouble);
    }
    return 0;
}
