/* What an earlier run wished is said again, or asked, before it is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_journal.h"

/* -- data -- */

static size_t
claims(void)
{
    return json_object_size(world_all("persistentvolumeclaims"));
}

static void
test_planted_deletion(void **state)
{
    (void)state;
    journal_of_new_set("resume", false);
    journal_plant("new_set.delete_old_data", "true");
    fix_expect(flow_run_to(NULL), EXIT_OK);
    assert_int_equal(claims(), 6);
    fix_told("--delete-old-data");
    fix_end();
}

/* What was wished by the run that began is not carried out unless it is said again. */
static void
test_deletion_said_again(void **state)
{
    struct upgrade_request rq = fix_request(NULL);

    (void)state;
    journal_of_new_set("resume", true);
    assert_string_equal(told.resume,
                        "kubectl dbupgrade resume mysql my-db -n demo --delete-old-data");
    (void)world_rule((struct rule){ .what = "resume", .status = 403 });
    fix_expect(flow_run_to(NULL), EXIT_INCOMPLETE);
    fix_told("--delete-old-data");
    journal_ready();
    rq.major.delete_old_data = true;
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_not_told("--delete-old-data");
    assert_int_equal(claims(), 3);
    fix_end();
}

/* Sets of other names are none that an upgrade made, whatever their claims. */
static void
test_planted_sets(void **state)
{
    static const char *const names[] = { "\"my-db-reports\"", "\"other-1\"",
                                         "\"my-db-1x\"" };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        journal_of_new_set("scale my-db-1 1", false);
        journal_plant("new_set.set", names[i]);
        journal_is_refused(flow_run_to(NULL), "new_set.set");
        journal_of_new_set("scale my-db-1 1", false);
        journal_plant("set", names[i]);
        journal_is_refused(flow_run_to(NULL), "set");
    }
}

/* A claim that a pod has, whosever, is not deleted. */
static void
test_claim_in_use(void **state)
{
    struct upgrade_request rq = fix_request(NULL);

    (void)state;
    journal_of_new_set("resume", true);
    {
        json_t *pod = world_edit("pods", "my-db-1-0");

        world_set_path(pod, "spec.volumes",
                       world_json("[{'name': 'x', 'persistentVolumeClaim': {'claimName': "
                                  "'data-my-db-1'}}]"));
        world_put("pods", pod);
    }
    rq.major.delete_old_data = true;
    fix_expect(flow_run(&rq), EXIT_TIME);
    fix_error("PVC data-my-db-1 was not deleted: my-db-1-0 uses it");
    assert_int_equal(claims(), 6);
    fix_end();
}

/* An abort that finds its set gone knows only by the journal that the claims are its. */
static void
test_claims_of_no_set(void **state)
{
    (void)state;
    journal_of_new_set("scale my-db-1 1", false);
    world_remove("petsets", "my-db-1");
    new_set_forget("my-db-1");
    world_put("persistentvolumeclaims",
              world_json("{'metadata': {'name': 'data-my-db-1-0', 'labels': {}}}"));
    world_change("persistentvolumeclaims", "data-my-db-1-0", "metadata.labels",
                 fix_labels());
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    assert_non_null(world_find("persistentvolumeclaims", "data-my-db-1-0"));
    fix_told("data-my-db-1-0");
    fix_end();
}

static void
major(const char *stop)
{
    world_new_of("postgres", 1, "15.20", "petsets");
    (void)world_rule((struct rule){ .what = stop, .status = 403 });
    fix_expect(flow_run_to("17.9"), EXIT_INCOMPLETE);
    journal_ready();
}

static void
test_planted_major_wishes(void **state)
{
    (void)state;
    major("version");
    journal_plant("pg_upgrade.delete_old_data", "true");
    journal_plant("pg_upgrade.update_extensions", "true");
    journal_plant("pg_upgrade.reindex", "true");
    fix_expect(flow_run_to(NULL), EXIT_OK);
    assert_true(world.servers[0].volume.old_data);
    fix_told("--delete-old-data");
    fix_told("--update-extensions");
    fix_told("--reindex");
    assert_false(fix_changed("reindex"));
    fix_end();
}

/* Whether the new server has written is a fact, which the volume knows. */
static void
test_planted_begun(void **state)
{
    (void)state;
    major("version");
    journal_plant("pg_upgrade.begun", "false");
    journal_is_refused(flow_abort(), "the new server has started");
}

/* Nor does a journal stand in the way back while the old data are in their place. */
static void
test_planted_no_return(void **state)
{
    (void)state;
    major("images");
    journal_plant("pg_upgrade.begun", "true");
    fix_expect(flow_abort(), EXIT_WALKED_BACK);
    fix_is_at("15.20");
    fix_end();
}

/* -- that it was begun -- */

/* A journal, and a database that nobody has touched. */
static void
untouched(void)
{
    world_new(3);
    (void)world_rule((struct rule){ .what = "pause", .status = 403 });
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    journal_ready();
    if (world_lease() == NULL) {
        fail();
    }
    journal_plant("images", "[]");
}

/* What stops an upgrade before it begins stops it also where a journal says that it has
 * begun: half-way it would be told only. */
static void
test_planted_upgrade(void **state)
{
    (void)state;
    untouched();
    journal_plant("to", "\"8.0.43\"");
    journal_is_refused(flow_run_to(NULL), "version.downgrade");
    untouched();
    journal_plant("from", "\"8.4.8\"");
    journal_plant("to", "\"9.7.4\"");
    fix_expect(flow_run_to(NULL), EXIT_REFUSED);
    fix_error("version");
    fix_end();
}

