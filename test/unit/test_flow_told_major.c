/* Whole runs, word for word: major upgrades of Postgres, and upgrades by a new set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_newset_runs.h"
#include "double_transcript.h"

static void
standbys(void)
{
    world_new_of("postgres", 3, "15.20", "petsets");
}

static void
alone(void)
{
    world_new_of("postgres", 1, "15.20", "petsets");
}

static void
tight(void)
{
    standbys();
    world.free_bytes = 1000;
}

static void
may_delete(void)
{
    standbys();
    world.may_delete = true;
}

static void
needs_care(void)
{
    alone();
    world.cares = "extension\t[\"app\", \"pg_trgm\", \"1.5\", \"1.6\"]\n"
                  "extension_error\t[\"app\", \"postgis\", \"no such file\"]\n"
                  "collation\t[\"app\", \"de_DE\", \"2.31\", \"2.36\"]\n"
                  "index\t[\"app\", \"i1\", \"de_DE\"]\n"
                  "index\t[\"app\", \"i2\", \"de_DE\"]\n"
                  "index\t[\"app\", \"i3\", \"de_DE\"]\n"
                  "index\t[\"app\", \"i4\", \"de_DE\"]\n"
                  "index\t[\"app\", \"i5\", \"de_DE\"]\n"
                  "index\t[\"app\", \"i6\", \"de_DE\"]\n"
                  "index\t[\"app\", \"i7\", \"de_DE\"]\n"
                  "setting\t[\"old_snapshot_threshold\", \"is gone\"]\n"
                  "recovery\t[\"restore_command\"]\n"
                  "archive\t[\"pgbackrest\"]\n"
                  "unanalyzed\t[\"app\", \"public.t\", \"ERROR: no\"]\n";
}

static void
lacks(void)
{
    standbys();
    world.lacks = "missing\t[\"statistics\", \"app\", \"public.t\", \"ERROR: no\"]\n"
                  "missing\t[\"publication\", \"app\", \"p\", \"it is not there\"]\n";
}

static void
synchronous(void)
{
    standbys();
    world_change("postgreses", WORLD_DB, "spec.streamingMode",
                 json_string("Synchronous"));
    world_change("postgreses", WORLD_DB, "status.observedGeneration", json_integer(2));
}

static void
rehearsal_misses(void)
{
    standbys();
    world.rehearsal_missed = "[2, \"two tables\"]";
}

static void
rehearsal_fails(void)
{
    standbys();
    world.rehearsal_failing = "upgrade";
    world.rehearsal_fails = "column x does not exist";
}

static void
builds_differ(void)
{
    standbys();
    world.rehearsal_failing = "upgrade";
    world.rehearsal_fails = "ERROR: unrecognized parameter \"pg_attver\"";
}

static void
with_link(struct upgrade_request *rq)
{
    rq->major.mode = "link";
}

static void
deletes(struct upgrade_request *rq)
{
    rq->major.delete_old_data = true;
}

static void
dry(struct upgrade_request *rq)
{
    rq->dry_run = DRY_RUN_SERVER;
}

static void
by_new_set(struct upgrade_request *rq)
{
    rq->strategy = "new-set";
}

static void
dry_new_set(struct upgrade_request *rq)
{
    rq->strategy = "new-set";
    rq->dry_run = DRY_RUN_SERVER;
}

static void
new_set_deletes(struct upgrade_request *rq)
{
    rq->strategy = "new-set";
    rq->major.delete_old_data = true;
}

static const struct transcript all[] = {
    { "major", standbys, "17.9", NULL, NULL, false, EXIT_OK },
    { "major-alone", alone, "17.9", with_link, NULL, false, EXIT_OK },
    { "major-deletes", may_delete, "17.9", deletes, NULL, false, EXIT_OK },
    { "major-cares", needs_care, "17.9", NULL, NULL, false, EXIT_OK },
    { "major-lacks", lacks, "17.9", NULL, NULL, false, EXIT_INCOMPLETE },
    { "major-synchronous", synchronous, "17.9", NULL, NULL, false, EXIT_OK },
    { "major-dry", standbys, "17.9", dry, NULL, false, EXIT_OK },
    { "major-tight", tight, "17.9", NULL, NULL, false, EXIT_REFUSED },
    { "major-misses", rehearsal_misses, "17.9", NULL, NULL, false, EXIT_OK },
    { "major-fails", rehearsal_fails, "17.9", NULL, NULL, false, EXIT_REFUSED },
    { "major-builds", builds_differ, "17.9", NULL, NULL, false, EXIT_REFUSED },
    { "major-resumed", standbys, "17.9", NULL, "evict my-db-2", false, EXIT_OK },
    { "major-aborted", standbys, "17.9", NULL, "evict my-db-0", true, EXIT_WALKED_BACK },
    { "new-set", world_new_set, "8.4.8", by_new_set, NULL, false, EXIT_OK },
    { "new-set-deletes", world_new_set, "8.4.7-v2", new_set_deletes, NULL, false,
      EXIT_OK },
    { "new-set-dry", world_new_set, "8.4.8", dry_new_set, NULL, false, EXIT_OK },
    { "new-set-resumed", world_new_set, "8.4.8", by_new_set, "scale my-db 1", false,
      EXIT_OK },
    { "new-set-aborted", world_new_set, "8.4.8", by_new_set, "scale my-db 1", true,
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
