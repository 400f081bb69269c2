/* What others change between this run's look at an object and its change of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"

#define PRIMARY "my-db-1"
#define ROLE    "kubedb.com/role"

static void
label(const char *pod, const char *role)
{
    json_t *object = world_edit("pods", pod);

    (void)json_object_set_new(json_path(object, "metadata.labels"), ROLE,
                              json_string(role));
    world_put("pods", object);
}

static const char *
role_of(const char *pod)
{
    return json_string_value(
        json_object_get(json_path(world_find("pods", pod), "metadata.labels"), ROLE));
}

static void
begin(void)
{
    world_new(3);
    label("my-db-0", "standby");
    label(PRIMARY, "primary");
    label("my-db-2", "standby");
}

static size_t
times(const char *change)
{
    size_t n = 0;

    for (const char *at = buf_text(&world.log); (at = strstr(at, change)) != NULL; at++) {
        n++;
    }
    return n;
}

/* -- labels -- */

static void
touch_primary(void)
{
    world_change("pods", PRIMARY, "status.message",
                 world_json("['touched at %lld']", double_now));
}

static char seen_role[32];

static void
see_role(void)
{
    str_copy(seen_role, sizeof seen_role, role_of(PRIMARY));
}

/* Kubelet wrote to the pod: that is no reason to leave the label as it is. */
static void
test_label_of_a_touched_pod(void **state)
{
    (void)state;
    begin();
    (void)world_rule((struct rule){ .what = "label", .times = 1, .act = touch_primary });
    (void)world_rule((struct rule){ .what = "evict " PRIMARY, .act = see_role });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_string_equal(seen_role, "standby");
    fix_not_told("is left to its coordinator");
    fix_end();
}

static void
move_label(void)
{
    label(PRIMARY, "arbiter");
}

/* Whoever moved the label knows better. */
static void
test_label_moved(void **state)
{
    (void)state;
    begin();
    (void)world_rule((struct rule){ .what = "label", .times = 1, .act = move_label });
    (void)world_rule((struct rule){ .what = "evict " PRIMARY, .act = see_role });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_string_equal(seen_role, "arbiter");
    fix_told("the role label of " PRIMARY " is left to its coordinator");
    fix_end();
}

static void
replace_primary(void)
{
    json_t *pod = world_edit("pods", PRIMARY);

    world_set_path(pod, "metadata.uid", json_string("another"));
    world_put("pods", pod);
}

/* Another pod of that name came meanwhile: its label is not touched. */
static void
test_label_of_another_pod(void **state)
{
    (void)state;
    begin();
    (void)world_rule(
        (struct rule){ .what = "label", .times = 1, .act = replace_primary });
    (void)flow_run_to("8.4.8");
    assert_int_equal(times("label\n"), 0);
    world_free();
}

/* -- evictions -- */

static void
lead_elsewhere(void)
{
    label("my-db-2", "primary");
}

/* The pod that goes was made something else after it was looked at: it is looked at once
 * more. */
static void
test_evict_a_changed_pod(void **state)
{
    (void)state;
    begin();
    (void)world_rule(
        (struct rule){ .what = "evict my-db-2", .times = 1, .act = lead_elsewhere });
    fix_expect(flow_run_to("8.4.8"), EXIT_OK);
    assert_int_equal(times("evict my-db-2\n"), 1);
    assert_int_equal(world.rules[0].seen, 2);
    fix_end();
}

/* -- the database and its set -- */

static void
replace(const char *resource, const char *name)
{
    json_t *object = world_edit(resource, name);

    world_set_path(object, "metadata.uid", json_string("another"));
    world_put(resource, object);
}

static void
replace_database(void)
{
    replace("mysqls", WORLD_DB);
}

static void
replace_set(void)
{
    replace("petsets", WORLD_DB);
}

/* Another database of that name has other wishes, a new set other pods. */
static void
test_replaced(void **state)
{
    static const struct {
        const char *at;
        unsigned long after;
        void (*act)(void);
        const char *reason, *never;
    } cases[] = {
        { "get mysqls", 1, replace_database, "DATABASE_GONE", "pause\n" },
        { "get petsets", 0, replace_set, "SET_GONE", "images\n" },
        { "images", 0, replace_set, "SET_GONE", "images\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_new(3);
        (void)world_rule((struct rule){ .what = cases[i].at,
                                        .after = cases[i].after,
                                        .times = 1,
                                        .act = cases[i].act });
        assert_int_not_equal(flow_run_to("8.4.8"), EXIT_OK);
        assert_int_equal(world.rules[0].seen > cases[i].after, true);
        fix_error(cases[i].reason);
        assert_int_equal(times(cases[i].never), 0);
        world_free();
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label_of_a_touched_pod),
        cmocka_unit_test(test_label_moved),
        cmocka_unit_test(test_label_of_another_pod),
        cmocka_unit_test(test_evict_a_changed_pod),
        cmocka_unit_test(test_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
