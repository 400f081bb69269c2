/* Pods whose images differ from their set's, because a webhook rewrites them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_fixture.h"
#include "double_torture.h"

#define CHANGES                                                                \
    "create leases\npause\nimages\nevict my-db-2\nevict my-db-0\nleave-group " \
    "my-db-1\nevict my-db-1\nversion\nresume\ndelete leases\n"

/* Rewrites every image of a pod by a function that returns a text to be freed. */
static void
rewrite_images(json_t *spec, char *(*rewrite)(const char *image))
{
    static const char *const lists[] = { "initContainers", "containers" };

    for (size_t list = 0; list < 2; list++) {
        size_t i = 0;
        json_t *c = NULL;

        json_array_foreach (json_path(spec, lists[list]), i, c) {
            auto_free char *to = rewrite(json_path_str(c, "image"));

            (void)json_object_set_new(c, "image", json_string(to));
        }
    }
}

static char *
to_mirror(const char *image)
{
    return str_starts(image, "r.example/")
               ? mem_printf("mirror.example/proxy/%s", image + strlen("r.example/"))
               : mem_strdup(image);
}

static void
mirror(json_t *spec)
{
    rewrite_images(spec, to_mirror);
}

static char *
to_prefixed(const char *image)
{
    return mem_printf("cache.example:5000/%s", image);
}

static void
prefix(json_t *spec)
{
    rewrite_images(spec, to_prefixed);
}

/* A digest that is another one for another image. */
static unsigned long
digest_of(const char *image)
{
    unsigned long sum = 5381;

    for (; *image != '\0'; image++) {
        sum = sum * 33 + (unsigned char)*image;
    }
    return sum & 0xffffffffUL;
}

static char *
to_digest(const char *image)
{
    return mem_printf("%s@sha256:%064lx", image, digest_of(image));
}

static void
pin(json_t *spec)
{
    rewrite_images(spec, to_digest);
}

static char *
to_bare_digest(const char *image)
{
    return mem_printf("%.*s@sha256:%064lx", (int)strcspn(image, ":"), image,
                      digest_of(image));
}

static void
pin_barely(json_t *spec)
{
    rewrite_images(spec, to_bare_digest);
}

/* The webhook was there before the database. */
static void
world_with(void (*admit)(json_t *spec))
{
    world_new(3);
    world.admit = admit;
    for (size_t i = 0; i < 3; i++) {
        char name[64];
        json_t *pod = world_edit("pods", world_pod_name(i, name, sizeof name));

        admit(json_path(pod, "spec"));
        world_put("pods", pod);
    }
}

static void (*const webhooks[])(json_t *spec) = { mirror, prefix, pin, pin_barely };

enum { WEBHOOKS = sizeof webhooks / sizeof *webhooks };

static void
test_as_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < WEBHOOKS; i++) {
        world_with(webhooks[i]);
        fix_expect(flow_run_to("8.4.8"), EXIT_OK);
        fix_not_told("other images");
        fix_changes(CHANGES);
        fix_is_at("8.4.8");
        fix_expect(flow_run_to("8.4.8"), EXIT_OK);
        fix_told("is already at 8.4.8");
        fix_changes(CHANGES);
        fix_end();
    }
}

/* The program dies, with all or some pods new: whoever resumes knows the rewriting. */
static void
test_resumed(void **state)
{
    static const char *const deaths[] = { "images", "evict my-db-0", "evict my-db-1",
                                          "version" };

    (void)state;
    for (size_t i = 0; i < WEBHOOKS * 4; i++) {
        world_with(webhooks[i / 4]);
        (void)world_rule(
            (struct rule){ .what = deaths[i % 4], .times = 1, .how = RULE_DIE_AFTER });
        (void)flow_run_to("8.4.8");
        assert_true(world.dead);
        torture_revive();
        world_wait(60000);
        fix_expect(flow_run_to(NULL), EXIT_OK);
        fix_is_at("8.4.8");
        fix_end();
    }
}

static void
test_rolled_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < WEBHOOKS; i++) {
        world_with(webhooks[i]);
        (void)world_rule(
            (struct rule){ .what = "evict my-db-0", .times = 1, .how = RULE_DIE_AFTER });
        (void)flow_run_to("8.4.8");
        torture_revive();
        world_wait(60000);
        fix_expect(flow_abort(), EXIT_WALKED_BACK);
        fix_is_at("8.4.7");
        fix_end();
    }
}

/* A webhook that came later, or that keeps the old server: one eviction shows it. */
static char *
to_old_server(const char *image)
{
    return mem_strdup(str_eq(image, "r.example/mysql:8.4.8") ? "r.example/mysql:8.4.7"
                                                             : image);
}

static void
keep_old(json_t *spec)
{
    rewrite_images(spec, to_old_server);
}

static size_t
count(const char *what)
{
    size_t n = 0;

    for (const char *at = buf_text(&world.log); (at = strstr(at, what)) != NULL; at++) {
        n++;
    }
    return n;
}

static void
check_comes_otherwise(void (*admit)(json_t *spec), const char *has)
{
    world_new(3);
    world.admit = admit;
    fix_expect(flow_run_to("8.4.8"), EXIT_REFUSED); /* a dry run told it */
    fix_error("pod.admission");
    fix_error(has);
    fix_changes("");
    world.denied = "create pods"; /* without one */
    fix_expect(flow_run_to("8.4.8"), EXIT_INCOMPLETE);
    fix_error("POD_OTHER_IMAGES");
    fix_error(has);
    fix_error("r.example/mysql:8.4.8");
    assert_int_equal(count("evict my-db-2"), 1);
    assert_int_equal(count("evict"), 1);
    fix_end();
}

static void
test_comes_otherwise(void **state)
{
    (void)state;
    check_comes_otherwise(keep_old, "r.example/mysql:8.4.7");
    check_comes_otherwise(mirror, "mirror.example/proxy/mysql:8.4.8");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_before),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_rolled_back),
        cmocka_unit_test(test_comes_otherwise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
