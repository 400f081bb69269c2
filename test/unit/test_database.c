#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/database.h"
#include "testdata.h"

static const struct engine *
mysql(void)
{
    return engine_find("mysql");
}

static void
test_parse(void **state)
{
    auto_json json_t *o = testdata_need("mysql/group/db.json");
    struct database db;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(database_parse(mysql(), o, &db, &e), 0);
    assert_string_equal(db.name, "my-db");
    assert_string_equal(db.name_space, "demo");
    assert_string_equal(db.uid, "db-uid-1");
    assert_string_equal(db.version, "8.0.36");
    assert_string_equal(db.phase, "Ready");
    assert_string_equal(db.resource_version, "1001");
    assert_string_equal(db.topology_value, "GroupReplication");
    assert_int_equal(db.mode->topology, TOPOLOGY_GROUP);
    assert_int_equal(db.replicas, 3);
    assert_int_equal(db.generation, db.observed);
    assert_false(db.halted || db.deleting || db.distributed || db.paused);
    assert_string_equal(db.paused_message, "");
    assert_false(database_paused_by_us(&db));
}

static void
test_parse_standalone(void **state)
{
    auto_json json_t *o = testdata_need("mysql/standalone/db.json");
    struct database db;
    struct err e = { 0 };

    (void)state;
    (void)json_object_del(json_path(o, "spec"), "replicas");
    assert_int_equal(database_parse(mysql(), o, &db, &e), 0);
    assert_string_equal(db.topology_value, "");
    assert_int_equal(db.mode->topology, TOPOLOGY_STANDALONE);
    assert_int_equal(db.replicas, -1);
}

