/* What is kept of a failure, and that no secret is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_bundle.h"

static void
test_files(void **state)
{
    (void)state;
    start_crashing();
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    unpack();
    expect("cd */ && find . -type f | LC_ALL=C sort",
           "./README.txt\n./containers.txt\n./database.json\n./events.json\n"
           "./events.txt\n./journal.json\n./kubernetes-version.json\n./lease.json\n"
           "./logs/my-db-0/mysql.log\n./logs/my-db-1/mysql.log\n"
           "./logs/my-db-2/mysql.log\n./logs/my-db-2/mysql.previous.log\n"
           "./opsrequests.json\n./plan.json\n./poddisruptionbudgets.json\n"
           "./pods/my-db-0.json\n./pods/my-db-1.json\n./pods/my-db-2.json\n"
           "./replication/my-db-0.txt\n./replication/my-db-1.txt\n./run.jsonl\n"
           "./set.json\n");
    expect_in("README.txt", "exit status 4");
    expect_in("README.txt", "CrashLoopBackOff");
    expect_in("README.txt", "step 3 of");
    expect_in("README.txt", "replication/my-db-2.txt"); /* could not be had */
    expect_in("logs/my-db-2/mysql.previous.log", "[ERROR] unknown variable");
    expect_in("containers.txt", "CrashLoopBackOff");
    expect_in("containers.txt", "before   terminated {");
    expect_in("plan.json", "\"state\": \"here\"");
    expect_in("plan.json", "\"failed\": true");
    expect_in("journal.json", "\"to\": \"8.4.8\"");
    expect_in("lease.json", "kubectl-dbupgrade/journal");
    expect_in("replication/my-db-1.txt", "PRIMARY");
    expect_in("replication/my-db-0.txt", "status of member 0");
    expect_in("run.jsonl", "step 3/9 roll started my-db-2");
    expect_in("kubernetes-version.json", "v1.34.4");
    fix_end();
}

/* Routers are among what is kept. */
static void
test_router(void **state)
{
    (void)state;
    world_new_with(
        "mysql",
        (struct fix_size){ .members = 3,
                           .topology = "{'mode': 'InnoDBCluster', 'innoDBCluster': {}}",
                           .routers = 2 },
        "8.4.7", "petsets");
    world.routers.bad_tag = "8.4.8";
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    unpack();
    expect("cd */ && find . -name '*router*' | LC_ALL=C sort",
           "./logs/my-db-router-1\n./logs/my-db-router-1/mysql-router.log\n"
           "./pods/my-db-router-0.json\n./pods/my-db-router-1.json\n"
           "./set-my-db-router.json\n");
    expect("grep -A 4 my-db-router-0 */plan.json | grep -c -e router.0 -e failed...true",
           "2\n");
    fix_end();
}

static void
put_event(const char *name, const char *of, const char *message, const char *time)
{
    world_put("events",
              world_json("{'metadata': {'name': '%s'}, 'involvedObject': {'kind': 'Pod', "
                         "'name': '%s'}, 'reason': 'Failed', 'type': 'Warning', "
                         "'message': '%s', 'lastTimestamp': '%s'}",
                         name, of, message, time));
}

static void
test_events(void **state)
{
    (void)state;
    start_crashing();
    put_event("a", "my-db-0", "second", "2026-11-18T00:00:02Z");
    put_event("b", "data-my-db-0", "first", "2026-11-18T00:00:01Z");
    put_event("c", "other", "of no interest", "2026-11-18T00:00:01Z");
    put_event("d", "my-db-00", "of no interest", "2026-11-18T00:00:01Z");
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    unpack();
    expect("cat */events.txt",
           "2026-11-18T00:00:01Z  Warning  Pod/data-my-db-0  Failed  x1  first\n"
           "2026-11-18T00:00:02Z  Warning  Pod/my-db-0  Failed  x1  second\n");
    expect("grep -c 'of no interest' */events.json", "0\n");
    fix_end();
}

