/* A journal that somebody else wrote: it is a wish, and never a fact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "double_journal.h"

/* -- its form -- */

static const struct {
    const char *path, *value, *why;
} strange[] = {
    { "extra", "1", "extra" },
    { "images.1.extra", "1", "images[1].extra" },
    { "version", "\"4\"", "version" },
    { "version", "0", "version" },
    { "pods", "[]", "pods" },
    { "pods.my-db-0.bytes", "4611686018427387904", "pods.my-db-0.bytes" },
    { "pods.my-db-0.bytes", "-4611686018427387904", "pods.my-db-0.bytes" },
    { "pods.my-db-0.bytes", "1.5", "pods.my-db-0.bytes" },
    { "images", "{}", "images" },
    { "images.1.init", "0", "images[1].init" },
    { "images.1.from", "\"r.example/mysql:1 x\"", "images[1].from" },
    { "direction", "\"sideways\"", "direction" },
    { "set", "\"../secrets/x\"", "set" },
    { "to", "\"8.4.8/../x\"", "to" },
    { "by", "\"bob\\u001b[2Jalice\"", "by" },
    { "by", "\"bob\\u202ealice\"", "by" },
    { "started", "\"yesterday\"", "started" },
    { "kind", "\"Postgres\"", "kind" },
    { "name", "\"other\"", "name" },
    { "new_set", "{}", "new_set" },
};

static void
test_strange(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        journal_of_group();
        journal_plant(strange[i].path, strange[i].value);
        journal_is_refused(flow_run_to(NULL), strange[i].why);
    }
}

static void
refuse_text(const char *begin, const char *text, size_t n, const char *end)
{
    auto_buf struct buf whole = BUF_LIMIT(16U << 20);

    (void)!buf_puts(&whole, begin);
    for (size_t i = 0; i < n; i++) {
        (void)!buf_puts(&whole, text);
    }
    (void)!buf_puts(&whole, end);
    journal_of_group();
    journal_put(buf_text(&whole));
    fix_expect(flow_run_to(NULL), EXIT_REFUSED);
    buf_reset(&world.violations); /* it was the test that took the journal away */
    journal_is_refused(EXIT_REFUSED, "cannot be read");
}

static void
test_huge(void **state)
{
    (void)state;
    refuse_text("{\"version\": 4, \"x\": \"", "x", 10U << 20, "\"}");
    refuse_text("", "[", 100000, "");
    refuse_text("{\"version\": ", "[", 1000, "");
    refuse_text("{\"images\": [0", ", {}", 20000, "]}");
    refuse_text("{\"version\": 4", ", \"version\": 4", 1, "}");
}

static const struct {
    const char *value;
    const char *why;
} replicas[] = {
    { "4611686018427387904", "new_set.replicas" },
    { "-4611686018427387904", "new_set.replicas" },
    { "0", "new_set.replicas" },
    { "33", "new_set.replicas" },
    { "\"3\"", "new_set.replicas" },
    { "32", "32 members" },
    { "1", "1 member" },
};

static void
test_replicas(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof replicas / sizeof *replicas; i++) {
        journal_of_new_set("scale my-db-1 1", false);
        journal_plant("new_set.replicas", replicas[i].value);
        journal_is_refused(flow_run_to(NULL), replicas[i].why);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strange),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_replicas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
