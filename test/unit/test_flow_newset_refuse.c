/* What upgrades of a MySQL group by a new set refuse, and what stops them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_newset_runs.h"

/* The last member of the old version left: it could not join again. */
static void
test_abort_too_late(void **state)
{
    (void)state;
    world_new_set();
    (void)world_rule((struct rule){ .what = "scale my-db 0", .how = RULE_DIE_AFTER });
    fix_expect(run_new_set("9.7.4"), EXIT_INTERRUPTED);
    torture_revive();
    buf_reset(&world.log);
    fix_expect(run_abort(), EXIT_REFUSED);
    fix_error("the last member of the old version has left: a server of 8.4.7 cannot "
              "join a group of 9.7.4");
    fix_changes("");
    fix_expect(run_new_set("9.7.4"), EXIT_OK);
    fix_is_at("9.7.4");
    fix_end();
}

/* The old set is deleted. */
static void
test_abort_removed(void **state)
{
    (void)state;
    world_new_set();
    (void)world_rule((struct rule){ .what = "version", .how = RULE_DIE });
    fix_expect(run_new_set("8.4.7-v2"), EXIT_INTERRUPTED);
    torture_revive();
    fix_expect(run_abort(), EXIT_REFUSED);
    fix_error("workload my-db was deleted: there is nothing to roll back to");
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.7-v2");
    fix_end();
}

/* Sets and claims of that name are somebody's: the next number is taken. */
static void
test_name(void **state)
{
    auto_json json_t *journal = NULL;

    (void)state;
    world_new_set();
    world_put("persistentvolumeclaims",
              world_json("{'metadata': {'name': 'data-my-db-4-1'}}"));
    world_put("petsets", world_json("{'metadata': {'name': 'my-db-2'}, 'spec': {}}"));
    (void)world_rule((struct rule){ .what = "create petsets", .how = RULE_DIE });
    fix_expect(run_new_set("8.4.8"), EXIT_INTERRUPTED);
    journal = world_journal();
    assert_string_equal(json_path_str(journal, "new_set.set"), "my-db-5");
    torture_revive();
    fix_end();
}

/* A claim of that name would give its data to a new member. */
static void
test_claim_taken(void **state)
{
    (void)state;
    world_new_set();
    (void)world_rule((struct rule){ .what = "create petsets", .how = RULE_DIE });
    fix_expect(run_new_set("8.4.8"), EXIT_INTERRUPTED);
    torture_revive();
    world_put("persistentvolumeclaims",
              world_json("{'metadata': {'name': 'data-my-db-1-1'}}"));
    fix_expect(run_new_set("8.4.8"), EXIT_INCOMPLETE);
    fix_error("PVC data-my-db-1-1 already exists");
    assert_null(world_find("petsets", WORLD_MADE));
    fix_end();
}

static void
test_no_data(void **state)
{
    (void)state;
    world_new_set();
    world.no_copies = true;
    world.purged = true;
    fix_expect(run_new_set("8.4.8"), EXIT_REFUSED);
    fix_error("the new members cannot get the data: the clone plugin is not active, and "
              "the first binary logs of all 3 members are purged");
    fix_changes("");
    fix_end();
}

static void
test_standalone(void **state)
{
    (void)state;
    world_new(1);
    fix_expect(run_new_set("8.4.8"), EXIT_REFUSED);
    fix_error("standalone: no group that members of a replacement set could join");
    fix_changes("");
    fix_end();
}

/* A member whose server has no number cannot replicate; all goes back. */
static void
test_no_number(void **state)
{
    (void)state;
    world_new_set();
    world.no_number = true;
    fix_expect(run_new_set("8.4.8"), EXIT_WALKED_BACK);
    fix_error("my-db-1-0 has server_id 0 and cannot replicate");
    fix_is_at("8.4.7");
    assert_null(world_find("petsets", WORLD_MADE));
    fix_end();
}

/* New members that cannot start: rolling back to the previous set. */
static void
test_bad_image(void **state)
{
    (void)state;
    world_new_set();
    world.bad_image = "r.example/mysql:8.4.8";
    fix_expect(run_new_set("8.4.8"), EXIT_WALKED_BACK);
    fix_told("rolling back to the previous set");
    fix_is_at("8.4.7");
    assert_null(world_find("petsets", WORLD_MADE));
    assert_int_equal(json_object_size(world_all("persistentvolumeclaims")), 3);
    fix_end();
}

static void
make_old_set_anew(void)
{
    json_t *set = world_edit("petsets", WORLD_MADE);

    world_set_path(set, "metadata.name", json_string(WORLD_DB));
    (void)json_object_del(json_object_get(set, "metadata"), "uid");
    world_put("petsets", set);
}