/* An upgrade between other versions, while the operator is paused for this one: its
 * pause is no evidence that the other one was begun. */
static void
test_planted_versions(void **state)
{
    static const char *const stops[] = { "images", "evict my-db-1" };
    const char *no = "paused for another one";

    (void)state;
    for (int i = 0; i < 8; i++) {
        world_new(3);
        (void)world_rule((struct rule){ .what = stops[i % 2], .status = 403 });
        fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
        journal_ready();
        journal_plant(i < 4 ? "to" : "from", i < 4 ? "\"8.0.43\"" : "\"8.4.7-v2\"");
        if (i >= 4) {
            journal_plant("to", "\"8.4.7\"");
        }
        journal_is_refused(i / 2 % 2 == 0 ? flow_run_to(NULL) : flow_abort(), no);
    }
}

/* A way back that nothing was gone before: its checks are as strict as an upgrade's. */
static void
test_planted_way_back(void **state)
{
    (void)state;
    for (int abort = 0; abort < 2; abort++) {
        world_new(3);
        (void)world_rule((struct rule){ .what = "pause", .status = 403 });
        fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
        journal_ready();
        journal_plant("direction", "\"back\"");
        world.operator_asleep = true;
        world_change("mysqls", WORLD_DB, "status.phase", json_string("Critical"));
        journal_is_refused(abort == 1 ? flow_abort() : flow_run_to(NULL), "health.phase");
    }
}

/* How it is done is this command's to say, until it is begun. */
static void
test_planted_mode(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    major("pause");
    journal_plant("pg_upgrade.mode", "\"link\"");
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_told("mode copy");
    fix_not_told("mode link");
    fix_end();
    major("pause");
    rq = fix_request(NULL);
    rq.major.mode = "link";
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told("mode link");
    fix_end();
}

/* One that was begun goes on as it began, or not at all. */
static void
test_other_mode(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    major("images");
    rq = fix_request(NULL);
    rq.major.mode = "link";
    journal_is_refused(flow_run(&rq), "in progress uses --pg-upgrade-mode copy");
    major("images");
    journal_plant("pg_upgrade.mode", "\"link\"");
    rq = fix_request(NULL);
    rq.major.mode = "copy";
    journal_is_refused(flow_run(&rq), "OTHER_MODE");
    major("images");
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_end();
}

static void
test_planted_strategy(void **state)
{
    struct upgrade_request rq = { 0 };

    (void)state;
    journal_of_new_set("pause", false);
    journal_is_refused(flow_run_to(NULL), "OTHER_STRATEGY");
    journal_of_new_set("pause", false);
    rq = fix_request(NULL);
    rq.strategy = "new-set";
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_end();
    journal_of_new_set("create petsets", false);
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_end();
}

/* A pause whose message names no versions says nothing of them. */
static void
test_pause_of_older_program(void **state)
{
    json_t *db = NULL;

    (void)state;
    untouched();
    journal_plant("to", "\"8.0.43\"");
    db = world_edit("mysqls", WORLD_DB);
    world_set_path(
        db, "status.conditions",
        world_json("[{'type': 'Paused', 'status': 'True', 'reason': 'Paused', "
                   "'message': 'Paused by kubectl-dbupgrade (ci@runner-7)'}]"));
    world_put("mysqls", db);
    journal_is_refused(flow_run_to(NULL), "version.downgrade");
}

/* -- whose it is -- */

static char question[1024];

static bool
say_no(void *ctx, const char *text)
{
    (void)ctx;
    str_copy(question, sizeof question, text);
    return false;
}

static void
test_question(void **state)
{
    struct upgrade_request rq = fix_request(NULL);
    auto_json json_t *j = NULL;

    (void)state;
    journal_of_group();
    j = world_journal();
    rq.consent.ask = say_no;
    for (int abort = 0; abort < 2; abort++) {
        rq.abort = abort == 1;
        question[0] = '\0';
        /* that nothing is changed leaves an upgrade half done */
        fix_expect(flow_run(&rq), rq.abort ? EXIT_USAGE : EXIT_INCOMPLETE);
        assert_non_null(strstr(question, json_path_str(j, "by")));
        assert_non_null(strstr(question, json_path_str(j, "started")));
        fix_told("plan ");
        fix_changes("");
    }
    rq = fix_request(NULL);
    fix_expect(flow_run(&rq), EXIT_OK);
    fix_told(json_path_str(j, "by"));
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted_deletion),
        cmocka_unit_test(test_deletion_said_again),
        cmocka_unit_test(test_planted_sets),
        cmocka_unit_test(test_claim_in_use),
        cmocka_unit_test(test_claims_of_no_set),
        cmocka_unit_test(test_planted_major_wishes),
        cmocka_unit_test(test_planted_begun),
        cmocka_unit_test(test_planted_no_return),
        cmocka_unit_test(test_planted_upgrade),
        cmocka_unit_test(test_planted_versions),
        cmocka_unit_test(test_planted_way_back),
        cmocka_unit_test(test_planted_mode),
        cmocka_unit_test(test_other_mode),
        cmocka_unit_test(test_planted_strategy),
        cmocka_unit_test(test_pause_of_older_program),
        cmocka_unit_test(test_question),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
