/* Postgres with read replicas: a set of their own, behind that of the members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"
#include "upgrade/status.h"

enum { FIRST = 2 }; /* of the read replicas */

static void
world_new_replicas(void)
{
    world_new_with("postgres", (struct fix_size){ .members = 2, .followers = 2 }, "15.18",
                   "petsets");
}

/* Of the read replicas' set: what it has for its server. */
static void
followers_have(const char *version)
{
    const json_t *spec =
        json_path(world_find("petsets", WORLD_FOLLOWERS), "spec.template.spec");
    auto_free char *image = mem_printf("r.example/postgres:%s", version);

    assert_string_equal(world_server_image(spec), image);
}

static void
test_upgrade(void **state)
{
    (void)state;
    world_new_replicas();
    world.strict = true;
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_changes("create leases\npause\nimages\nimages\nevict my-db-0\n"
                "checkpoint my-db-1\ntransfer my-db-0\nevict my-db-1\n"
                "evict my-db-rr-reports-1\nevict my-db-rr-reports-0\nversion\nresume\n"
                "delete leases\n");
    fix_is_at("15.20");
    followers_have("15.20");
    assert_int_equal(world.lead, 0);
    fix_told("restart my-db-rr-reports-1   read replica");
    fix_told("2 members, primary my-db-1; read replicas my-db-rr-reports (2)");
    fix_told("my-db is 15.20, verified: 2 members, 2 read replicas in");
    fix_told("check workload.found ok: PetSet my-db, 2 replicas; following: "
             "my-db-rr-reports, 2\n");
    fix_end();
}

/* From the last of them on, and when all are done. */
static void
test_abort(void **state)
{
    static const char *const ends[] = { "evict my-db-rr-reports-0", "version" };

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        world_new_replicas();
        (void)world_rule((struct rule){ .what = ends[i], .status = 403 });
        fix_expect(flow_run_to("15.20"), EXIT_INCOMPLETE);
        world.n_rules = 0;
        buf_reset(&world.log);
        fix_expect(flow_abort(), EXIT_WALKED_BACK);
        fix_changes(i == 0 ? "replace leases\nimages\nimages\nevict my-db-1\n"
                             "checkpoint my-db-0\ntransfer my-db-1\nevict my-db-0\n"
                             "evict my-db-rr-reports-1\nresume\ndelete leases\n"
                           : "replace leases\nimages\nimages\nevict my-db-1\n"
                             "checkpoint my-db-0\ntransfer my-db-1\nevict my-db-0\n"
                             "evict my-db-rr-reports-1\nevict my-db-rr-reports-0\n"
                             "resume\ndelete leases\n");
        fix_is_at("15.18");
        followers_have("15.18");
        fix_end();
    }
}

/* One that cannot start gets its old images back; the others stay as they are, and the
 * upgrade goes on when that is mended. */
static void
test_rescue(void **state)
{
    (void)state;
    world_new_replicas();
    world.servers[FIRST + 1].crashes = true;
    fix_expect(flow_run_to("15.20"), EXIT_INCOMPLETE);
    fix_error("my-db-rr-reports-1: container postgres: CrashLoopBackOff");
    assert_false(fix_changed("evict my-db-rr-reports-0"));
    world.servers[FIRST + 1].crashes = false;
    world_wait(20000);
    fix_expect(flow_run_to(NULL), EXIT_OK);
    fix_is_at("15.20");
    followers_have("15.20");
    fix_end();
}

/* -- what others do to their set -- */

static void
scale(void)
{
    world_change("petsets", WORLD_FOLLOWERS, "spec.replicas", json_integer(3));
}

static void
lose(void)
{
    world_remove("petsets", WORLD_FOLLOWERS);
}

static void
test_others(void **state)
{
    (void)state;
    world_new_replicas();
    world_deed("evict my-db-0", 500, scale);
    fix_expect(flow_run_to("15.20"), EXIT_INCOMPLETE);
    fix_error("workload my-db-rr-reports was scaled from 2 to 3 during the run");
    fix_end();

    world_new_replicas();
    world_deed("evict my-db-0", 500, lose);
    fix_expect(flow_run_to("15.20"), EXIT_INCOMPLETE);
    fix_error("workload my-db-rr-reports was deleted during the run");
    fix_end();
}