/* An operator that knows no other name. */
static void
test_second_set(void **state)
{
    (void)state;
    world_new_set();
    world_deed("resume", 500, make_old_set_anew);
    fix_expect(run_new_set("8.4.8"), EXIT_INCOMPLETE);
    fix_error("the operator recreated workload my-db: it does not accept my-db-1");
    fix_error("kubectl dba pause mysql my-db");
    fix_end();
}

/* Two sets, and nobody knows of an upgrade. */
static void
test_journal_gone(void **state)
{
    (void)state;
    world_new_set();
    (void)world_rule((struct rule){ .what = "scale my-db-1 2", .how = RULE_DIE });
    fix_expect(run_new_set("8.4.8"), EXIT_INTERRUPTED);
    torture_revive();
    world_remove("leases", FIX_LEASE);
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED);
    fix_error(
        "my-db-1 was created by an upgrade from 8.4.7 to 8.4.8 whose journal is missing");
    buf_reset(&world.violations); /* it was the test that took the journal away */
    fix_end();
}

static void
test_other_strategy(void **state)
{
    struct upgrade_request rq = fix_request("8.4.8");

    (void)state;
    world_new_set();
    (void)world_rule((struct rule){ .what = "scale my-db-1 2", .how = RULE_DIE });
    fix_expect(run_new_set("8.4.8"), EXIT_INTERRUPTED);
    torture_revive();
    rq.strategy = "in-place";
    fix_expect(flow_run(&rq), EXIT_REFUSED);
    fix_error("in progress uses --strategy new-set");
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
scale_old_set(void)
{
    world_change("petsets", WORLD_DB, "spec.replicas", json_integer(5));
}

static void
test_scaled_by_others(void **state)
{
    (void)state;
    world_new_set();
    world_deed("scale my-db-1 1", 500, scale_old_set);
    fix_expect(run_new_set("8.4.8"), EXIT_INCOMPLETE);
    fix_error("workload my-db was scaled from 3 to 5 during the run");
    fix_end();
}

/* What somebody else made meanwhile stays his, also when the run is walked back. */
static void
test_foreign_claim_stays(void **state)
{
    (void)state;
    world_new_set();
    (void)world_rule((struct rule){ .what = "create petsets", .how = RULE_DIE });
    fix_expect(run_new_set("8.4.8"), EXIT_INTERRUPTED);
    torture_revive();
    world_put("petsets", world_json("{'metadata': {'name': 'my-db-1'}, 'spec': {}}"));
    world_put("persistentvolumeclaims",
              world_json("{'metadata': {'name': 'data-my-db-1-0'}}"));
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_expect(run_abort(), EXIT_WALKED_BACK);
    assert_non_null(world_find("petsets", "my-db-1"));
    assert_non_null(world_find("persistentvolumeclaims", "data-my-db-1-0"));
    fix_is_at("8.4.7");
    fix_end();
}

static void
lose_annotations(void)
{
    world_change("petsets", WORLD_MADE, "metadata.annotations", json_object());
}

/* An operator that writes a set's annotations anew. */
static void
test_mark_gone(void **state)
{
    (void)state;
    world_new_set();
    world_deed("resume", 100, lose_annotations);
    (void)world_rule((struct rule){ .what = "resume", .how = RULE_DIE_AFTER });
    fix_expect(run_new_set("8.4.8"), EXIT_INTERRUPTED);
    world_wait(1000);
    torture_revive();
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("8.4.8");
    fix_end();
}

static void
break_new_member(void)
{
    size_t i = world_first_made();

    world.servers[i].crashes = true;
    pods_delete(i);
}

/* A new member that was well and breaks: all goes back, it with the others. */
static void
test_new_member_breaks(void **state)
{
    (void)state;
    world_new_set();
    world_deed("scale my-db-1 3", 100, break_new_member);
    fix_expect(run_new_set("8.4.7-v2"), EXIT_TIME);
    fix_expect(run_abort(), EXIT_WALKED_BACK);
    fix_is_at("8.4.7");
    assert_null(world_find("petsets", WORLD_MADE));
    buf_reset(&world.violations); /* it was scaled down past the broken one at once */
    fix_end();
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_claim_stays), cmocka_unit_test(test_mark_gone),
        cmocka_unit_test(test_new_member_breaks),   cmocka_unit_test(test_abort_too_late),
        cmocka_unit_test(test_abort_removed),       cmocka_unit_test(test_name),
        cmocka_unit_test(test_claim_taken),         cmocka_unit_test(test_no_data),
        cmocka_unit_test(test_standalone),          cmocka_unit_test(test_no_number),
        cmocka_unit_test(test_bad_image),           cmocka_unit_test(test_second_set),
        cmocka_unit_test(test_journal_gone),        cmocka_unit_test(test_other_strategy),
        cmocka_unit_test(test_scaled_by_others),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("flow_newset_refuse", tests, NULL, NULL);
}