static void
test_parse_incomplete(void **state)
{
    static const struct {
        const char *json, *error;
    } rows[] = {
        { "{}", "the MySQL has no metadata.name" },
        { "{\"metadata\":{\"name\":\"a\"}}", "the MySQL has no metadata.uid" },
        { "{\"metadata\":{\"name\":\"a\",\"uid\":\"u\"},\"spec\":{\"version\":8}}",
          "the MySQL has no spec.version" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = { 0 };
        auto_json json_t *o = json_parse(rows[i].json, strlen(rows[i].json), "row", &e);
        struct database db;

        assert_int_equal(database_parse(mysql(), o, &db, &e), -1);
        assert_int_equal(e.code, ERR_PROTOCOL);
        assert_string_equal(e.msg, rows[i].error);
    }
}

/* Applies a merge patch of the status as the API server does. */
static void
apply(json_t *o, const json_t *patch)
{
    (void)json_object_set(json_path(o, "status"), "conditions",
                          json_path(patch, "status.conditions"));
}

static void
test_pause_and_resume(void **state)
{
    auto_json json_t *o = testdata_need("mysql/group/db.json");
    auto_json json_t *before = json_deep_copy(o);
    auto_json json_t *pause =
        database_pause_patch(o, DATABASE_PAUSE_MARK " (ci@runner-7)", 1763721600000LL);
    auto_json json_t *again = NULL;
    auto_json json_t *resume = NULL;
    const json_t *paused = NULL;
    struct database db;
    struct err e = { 0 };

    (void)state;
    assert_string_equal(json_path_str(pause, "metadata.resourceVersion"), "1001");
    apply(o, pause);
    paused = json_array_find(json_path(o, "status.conditions"), "type", "Paused", NULL);
    assert_string_equal(json_path_str(paused, "status"), "True");
    assert_string_equal(json_path_str(paused, "reason"), "Paused");
    assert_string_equal(json_path_str(paused, "lastTransitionTime"),
                        "2025-11-21T10:40:00Z");
    assert_int_equal(json_path_int(paused, "observedGeneration", 0), 1);
    assert_int_equal(json_array_size(json_path(o, "status.conditions")), 6);
    assert_int_equal(database_parse(mysql(), o, &db, &e), 0);
    assert_true(db.paused && database_paused_by_us(&db));

    /* Twice leaves one condition. */
    again = database_pause_patch(o, "someone else", 0);
    apply(o, again);
    assert_int_equal(json_array_size(json_path(o, "status.conditions")), 6);
    assert_int_equal(database_parse(mysql(), o, &db, &e), 0);
    assert_true(db.paused && !database_paused_by_us(&db));

    for (int back = 0; back < 2; back++) {
        auto_free char *message =
            database_pause_message(back == 1, "8.0.36", "8.4.8", "x");

        db.paused_message = message;
        assert_true(database_paused_by_us(&db));
        assert_true(database_paused_for(&db, "8.0.36", "8.4.8"));
        assert_false(database_paused_for_other(&db, "8.0.36", "8.4.8"));
        assert_false(database_paused_for(&db, "8.0.36", "8.4"));
        assert_true(database_paused_for_other(&db, "8.0.36", "8.4"));
        assert_true(database_paused_for_other(&db, "8.4.8", "8.0.36"));
    }
    db.paused_message = DATABASE_PAUSE_MARK " (ci@runner-7)";
    assert_false(database_paused_for(&db, "8.0.36", "8.4.8"));
    assert_false(database_paused_for_other(&db, "8.0.36", "8.4.8"));

    resume = database_resume_patch(o);
    apply(o, resume);
    assert_true(json_equal(o, before));
}

static void
test_pause_without_status(void **state)
{
    auto_json json_t *o = json_pack("{s:{s:s}}", "metadata", "resourceVersion", "7");
    auto_json json_t *pause = database_pause_patch(o, "m", 0);
    auto_json json_t *resume = database_resume_patch(o);

    (void)state;
    assert_int_equal(json_array_size(json_path(pause, "status.conditions")), 1);
    assert_int_equal(json_array_size(json_path(resume, "status.conditions")), 0);
    assert_true(json_is_array(json_path(resume, "status.conditions")));
}

static void
test_version_patch(void **state)
{
    auto_json json_t *o = testdata_need("mysql/group/db.json");
    auto_json json_t *patch = database_version_patch(o, "8.4.8");
    auto_json json_t *want =
        json_pack("{s:{s:s}, s:{s:s}}", "metadata", "resourceVersion", "1001", "spec",
                  "version", "8.4.8");

    (void)state;
    assert_true(json_equal(patch, want));
}

static void
test_trouble(void **state)
{
    static const struct {
        const char *conditions, *trouble;
    } rows[] = {
        { "", "" },
        { "{'type':'Ready','status':'True'}", "" },
        { "{'type':'Paused','status':'True'}", "" },
        { "{'type':'Ready','status':'False','message':'not ready'}",
          "Ready is False: not ready" },
        { "{'type':'Ready','status':'False'},{'type':'AcceptingConnection','status':'"
          "False'}",
          "AcceptingConnection is False" },
        { "{'type':'Halted','status':'True','message':'by user'}",
          "Halted is True: by user" },
        { "{'type':'Halted','status':'False'}", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[300];
        struct err e = { 0 };
        auto_json json_t *o = NULL;
        char trouble[200];

        str_copy(text, sizeof text, "{'status':{'conditions':[");
        str_append(text, sizeof text, "%s]}}", rows[i].conditions);
        for (char *c = text; *c != '\0'; c++) {
            *c = *c == '\'' ? '"' : *c;
        }
        o = json_parse(text, strlen(text), "row", &e);
        assert_non_null(o);
        assert_string_equal(database_trouble(o, trouble, sizeof trouble),
                            rows[i].trouble);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_standalone),
        cmocka_unit_test(test_parse_incomplete),
        cmocka_unit_test(test_pause_and_resume),
        cmocka_unit_test(test_pause_without_status),
        cmocka_unit_test(test_version_patch),
        cmocka_unit_test(test_trouble),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("database", tests, NULL, NULL);
}
