/* How webhooks rewrite images, told by one pod for another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kubedb/image_rewrite.h"

#define A "@sha256:aaaa"
#define B "@sha256:bbbb"

static void
test_like(void **state)
{
    static const struct {
        const char *was_want, *was_got, *want, *got;
        bool like;
    } rows[] = {
        /* another registry, another path */
        { "reg-a/x/db:1", "mirror/proxy/x/db:1", "reg-a/x/db:2", "mirror/proxy/x/db:2",
          true },
        { "reg-a/x/db:1", "mirror/proxy/x/db:1", "reg-a/y/db:2", "mirror/proxy/y/db:2",
          true },
        { "reg-a/x/db:1", "mirror/proxy/x/db:1", "reg-a/x/db:2", "mirror/proxy/x/db:1",
          false },
        { "reg-a/x/db:1", "mirror/proxy/x/db:1", "reg-b/x/db:2", "mirror/proxy/x/db:2",
          false },
        { "reg-a/x/db:1", "mirror/proxy/x/db:1", "reg-a/x/db:2", "evil/x/db:2", false },
        { "reg-a/x/db:1", "mirror/proxy/x/db:1", "reg-a/x/db:2", "reg-a/x/db:2", false },
        { "reg-a/db:1", "m/other-db:1", "reg-a/db:2", "m/other-db:2", true },
        { "reg-a/db:1", "m/other-db:1", "reg-a/two:2", "m/other-two:2", false },
        { "host:5000/db:1", "m:443/db:1", "host:5000/db:2", "m:443/db:2", true },
        /* a prefix before the whole, and names without a registry */
        { "a.b/x:1", "cache/a.b/x:1", "c.d/y:2", "cache/c.d/y:2", true },
        { "mysql:8", "docker.io/library/mysql:8", "mysql:9", "docker.io/library/mysql:9",
          true },
        { "mysql:8", "mirror.io/library/mysql:8", "percona/x:9", "mirror.io/percona/x:9",
          true },
        { "db", "m.io/db", "db", "m.io/db:latest", true },
        /* digests */
        { "a/db:1", "a/db:1" A, "a/db:2", "a/db:2" B, true },
        { "a/db:1", "a/db:1" A, "a/db:2", "a/db:2" A, false },
        { "a/db:1", "a/db:1" A, "a/db:2", "a/db:2", false },
        { "a/db:1", "a/db:1" A, "a/db:2", "a/db:1" B, false },
        { "a/db:1", "a/db" A, "a/db:2", "a/db" B, true },
        { "a/db:1", "a/db" A, "a/db:2", "a/db" A, false },
        { "a/db:1", "a/db" A, "a/db:1", "a/db" B, true },
        { "a/db:1", "a/db" A, "a/db:2", "a/db", false },
        { "a/db" A, "m/db" A, "a/db" B, "m/db" B, true },
        { "a/db" A, "m/db" A, "a/db" B, "m/db" A, false },
        { "a/db:1", "m/db:1", "a/db:2", "m/db:2" B, false },
        /* tags */
        { "a/db:1", "a/db:1-fips", "a/db:2", "a/db:2-fips", true },
        { "a/db:1", "a/db:1-fips", "a/db:2", "a/db:2", false },
        { "a/db:1", "a/db:arm_1", "a/db:2", "a/db:arm_2", true },
        { "a/db:8.0.36", "m/db:8.0.3", "a/db:9", "m/db:9", true },
        { "a/db:8.0.3", "m/db:8.0.36", "a/db:8.4.2", "m/db:8.4.26", false },
        { "", "", "", "", true },
        { "", "x", "", "y", false },
        { "@", ":@", "/", ":", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (image_rewrite_is_like(rows[i].was_want, rows[i].was_got, rows[i].want,
                                  rows[i].got) != rows[i].like) {
            print_error("row %zu: %s\n", i, rows[i].got);
            fail();
        }
    }
}

static void
test_plain(void **state)
{
    (void)state;
    assert_true(image_rewrite_is_plain("a/db:1", "m/db:1"));
    assert_true(image_rewrite_is_plain("a/db:1", "m/db:1" A));
    assert_true(image_rewrite_is_plain("a/db:1", "m/db:1-fips"));
    assert_true(image_rewrite_is_plain("a/db" A, "m/db" A));
    assert_false(image_rewrite_is_plain("a/db" A, "m/db" B));
    assert_false(image_rewrite_is_plain("a/db:2", "m/db:1"));
    assert_false(image_rewrite_is_plain("a/db:1", "a/db" A));
    assert_false(image_rewrite_is_plain("a/db", "m/db"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like),
        cmocka_unit_test(test_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
