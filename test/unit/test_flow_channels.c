/* Channels by which members of a MySQL group replicate from a server elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_journal.h"

/* Member 1 leads a group of three, and replicates by a channel. */
static void
world_new_channel(const char *name, bool runs)
{
    world_new(3);
    world.servers[1].channel = (struct server_channel){ .name = name, .runs = runs };
}

/* Found before anything is changed: its member could not join its group again. */
static void
test_refused(void **state)
{
    (void)state;
    world_new_channel("ext", true);
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_changes("");
    fix_error(
        "replication.channels: my-db-1 replicates from 10.9.8.7:3306 by channel 'ext' "
        "(running): with it, the server could not rejoin the group");
    fix_error("on my-db-1: STOP REPLICA FOR CHANNEL 'ext'; SET PERSIST_ONLY "
              "skip_replica_start = ON, or use --stop-channels");
    fix_end();
}

/* One that is stopped starts with its server all the same. */
static void
test_refused_stopped(void **state)
{
    (void)state;
    world_new_channel("ext", false);
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_changes("");
    fix_error("on my-db-1: SET PERSIST_ONLY skip_replica_start = ON, or");
    world.servers[1].channel.skips = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_not_told("replication.channels");
    fix_end();
}

/* A channel that its group starts on whichever member leads, and no server itself. */
static void
test_follows(void **state)
{
    (void)state;
    world_new_channel("clusterset_replication", true);
    world.servers[1].channel.follows = world.servers[1].channel.skips = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_not_told("replication.channels");
    fix_end();
}

/* What cannot be started again is not stopped. */
static void
test_not_stoppable(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    rq.lead.stop_channels = true;
    world_new_channel("ext", true);
    world.servers[1].channel.no_account = true;
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("--stop-channels is of no use: its account was given by START REPLICA");
    world_new_channel("ext", true);
    world.servers[1].channel.filtered = true;
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("its filters were set by CHANGE REPLICATION FILTER and are lost");
    fix_changes("");
    rq.to = "8.0.43";
    world_new_at(3, "5.7.44", "petsets");
    world.servers[1].channel = (struct server_channel){ .name = "ext", .runs = true };
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("on my-db-1: STOP SLAVE FOR CHANNEL 'ext'; RESET SLAVE ALL FOR CHANNEL "
              "'ext'; --stop-channels is of no use: this server starts all channels");
    fix_changes("");
    fix_end();
}

static int
run_stopping(const char *to)
{
    struct upgrade_request rq = fix_request(to);

    rq.lead.stop_channels = true;
    return flow_run(&rq);
}

#define LOG_BEGIN "create leases\npause\nimages\nevict my-db-2\nevict my-db-0\n"
#define LOG_STOP  "skip-channels my-db-1\nstop-channel my-db-1\n"

/* Stopped before its member goes, started when the lead is back there. */
static void
test_stopped(void **state)
{
    (void)state;
    world_new_channel("ext", true);
    fix_expect(run_stopping("8.4.8"), EXIT_OK);
    fix_changes(LOG_BEGIN LOG_STOP
                "leave-group my-db-1\nevict my-db-1\n"
                "set-as-primary my-db-0\nstart-channel my-db-1\nunskip-channels my-db-1\n"
                "version\nresume\ndelete leases\n");
    fix_told(
        "check replication.channels ok: my-db-1 replicates from 10.9.8.7:3306 by "
        "channel 'ext' (running): stopped before my-db-1 restarts, and started again "
        "afterwards");
    fix_told("note my-db-1: channel 'ext' from 10.9.8.7:3306 is stopped");
    fix_told("note my-db-1: channel 'ext' is started");
    assert_true(world.servers[1].channel.runs);
    assert_false(world.servers[1].channel.skips);
    assert_int_equal(world.primary, 1);
    fix_is_at("8.4.8");
    fix_end();
}

/* A secondary's, which does not run: its server is kept from starting it. */
static void
test_stopped_secondary(void **state)
{
    (void)state;
    world_new(3);
    world.servers[2].channel = (struct server_channel){ .name = "ext" };
    fix_expect(run_stopping("8.4.8"), EXIT_OK);
    fix_changes("create leases\npause\nimages\nskip-channels my-db-2\nevict my-db-2\n"
                "evict my-db-0\nleave-group my-db-1\nevict my-db-1\n"
                "unskip-channels my-db-2\nversion\nresume\ndelete leases\n");
    fix_end();
}

/* What a channel is called is nothing but a name. */
static void
test_hostile_name(void **state)
{
    (void)state;
    world_new_channel("x'; DROP TABLE t; \n\033[31m\\", true);
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("on my-db-1: STOP REPLICA FOR CHANNEL 'NAME'; SET");
    fix_error("by channel 'x'; DROP TABLE t; \\x0a\\x1b[31m\\\\' (running)");
    fix_expect(run_stopping("8.4.8"), EXIT_OK);
    assert_true(world.servers[1].channel.runs);
    fix_end();
}

/* Killed between the stop and the start: whoever goes on starts it. */
static void
test_killed(void **state)
{
    (void)state;
    for (unsigned long at = 0; at < 3; at++) {
        static const char *const when[] = { "sql my-db-1 stop-channel", "evict my-db-1",
                                            "sql my-db-1 start-channel" };

        world_new_channel("ext", true);
        (void)world_rule((struct rule){ .what = when[at], .how = RULE_DIE_AFTER });
        (void)run_stopping("8.4.8");
        assert_true(world.dead);
        journal_ready();
        fix_expect(run_stopping(NULL), EXIT_OK);
        assert_true(world.servers[1].channel.runs);
        assert_false(world.servers[1].channel.skips);
        fix_is_at("8.4.8");
        fix_end();
    }
}

/* A run that fails before its member is away starts it at once. */
static void
test_fails(void **state)
{
    (void)state;
    world_new_channel("ext", true);
    (void)world_rule((struct rule){ .what = "evict my-db-1", .status = 403 });
    world.refuse_handover = true;
    assert_int_not_equal(run_stopping("8.4.8"), EXIT_OK);
    assert_true(world.servers[1].channel.runs);
    assert_false(world.servers[1].channel.skips);
    fix_told("note my-db-1: channel 'ext' is started");
    fix_end();
}

/* The way back stops and starts it, too. */
static void
test_abort(void **state)
{
    (void)state;
    world_new_channel("ext", true);
    (void)world_rule((struct rule){ .what = "evict my-db-1", .how = RULE_DIE });
    (void)run_stopping("8.4.8");
    journal_ready();
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    assert_true(world.servers[1].channel.runs);
    assert_false(world.servers[1].channel.skips);
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_refused_stopped),
        cmocka_unit_test(test_follows),      cmocka_unit_test(test_not_stoppable),
        cmocka_unit_test(test_stopped),      cmocka_unit_test(test_stopped_secondary),
        cmocka_unit_test(test_hostile_name), cmocka_unit_test(test_killed),
        cmocka_unit_test(test_fails),        cmocka_unit_test(test_abort),
    };

    return cmocka_run_group_tests_name("flow_channels", tests, NULL, NULL);
}
