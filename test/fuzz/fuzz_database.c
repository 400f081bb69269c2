/* A database object: what is read of it, and what pausing and resuming make of it.
 * parsers: lib/kubedb/database.c */
#define FUZZ_JSON
#include "base/str.h"
#include "fuzz.h"
#include "kubedb/database.h"

static const struct engine *
engine_of(const json_t *object)
{
    const struct engine *en = engine_find(json_path_str(object, "kind"));

    return en != NULL ? en : engine_all[0];
}

/* A merge patch of the status, as the API server does it; stolen. */
static void
merge(json_t *object, json_t *patch_new)
{
    auto_json json_t *patch = patch_new;

    fuzz_check(str_eq(json_path_str(patch, "metadata.resourceVersion"),
                      json_path_str(object, "metadata.resourceVersion")));
    if (!json_is_object(json_object_get(object, "status"))) {
        (void)json_object_set_new(object, "status", json_object());
    }
    (void)json_object_update(json_object_get(object, "status"),
                             json_object_get(patch, "status"));
}

static bool
is_paused(const struct engine *en, const json_t *object)
{
    struct database db;
    struct err e = { 0 };

    fuzz_check(database_parse(en, object, &db, &e) == 0);
    fuzz_check(!db.paused || database_paused_by_us(&db));
    return db.paused;
}

static void
check_pause(const struct engine *en, json_t *object)
{
    size_t conditions = json_array_size(json_path(object, "status.conditions"));

    merge(object, database_pause_patch(object, DATABASE_PAUSE_MARK " (test)", 1000));
    fuzz_check(is_paused(en, object));
    fuzz_check(json_array_size(json_path(object, "status.conditions")) <= conditions + 1);
    merge(object, database_resume_patch(object));
    fuzz_check(!is_paused(en, object));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = FUZZ_INPUT(data, size);
    auto_json json_t *object = fuzz_json(&in);
    auto_json json_t *patch = database_version_patch(object, "8.4.8");
    const struct engine *en = engine_of(object);
    struct database db = { 0 };
    struct err e = { 0 };
    char why[256];

    fuzz_check(str_eq(json_path_str(patch, "spec.version"), "8.4.8"));
    database_trouble(object, why, sizeof why);
    fuzz_check(memchr(why, '\0', sizeof why) != NULL);
    if (database_parse(en, object, &db, &e) < 0) {
        fuzz_check(e.code == ERR_PROTOCOL && db.name == NULL);
        return 0;
    }
    fuzz_check(*db.name != '\0' && *db.uid != '\0' && *db.version != '\0');
    fuzz_check(db.paused || *db.paused_message == '\0');
    fuzz_check(db.mode == NULL || str_eq(db.mode->value, db.topology_value));
    check_pause(en, object);
    return 0;
}