/* A reconcile that began before the pause. */
static void
test_taken_back(void **state)
{
    (void)state;
    world_new_replicas();
    world.late_ms = 1500;
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_told("the workload was reverted");
    fix_is_at("15.20");
    followers_have("15.20");
    fix_end();
}

/* -- what is refused -- */

static void
test_refused(void **state)
{
    (void)state;
    world_new_replicas();
    world_remove("petsets", WORLD_FOLLOWERS);
    fix_expect(flow_run_to("15.20"), EXIT_REFUSED);
    fix_error("workload.found: spec.readReplicas has 1 groups, but 0 workloads");
    fix_changes("");
    fix_end();

    world_new_with("postgres", (struct fix_size){ .members = 1, .followers = 1 }, "15.18",
                   "petsets");
    fix_expect(flow_run_to("15.20"), EXIT_REFUSED);
    fix_error("spec.readReplicas is set: read replicas of a single member");
    fix_changes("");
    fix_end();

    world_new_replicas();
    world.servers[FIRST].state = SERVER_RECOVERING;
    fix_expect(flow_run_to("15.20"), EXIT_REFUSED);
    fix_error("health.members: my-db-rr-reports-0 is RECOVERING");
    fix_changes("");
    fix_end();
}

/* -- an arbiter: a set and a pod without a server -- */

static void
add_arbiter(void)
{
    json_t *set = world_edit("petsets", WORLD_DB);
    json_t *pod = world_json("{'metadata': {'name': 'my-db-arbiter-0', 'uid': 'x'}, "
                             "'spec': {'containers': [{'name': 'pg-coordinator', "
                             "'image': 'r.example/coordinator:0.1'}]}}");

    world_set_path(set, "metadata.name", json_string("my-db-arbiter"));
    world_set_path(set, "spec.replicas", json_integer(1));
    world_set_path(set, "spec.template", json_object());
    world_set_path(set, "spec.template.spec", json_incref(json_path(pod, "spec")));
    world_put("petsets", set);
    world_put("pods", pod);
    world_change("postgreses", WORLD_DB, "spec.arbiter", json_object());
}

static void
test_arbiter(void **state)
{
    auto_json json_t *before = NULL;
    auto_json json_t *pod = NULL;

    (void)state;
    world_new_of("postgres", 2, "15.18", "petsets");
    add_arbiter();
    world_wait(2000);
    before = world_edit("petsets", "my-db-arbiter");
    pod = world_edit("pods", "my-db-arbiter-0");
    fix_expect(flow_run_to("15.20"), EXIT_OK);
    fix_is_at("15.20");
    assert_true(json_equal(before, world_find("petsets", "my-db-arbiter")));
    assert_true(json_equal(pod, world_find("pods", "my-db-arbiter-0")));
    fix_end();
}

/* -- what others are told of it -- */

static void
test_status(void **state)
{
    struct err e = { 0 };
    auto_kube struct kube *k = NULL;
    auto_status struct status_list list = { 0 };
    const struct status_member *m = NULL;

    (void)state;
    world_new_replicas();
    (void)world_rule((struct rule){ .what = "evict my-db-rr-reports-0", .status = 403 });
    fix_expect(flow_run_to("15.20"), EXIT_INCOMPLETE);
    k = kube_new(NULL, &e);
    assert_int_equal(status_read(&(struct status_query){ .engine = world_engine(),
                                                         .name_space = WORLD_NS,
                                                         .name = WORLD_DB },
                                 k, &list, &e),
                     0);
    assert_int_equal(list.n, 1);
    assert_int_equal(list.at[0].n_members, 4);
    m = list.at[0].members;
    assert_string_equal(m[0].name, "my-db-0");
    assert_string_equal(m[1].name, "my-db-1");
    assert_string_equal(m[2].name, "my-db-rr-reports-0");
    assert_string_equal(m[2].role, "read-replica");
    assert_int_equal(m[1].images, STATUS_NEW);
    assert_int_equal(m[2].images, STATUS_OLD);
    assert_int_equal(m[3].images, STATUS_NEW);
    fix_end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade),    cmocka_unit_test(test_abort),
        cmocka_unit_test(test_rescue),     cmocka_unit_test(test_others),
        cmocka_unit_test(test_taken_back), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_arbiter),    cmocka_unit_test(test_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
