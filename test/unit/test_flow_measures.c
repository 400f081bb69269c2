/* How much data a member has after its restart, and what is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_journal.h"

static void
lose_table(void)
{
    world.servers[2].lost_tables = 1;
}

static void
lose_row(void)
{
    world.servers[2].lost_rows = 1;
}

static void
lose_half(void)
{
    world.servers[0].lost_rows = 50000;
}

static int
run_counting(const char *to, bool exact)
{
    struct upgrade_request rq = fix_request(to);

    rq.checks.exact_counts = exact;
    return flow_run(&rq);
}

/* The database and what there is less of are named. A run that goes on compares with what
 * was before the first one. */
static void
test_table_lost(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world_deed("evict my-db-2", 0, lose_table);
    fix_expect(flow_run_to("15.20"), EXIT_TIME);
    fix_error("app: 11 tables (-8.3%)");
    fix_error(">= 12 tables");
    fix_expect(flow_run_to(NULL), EXIT_TIME);
    fix_error("app: 11 tables (-8.3%)");
    assert_false(fix_changed("evict my-db-0"));
    world.servers[2].lost_tables = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("15.20");
    fix_end();
}

/* One row is nothing to an estimate, and seen only by who counts. */
static void
test_row_lost(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.18", "petsets");
    world_deed("evict my-db-2", 0, lose_row);
    fix_expect(run_counting("15.20", false), EXIT_OK);
    fix_end();

    world_new_of("postgres", 3, "15.18", "petsets");
    world_deed("evict my-db-2", 0, lose_row);
    fix_expect(run_counting("15.20", true), EXIT_TIME);
    fix_error("app: public.orders: 4999 rows");
    fix_error(">= 5000 rows");
    fix_expect(flow_run_to(NULL), EXIT_TIME);
    fix_error("app: public.orders: 4999 rows");
    world.servers[2].lost_rows = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("15.20");
    fix_end();
}

static void
test_exact(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.20", "petsets");
    fix_expect(run_counting("17.9", true), EXIT_OK);
    fix_is_at("17.9");
    fix_end();
}

/* A new major version's server has no estimates before it has statistics. */
static void
test_estimates(void **state)
{
    (void)state;
    world_new_of("postgres", 3, "15.20", "petsets");
    world_deed("swap my-db-0", 0, lose_half);
    fix_expect(flow_run_to("17.9"), EXIT_TIME);
    fix_error("app: 50000 estimated rows (-50.0%)");
    fix_error("resume with --size-tolerance 100");
    assert_true(fix_changed("analyze my-db-0"));
    assert_false(fix_changed("evict my-db-2"));
    fix_expect(flow_run_to(NULL), EXIT_TIME);
    fix_error("app: 50000 estimated rows (-50.0%)");
    assert_false(fix_changed("evict my-db-2"));
    world.servers[0].lost_rows = 0;
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("17.9");
    fix_end();
}

/* A member that is new has lost data: the journal cannot say that it never had more. */
static void
test_planted_amounts(void **state)
{
    static const char *const rows[] = { "{\"bytes\": 0, \"tables\": 0}", "{}" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        world_new(3);
        (void)world_rule((struct rule){ .what = "evict my-db-0", .status = 403 });
        fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
        journal_ready();
        world.servers[2].bytes = 1LL << 30;
        journal_plant("pods.my-db-2", rows[i]);
        fix_expect(flow_run_to(NULL), EXIT_TIME);
        fix_told(
            "according to the journal, my-db-2 had less data than other members have");
        fix_error("1.0 GiB (-89.9%)");
        fix_end();
    }
}

/* One that is old yet is compared with itself. */
static void
test_planted_amount_of_old(void **state)
{
    (void)state;
    journal_of_group();
    journal_plant("pods.my-db-1", "{\"bytes\": 1, \"tables\": 1000}");
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_not_told("had less data");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted_amounts),
        cmocka_unit_test(test_planted_amount_of_old),
        cmocka_unit_test(test_table_lost),
        cmocka_unit_test(test_row_lost),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_estimates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
