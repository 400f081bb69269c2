/* A MySQL group whose members are all primaries: one after the other, each leaves it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_torture.h"

#define MULTI "{'mode': 'GroupReplication', 'group': {'mode': 'Multi-Primary'}}"

#define ROLL                                                                      \
    "create leases\npause\nimages\nleave my-db-0\nevict my-db-0\nleave my-db-1\n" \
    "evict my-db-1\nleave my-db-2\nevict my-db-2\nversion\nresume\ndelete leases\n"

static void
world_new_multi(size_t members)
{
    world_new_with("mysql", (struct fix_size){ .members = members, .topology = MULTI },
                   "8.4.7", "petsets");
}

static void
test_upgrade(void **state)
{
    (void)state;
    world_new_multi(3);
    world.strict = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes(ROLL);
    fix_told("check health.writers warning: members of 8.4.8 accept no writes until "
             "the last member of 8.4.7 has left");
    fix_told("gate my-db-0 version passed\ngate my-db-0 member passed\n"
             "gate my-db-0 position passed\ngate my-db-0 size passed\n");
    fix_is_at("8.4.8");
    fix_end();
}

/* All take writes all the time. */
static void
test_same_version(void **state)
{
    (void)state;
    world_new_multi(3);
    fix_expect(flow_run_to("8.4.7-v2"), EXIT_OK);
    fix_changes(ROLL);
    fix_not_told("health.writers");
    fix_is_at("8.4.7-v2");
    fix_end();
}

static void
test_leave_refused(void **state)
{
    (void)state;
    world_new_multi(3);
    world.refuse_handover = true;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_told("was refused");
    fix_told("the pod is deleted without it");
    fix_is_at("8.4.8");
    fix_end();
}

/* They were to go without. */
static void
test_leave_unwanted(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new_multi(3);
    rq.lead.handover = "none";
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_not_told("it stops writing and leaves the group first");
    fix_told("restart my-db-2   without a handover (--handover none) []");
    fix_is_at("8.4.8");
    fix_end();
}

/* What a member must contain is all that any of the others had. */
static void
test_position(void **state)
{
    (void)state;
    world_new_multi(3);
    world.lag = 40;
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

/* The run dies between a member's leave and its eviction: that one is next. */
static void
test_died_after_leave(void **state)
{
    (void)state;
    world_new_multi(3);
    (void)world_rule((struct rule){ .what = "evict my-db-1", .how = RULE_DIE });
    (void)flow_run_to("8.4.8");
    torture_revive();
    buf_reset(&world.log);
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_changes("replace leases\nleave my-db-1\nevict my-db-1\nleave my-db-2\nevict "
                "my-db-2\nversion\n"
                "resume\ndelete leases\n");
    fix_is_at("8.4.8");
    fix_end();
}

/* Every call fails once, in the hard ways, upgrading and walking back. */
static void
test_torture(void **state)
{
    (void)state;
    torture_row(&(struct torture){ .engine = "mysql",
                                   .topology = MULTI,
                                   .members = 3,
                                   .from = "8.4.7",
                                   .to = "8.4.8" },
                WAYS_HARD);
    torture_row(&(struct torture){ .engine = "mysql",
                                   .topology = MULTI,
                                   .members = 3,
                                   .from = "8.4.7",
                                   .to = "8.4.8",
                                   .stop = "evict my-db-1" },
                WAYS_HARD);
}

/* The database says one thing and its group does another. */
static void
test_other_mode(void **state)
{
    (void)state;
    world_new_multi(3);
    world_change("mysqls", WORLD_DB, "spec.topology.group.mode",
                 json_string("Single-Primary"));
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error("the group of my-db-0 is multi-primary, but the spec says "
              "GroupReplication single-primary");
    fix_changes("");
    fix_end();
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade),          cmocka_unit_test(test_same_version),
        cmocka_unit_test(test_leave_refused),    cmocka_unit_test(test_leave_unwanted),
        cmocka_unit_test(test_position),         cmocka_unit_test(test_other_mode),
        cmocka_unit_test(test_died_after_leave), cmocka_unit_test(test_torture),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("flow_multi", tests, NULL, NULL);
}
