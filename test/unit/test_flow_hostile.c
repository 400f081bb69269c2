/* Upgrades, plans and refusals in a cluster whose every string may be hostile. */
#define _DEFAULT_SOURCE /* forkpty, setenv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "double_hostile.h"

/* What the present test runs, so many of the lines for each thing that is planted: those
 * that come next. 0: all. */
static const char *const *lines;
static size_t at_once;

static void
look(const char *planted)
{
    static size_t next = 0;
    size_t n = 0;

    while (lines[n] != NULL) {
        n++;
    }
    for (size_t i = 0; i < (at_once > 0 ? at_once : n); i++) {
        hostile_shows(lines[next++ % n], planted);
    }
}

/* Members and pods as they are while something is wrong with them, and what is told of
 * it; the same as events. */
static void
add_trouble(void)
{
    json_t *pod = world_edit("pods", "my-db-2");
    json_t *db = world_edit(world_engine()->api.resource, WORLD_DB);

    world_set_path(pod, "metadata.annotations", world_json("{'note': 'a note'}"));
    (void)json_object_update_new(
        json_array_get(json_path(pod, "status.containerStatuses"), 0),
        world_json("{'lastState': {'terminated': {'exitCode': 1, 'reason': 'Error', "
                   "'message': 'a message'}}, 'state': {'waiting': {'reason': "
                   "'CrashLoopBackOff', 'message': 'a message'}}}"));
    world_put("pods", pod);
    (void)json_array_append_new(
        json_path(db, "status.conditions"),
        world_json("{'type': 'Healthy', 'status': 'False', 'reason': 'Ill', 'message': "
                   "'a message', 'lastTransitionTime': '2026-11-18T00:00:00Z'}"));
    world_put(world_engine()->api.resource, db);
    world_put("mysqlopsrequests",
              world_json("{'metadata': {'name': 'up'}, 'spec': {'type': 'UpdateVersion', "
                         "'databaseRef': {'name': 'my-db'}}, 'status': {'phase': "
                         "'Successful'}}"));
    world_put("poddisruptionbudgets",
              world_json("{'metadata': {'name': 'b'}, 'spec': {'selector': "
                         "{'matchLabels': {'app.kubernetes.io/instance': 'my-db'}}}, "
                         "'status': {'disruptionsAllowed': 1}}"));
}

#define MYSQL "mysql my-db --to 8.4.8 -n demo "

static void
test_mysql(void **state)
{
    static const char *const all[] = {
        MYSQL "--yes --bundle none",
        MYSQL "--yes --bundle none -o jsonl",
        "tty " MYSQL "--yes --bundle none",
        MYSQL "--yes --bundle none -o json",
        MYSQL "--yes --bundle none -o name",
        MYSQL "--yes --bundle none -v=3",
        "tty " MYSQL "--dry-run",
        MYSQL "--dry-run=server -o json",
        NULL,
    };

    (void)state;
    lines = all;
    at_once = 1;
    world_new(2);
    plant_everywhere(look);
    hostile_end(200);
}

static void
test_trouble(void **state)
{
    static const char *const all[] = {
        MYSQL "--yes --bundle none --pod-timeout 20s --force",
        MYSQL "--dry-run -o jsonl",
        "tty " MYSQL "--yes --bundle none --force --pod-timeout 20s",
        MYSQL "--dry-run",
        MYSQL "--yes --bundle none -o json --force --pod-timeout 20s",
        NULL,
    };

    (void)state;
    lines = all;
    at_once = 1;
    world_new(3);
    add_trouble();
    plant_everywhere(look);
    hostile_end(200);
}

static void
of_engine(const char *engine, const char *from, const char *const *all)
{
    lines = all;
    at_once = 1;
    world_new_of(engine, 2, from, "petsets");
    plant_everywhere(look);
    hostile_end(60);
}

#define POSTGRES "postgres my-db --to 15.20 -n demo --bundle none "
#define GALERA   "px my-db --to 8.4.5 -n demo --bundle none "
#define PROXYSQL "proxysql my-db --to 3.0.1-debian -n demo --bundle none "

