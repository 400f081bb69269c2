/* What is in members' data directories, and where those lie by what their servers say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "double_fixture.h"

/* The claims are the same, and what was in the volume is gone all the same. */
static void
empty_server(void)
{
    servers_lose_data(0);
}

static void
test_empty(void **state)
{
    static const struct {
        const char *engine, *from, *to, *tables;
        double tolerance;
        bool moved; /* the position is that of an empty one, too */
    } rows[] = {
        { "mysql", "8.4.7", "8.4.8", "20 tables", -1 },
        { "mysql", "8.4.7", "8.4.8", "20 tables", 100 },
        { "postgres", "15.18", "15.20", "24 tables", -1 },
        { "mysql", "8.4.7", "8.4.8", "20 tables", -1, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct upgrade_request rq = { 0 };

        world_new_of(rows[i].engine, 1, rows[i].from, "petsets");
        world_deed("evict my-db-0", 500, empty_server);
        world.servers[0].keeps_position = !rows[i].moved;
        rq = fix_request(rows[i].to);
        rq.limits.size_tolerance = rows[i].tolerance;
        fix_expect(flow_run(&rq), EXIT_INCOMPLETE);
        fix_error("DATA_EMPTY");
        fix_error("an empty database: 0 tables");
        fix_error(rows[i].tables);
        fix_error("keep clients away from it");
        if (strstr(told.err.hint, "--size-tolerance") != NULL) {
            fix_show();
            fail();
        }
        fix_end();
    }
}

/* A new data directory would be another one than the old. */
static void
test_layout(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world.layout = "layout\t[\"a part of it is a link to elsewhere\", "
                   "\"/var/pv/data/pg_wal -> /wal\"]\n";
    fix_expect(flow_run_to("17.9"), EXIT_REFUSED);
    fix_error("pg.layout");
    fix_error(
        "the data directory of my-db-0 would not be kept as it is; a part of it is a "
        "link to elsewhere: /var/pv/data/pg_wal -> /wal");
    fix_changes("");
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_end();
}

/* A server that was told to have its data, or a part of them, beside the volume. */
static void
test_directories(void **state)
{
    static const struct {
        const char *engine, *from, *to, *directories, *text;
    } rows[] = {
        { "mysql", "8.4.7", "8.4.8", "/scripts/mysql",
          "my-db-0 has its data in emptyDir volume scripts" },
        { "mysql", "8.4.7", "8.4.8", "/var/lib/mysql/\n\n./\n/redo",
          "my-db-0 has its data in the container's own file system (no volume at "
          "/redo)" },
        { "postgres", "15.18", "15.20", "/var/pv/data\n/tmp/space",
          "my-db-0 has its data in the container's own file system (no volume at "
          "/tmp/space)" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct upgrade_request rq = { 0 };

        world_new_of(rows[i].engine, 1, rows[i].from, "petsets");
        world.directories = rows[i].directories;
        fix_expect(flow_run_to(rows[i].to), EXIT_REFUSED);
        fix_error("storage.ephemeral");
        fix_error(rows[i].text);
        fix_changes("");
        rq = fix_request(rows[i].to);
        rq.checks.accept_data_loss = true;
        fix_expect(flow_run(&rq), EXIT_OK);
        fix_end();
    }
}

/* A directory of the node: the pod that comes after may start on another one. */
static void
test_host_path(void **state)
{
    static const struct fix_size size = { .members = 1,
                                          .volume = "'hostPath': {'path': '/d'}" };

    (void)state;
    world_new_with("mysql", size, "8.4.7", "petsets");
    world_put("nodes", world_json("{'metadata': {'name': 'node-b'}, 'spec': {}}"));
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error(
        "my-db-0 has its data in hostPath /d of node node-a, which does not outlive "
        "the pod");
    fix_end();
    world_new_with("mysql", size, "8.4.7", "petsets");
    world_put("nodes", world_json("{'metadata': {'name': 'node-b'}, 'spec': "
                                  "{'unschedulable': true}}"));
    world_change("nodes", WORLD_NODE, "spec.unschedulable", json_true());
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("the new pod of my-db-0 could not start: node node-a is cordoned");
    fix_end();
}

/* The same of the only node that takes the pod. */
static void
test_host_path_kept(void **state)
{
    (void)state;
    world_new_with(
        "mysql",
        (struct fix_size){ .members = 1, .volume = "'hostPath': {'path': '/d'}" },
        "8.4.7", "petsets");
    world_put("nodes", world_json("{'metadata': {'name': 'node-b'}, 'spec': "
                                  "{'unschedulable': true}}"));
    world.lasting = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),          cmocka_unit_test(test_layout),
        cmocka_unit_test(test_directories),    cmocka_unit_test(test_host_path),
        cmocka_unit_test(test_host_path_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
