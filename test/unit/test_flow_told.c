/* Whole runs, word for word: rolling upgrades and their way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_innodb.h"
#include "double_transcript.h"

static void
group(void)
{
    world_new(3);
}

static void
behind(void)
{
    world_new(3);
    world.lag = 40;
    world_change("petsets", WORLD_DB, "spec.updateStrategy",
                 world_json("{'type': 'RollingUpdate', 'rollingUpdate': {}}"));
}

static void
alone(void)
{
    world_new(1);
}

static void
semisync(void)
{
    world_new_with(
        "mysql",
        (struct fix_size){
            .members = 3,
            .topology =
                "{'mode': 'SemiSync', 'semiSync': {'sourceWaitForReplicaCount': 1}}" },
        FIX_FROM, "petsets");
}

static void
remote(void)
{
    world_new_with("mysql",
                   (struct fix_size){ .members = 2,
                                      .topology =
                                          "{'mode': 'RemoteReplica', 'remoteReplica': "
                                          "{'sourceRef': {'name': 'src'}}}" },
                   FIX_FROM, "petsets");
}

static void
multi(void)
{
    world_new_with(
        "mysql",
        (struct fix_size){ .members = 3,
                           .topology = "{'mode': 'GroupReplication', 'group': {'mode': "
                                       "'Multi-Primary'}}" },
        FIX_FROM, "petsets");
}

static void
galera(void)
{
    world_new_of("perconaxtradb", 3, "8.4.3", "petsets");
}

static void
proxysql(void)
{
    world_new_of("proxysql", 3, "2.7.3-debian", "petsets");
}

static void
busy_proxysql(void)
{
    proxysql();
    world.stubborn = 2;
}

static void
postgres(void)
{
    world_new_with("postgres", (struct fix_size){ .members = 3, .followers = 2 }, "15.18",
                   "petsets");
}

static void
cannot_pull(void)
{
    group();
    world.bad_image = "r.example/mysql:8.4.8";
}

static void
lock_is_kept(void)
{
    group();
    fix_lease("eve@other/12/ab", NULL);
}

static void
dry_client(struct upgrade_request *rq)
{
    rq->dry_run = DRY_RUN_CLIENT;
}

static void
dry_server(struct upgrade_request *rq)
{
    rq->dry_run = DRY_RUN_SERVER;
}

static void
for_a_moment(struct upgrade_request *rq)
{
    rq->limits.timeout_ms = 20 * 1000;
}

static const struct transcript all[] = {
    { "group", group, "8.4.8", NULL, NULL, false, EXIT_OK },
    { "group-series", behind, "9.7.4", NULL, NULL, false, EXIT_OK },
    { "group-dry-client", group, "8.4.8", dry_client, NULL, false, EXIT_OK },
    { "group-dry-server", behind, "9.7.4", dry_server, NULL, false, EXIT_OK },
    { "group-resumed", group, "8.4.8", NULL, "evict my-db-0", false, EXIT_OK },
    { "group-aborted", group, "8.4.8", NULL, "evict my-db-1", true, EXIT_WALKED_BACK },
    { "group-pull", cannot_pull, "8.4.8", NULL, NULL, false, EXIT_WALKED_BACK },
    { "group-limit", group, "8.4.8", for_a_moment, NULL, false, EXIT_TIME },
    { "group-locked", lock_is_kept, "8.4.8", NULL, NULL, false, EXIT_OK },
    { "alone", alone, "8.4.8", NULL, NULL, false, EXIT_OK },
    { "semisync", semisync, "8.4.8", NULL, NULL, false, EXIT_OK },
    { "remote", remote, "8.4.8", NULL, NULL, false, EXIT_OK },
    { "multi", multi, "8.4.8", NULL, NULL, false, EXIT_OK },
    { "innodb", world_new_innodb, "8.4.8", NULL, NULL, false, EXIT_OK },
    { "innodb-aborted", world_new_innodb, "8.4.8", NULL, "evict my-db-2", true,
      EXIT_WALKED_BACK },
    { "galera", galera, "8.4.5", NULL, NULL, false, EXIT_OK },
    { "galera-aborted", galera, "8.4.5", NULL, "evict my-db-1", true, EXIT_WALKED_BACK },
    { "proxysql", proxysql, "3.0.1-debian", NULL, NULL, false, EXIT_OK },
    { "proxysql-busy", busy_proxysql, "3.0.1-debian", NULL, NULL, false, EXIT_OK },
    { "postgres", postgres, "15.20", NULL, NULL, false, EXIT_OK },
    { "postgres-aborted", postgres, "15.20", NULL, "evict my-db-1", true,
      EXIT_WALKED_BACK },
};

static void
test_runs(void **state)
{
    (void)state;
    transcript_check(all, sizeof all / sizeof *all);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