/* Planted where secrets can stand; none of it may be found. */
static void
test_no_secret(void **state)
{
    json_t *pod = NULL;

    (void)state;
    start_crashing();
    world.log_text = "ALTER USER 'a' IDENTIFIED BY 'hunter2';\n"
                     "MYSQL_ROOT_PASSWORD=hunter2\n"
                     "Authorization: Bearer hunter2hunter2\n"
                     "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n"
                     "cannot reach https://a:hunter2@h\n"
                     "[ERROR] kept words, --password=hunter2\n";
    put_event("a", "my-db-0", "exec mysql -phunter2 failed: kept words", "2026");
    pod = world_edit("pods", "my-db-0");
    world_set_path(
        pod, "spec.env",
        world_json("[{'name': 'A_KEY', 'value': 'hunter2'}, {'name': 'PLAIN', 'value': "
                   "'kept words'}, {'name': 'U', 'value': 'https://u:hunter2@h'}]"));
    world_set_path(
        pod, "metadata.annotations",
        world_json("{'kubectl.kubernetes.io/last-applied-configuration': 'hunter2'}"));
    world_set_path(pod, "metadata.managedFields", world_json("['hunter2']"));
    world_put("pods", pod);
    world_change(world_sets(), WORLD_DB, "spec.template.spec.args",
                 world_json("['mysqld', '--password', 'hunter2']"));
    world_change("mysqls", WORLD_DB, "status.adminPassword", json_string("hunter2"));
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    fix_error("kept words"); /* it tells what was logged last ... */
    assert_null(strstr(told.err.detail, "hunter2"));
    expect("gunzip -c *.tar.gz | grep -c -a hunter2", "0\n");
    unpack();
    expect(
        "grep -rl hunter2 . ; grep -rlF '[removed]' . | sed 's/.*Z.//' | LC_ALL=C sort",
        "README.txt\ndatabase.json\nevents.json\nevents.txt\nlogs/my-db-0/mysql.log\n"
        "logs/my-db-1/mysql.log\nlogs/my-db-2/mysql.log\n"
        "logs/my-db-2/mysql.previous.log\npods/my-db-0.json\npods/my-db-2.json\n"
        "run.jsonl\nset.json\n");
    expect_in("logs/my-db-0/mysql.log", "kept words");
    expect_in("events.txt", "kept words");
    expect_in("pods/my-db-0.json", "kept words");
    fix_end();
}

/* What a member said before it got its old images back. */
static void
test_before_rescue(void **state)
{
    (void)state;
    world_new(3);
    world.bad_image = "r.example/mysql:8.4.8";
    fix_expect(run_to("8.4.8", true), EXIT_WALKED_BACK);
    unpack();
    expect_in("before-rescue/my-db-2/pod.json", "ImagePullBackOff");
    expect_in("README.txt", "exit status 5");
    expect("grep -c ImagePullBackOff */pods/my-db-2.json", "0\n");
    fix_end();
}

/* Files that are read with cat: nothing in them is obeyed, and no line is forged. */
static void
test_visible_only(void **state)
{
    json_t *pod = NULL;

    (void)state;
    start_crashing();
    world.log_text = "a line\n\033]0;owned\a\xc2\x9b"
                     "2J \xe2\x80\xae\xff\ttext\r\n[ERROR] \033[35m\n";
    put_event("a", "my-db-0", "one\\u001b[35m\\u202e\\nFORGED", "2026-11-18T00:00:02Z");
    pod = world_edit("pods", "my-db-0");
    world_set_path(pod, "metadata.annotations",
                   world_json("{'a': 'b\\u001b[35m\\u007f\\u009b\\u202e'}"));
    world_set_path(pod, "spec.nodeName", json_string("n\033[35m\nFORGED"));
    world_put("pods", pod);
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    unpack();
    expect("LC_ALL=C grep -rlaP '[\\x00-\\x08\\x0b-\\x1f\\x7f]|\\xc2[\\x80-\\x9f]|"
           "\\xe2\\x80\\xae|\\xff' . | sed 's/.*Z.//' | LC_ALL=C sort",
           "");
    expect("grep -rl '^FORGED' .", "");
    expect_in("logs/my-db-0/mysql.log", "\\x1b]0;owned\\x07\\u009b2J \\u202e\\xff\ttext");
    expect_in("events.txt", "one\\x1b[35m\\u202e FORGED");
    fix_end();
}

/* An object of any size makes a file of some megabytes, which is JSON still. */
static void
test_huge(void **state)
{
    enum { EACH = 700 * 1000, ALL = 40 };
    auto_free char *text = mem_alloc(EACH + 1);
    json_t *huge = world_json("{'metadata': {'name': 'huge'}, 'note': 'before'}");
    json_t *list = json_array();

    (void)state;
    memset(text, 'x', EACH);
    for (size_t i = 0; i < ALL; i++) {
        (void)json_array_append_new(list, json_string(text));
    }
    (void)json_object_set_new(huge, "list", list);
    start_crashing();
    world_put("poddisruptionbudgets", huge);
    fix_expect(run_to("8.4.8", false), EXIT_INCOMPLETE);
    unpack();
    expect("find . -size +5M", "");
    expect_in("poddisruptionbudgets.json", "\"note\": \"before\"");
    expect_in("poddisruptionbudgets.json", "left out");
    expect("tail -n 1 */poddisruptionbudgets.json", "]\n");
    expect_in("README.txt", "poddisruptionbudgets.json");
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_router, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_files, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_events, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_no_secret, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_before_rescue, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_visible_only, open_shell, close_shell),
        cmocka_unit_test_setup_teardown(test_huge, open_shell, close_shell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