static void
test_others(void **state)
{
    static const char *const postgres[] = { POSTGRES "--yes",
                                            POSTGRES "--dry-run -o json",
                                            "tty " POSTGRES "--yes", NULL };
    static const char *const galera[] = { GALERA "--yes -o jsonl",
                                          "tty " GALERA "--dry-run", GALERA "--dry-run",
                                          NULL };
    static const char *const proxysql[] = { PROXYSQL "--yes",
                                            PROXYSQL "--dry-run -o jsonl",
                                            "tty " PROXYSQL "--yes", NULL };

    (void)state;
    of_engine("postgres", "15.18", postgres);
    of_engine("perconaxtradb", "8.4.3", galera);
    of_engine("proxysql", "2.7.3-debian", proxysql);
}

/* -- what servers say -- */

static void
test_answers(void **state)
{
    static const char *const all[] = { MYSQL "--yes --bundle none",
                                       MYSQL "--dry-run -o jsonl",
                                       "tty " MYSQL "--yes --bundle none",
                                       MYSQL "--yes --bundle none -o json", NULL };

    (void)state;
    lines = all;
    at_once = 1;
    for (unsigned long at = 1; at <= 160; at++) {
        auto_free char *place = mem_printf("field %lu of the servers' answers", at);

        world_new(2);
        world.taint.text = EVIL_BYTES;
        world.taint.field = at;
        look(place);
    }
    hostile_end(150);
}

/* What the API server says when it says no, at each request. */
static void
test_refusals(void **state)
{
    static const char *const all[] = { MYSQL "--yes --bundle none",
                                       "tty " MYSQL "--yes --bundle none",
                                       MYSQL "--yes --bundle none -o jsonl", NULL };
    static const int statuses[] = { 403, 409, 422, 500 };

    (void)state;
    lines = all;
    at_once = 1;
    for (unsigned long at = 1; at <= 120; at++) {
        auto_free char *place = mem_printf("the reply to request %lu", at);

        world_new(2);
        world.says = EVIL_BYTES;
        (void)world_rule(
            (struct rule){ .after = at, .times = 1, .status = statuses[at % 4] });
        look(place);
    }
    hostile_end(100);
}

static void
test_logs(void **state)
{
    static const char *const all[] = { MYSQL "--yes --bundle none --no-rescue",
                                       "tty " MYSQL "--yes --bundle none",
                                       MYSQL "--yes --bundle none -o jsonl",
                                       MYSQL "--yes --bundle none -o json", NULL };

    (void)state;
    lines = all;
    at_once = 0;
    world_new(2);
    world.bad_image = "r.example/mysql:8.4.8";
    world.log_text = "a line\n[ERROR] unknown variable '" EVIL_BYTES "'\n";
    world.events = "{'type': 'Warning', 'reason': 'Failed', 'message': 'it failed "
                   "\\u001b[35m\\u009b\\u202e', 'involvedObject': {'kind': 'Pod', "
                   "'name': 'my-db-0'}}";
    look("logs and events");
    world.client_ends = true;
    look("what a client says");
    hostile_end(8);
}

/* What the user himself was made to type. */
static void
test_words(void **state)
{
    static const char *const all[] = {
        "mysql my" EVIL "db --to 8.4.8 -n demo --yes",
        "tty mysql my" EVIL "db --to 8.4.8 --dry-run",
        "mysql my-db --to 8" EVIL "8 -n demo --yes -o jsonl",
        "mysql my-db --to 8.4.8 -n de" EVIL_BYTES "mo --yes",
        "my" EVIL_BYTES "sql my-db",
        "mysql my-db --no-" EVIL_BYTES "such",
        "mysql my-db --to 8 --timeout " EVIL_BYTES,
        "mysql my-db --to 8 --strategy " EVIL_BYTES,
        "mysql my-db --to 8 --yes -v=9 --kubeconfig /none" EVIL_BYTES,
        "mysql my-db --to 8 --yes --context " EVIL_BYTES,
        "mysql my-db --to 8.4.8 -n demo --dry-run --skip-check a" EVIL,
        "mysql my-db --to 8.4.8 -n demo --yes --bundle /no" EVIL,
        "-" EVIL_BYTES,
        NULL,
    };

    (void)state;
    lines = all;
    at_once = 0;
    world_new(2);
    look("words");
    hostile_end(13);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mysql),    cmocka_unit_test(test_trouble),
        cmocka_unit_test(test_others),   cmocka_unit_test(test_answers),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_logs),
        cmocka_unit_test(test_words),
    };

    return hostile_main(tests, sizeof tests / sizeof *tests);
}
