#include "kubedb/database.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define DATABASE_PAUSED "Paused"

static const json_t *
database_condition(const json_t *object, const char *type)
{
    return json_array_find(json_path(object, "status.conditions"), "type", type, NULL);
}

static bool
database_condition_is(const json_t *object, const char *type, const char *status)
{
    return str_eq(json_path_str(database_condition(object, type), "status"), status);
}

int
database_parse(const struct engine *en, const json_t *object, struct database *out,
               struct err *e)
{
    struct database db = {
        .name = json_path_str(object, "metadata.name"),
        .name_space = json_path_str(object, "metadata.namespace"),
        .uid = json_path_str(object, "metadata.uid"),
        .version = json_path_str(object, "spec.version"),
        .phase = json_path_str(object, "status.phase"),
        .resource_version = json_path_str(object, "metadata.resourceVersion"),
        .topology_value = json_path_str(object, en->object.topology_path),
        .generation = json_path_int(object, "metadata.generation", 0),
        .observed = json_path_int(object, "status.observedGeneration", 0),
        .replicas = json_path_int(object, "spec.replicas", -1),
        .halted = json_path_true(object, "spec.halted"),
        .deleting = json_path(object, "metadata.deletionTimestamp") != NULL,
        .distributed = json_path_true(object, "spec.distributed"),
        .paused = database_condition_is(object, DATABASE_PAUSED, "True"),
        .paused_message = "",
    };

    if (*db.name == '\0' || *db.uid == '\0' || *db.version == '\0') {
        return err_set(e, ERR_PROTOCOL, "the %s has no %s", en->api.kind,
                       *db.name == '\0'  ? "metadata.name"
                       : *db.uid == '\0' ? "metadata.uid"
                                         : "spec.version");
    }
    db.mode = engine_find_mode(
        en, db.topology_value,
        en->object.mode_path != NULL ? json_path_str(object, en->object.mode_path) : "",
        db.replicas);
    if (db.paused) {
        db.paused_message =
            json_path_str(database_condition(object, DATABASE_PAUSED), "message");
    }
    *out = db;
    return 0;
}

/* A merge patch of the status that carries these conditions (a new reference, stolen):
 * a merge replaces the whole array, so the resourceVersion must guard it. */
static json_t *
database_conditions_patch_new(const json_t *object, json_t *conditions)
{
    return mem_check(json_pack("{s:{s:s}, s:{s:o}}", "metadata", "resourceVersion",
                               json_path_str(object, "metadata.resourceVersion"),
                               "status", "conditions", conditions));
}

/* The conditions without Paused. */
static json_t *
database_other_conditions(const json_t *object)
{
    json_t *others = mem_check(json_array());
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach (json_path(object, "status.conditions"), i, item) {
        if (!str_eq(json_path_str(item, "type"), DATABASE_PAUSED)) {
            (void)json_array_append(others, item);
        }
    }
    return others;
}

json_t *
database_pause_patch(const json_t *object, const char *message, long long wall_ms)
{
    json_t *conditions = database_other_conditions(object);
    char now[32];

    (void)json_array_append_new(
        conditions,
        mem_check(json_pack(
            "{s:s, s:s, s:s, s:s, s:I, s:s}", "type", DATABASE_PAUSED, "status", "True",
            "reason", DATABASE_PAUSED, "message", message, "observedGeneration",
            (json_int_t)json_path_int(object, "metadata.generation", 0),
            "lastTransitionTime", clock_rfc3339(wall_ms, now, sizeof now))));
    return database_conditions_patch_new(object, conditions);
}

json_t *
database_resume_patch(const json_t *object)
{
    return database_conditions_patch_new(object, database_other_conditions(object));
}

json_t *
database_version_patch(const json_t *object, const char *version)
{
    return mem_check(json_pack("{s:{s:s}, s:{s:s}}", "metadata", "resourceVersion",
                               json_path_str(object, "metadata.resourceVersion"), "spec",
                               "version", version));
}

bool
database_paused_by_us(const struct database *db)
{
    return db->paused && str_starts(db->paused_message, DATABASE_PAUSE_MARK);
}

static const char *const database_tasks[] = { "upgrade", "walking back the upgrade" };

char *
database_pause_message(bool back, const char *from, const char *to, const char *holder)
{
    return mem_printf(DATABASE_PAUSE_MARK ": %s from %s to %s by %s",
                      database_tasks[back ? 1 : 0], from, to, holder);
}

bool
database_paused_for(const struct database *db, const char *from, const char *to)
{
    bool found = false;

    for (int back = 0; back < 2; back++) {
        auto_free char *begin = database_pause_message(back == 1, from, to, "");

        found = found || (db->paused && str_starts(db->paused_message, begin));
    }
    return found;
}

bool
database_paused_for_other(const struct database *db, const char *from, const char *to)
{
    return database_paused_by_us(db) && strstr(db->paused_message, " from ") != NULL &&
           !database_paused_for(db, from, to);
}

/* In the order in which KubeDB computes the phase (pkg/phase/phase.go). */
static const struct {
    const char *type;
    const char *status;
} database_troubles[] = {
    { "HealthCheckPaused", "True" },
    { "Halted", "True" },
    { "DataRestored", "False" },
    { "AcceptingConnection", "False" },
    { "ServerReady", "False" },
    { "ReplicaReady", "False" },
    { "Ready", "False" },
    { "DatabaseReadAccess", "False" },
    { "DatabaseWriteAccess", "False" },
    { "Provisioned", "False" },
};

char *
database_trouble(const json_t *object, char *out, size_t size)
{
    str_copy(out, size, "");
    for (size_t i = 0; i < sizeof database_troubles / sizeof *database_troubles; i++) {
        const char *type = database_troubles[i].type;
        const char *message = NULL;

        if (!database_condition_is(object, type, database_troubles[i].status)) {
            continue;
        }
        message = json_path_str(database_condition(object, type), "message");
        (void)snprintf(out, size, "%s is %s%s%s", type, database_troubles[i].status,
                       *message != '\0' ? ": " : "", message);
        break;
    }
    return out;
}
