/* For how long a member may be away, and what ends that: by what it and a donor said. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"
#include "engine/transfer.h"

/* A donor that had written so much `ms` before it had 1000; `room` is what it keeps. */
#define DONOR(apart, was, from, space)                                       \
    .ms = (apart), .then.bytes = (was), .now.bytes = 1000, .now.last = 1000, \
    .now.kept_from = (from), .now.kept_bytes = (space)
#define BUSY DONOR(1000, 990, 1, 600) /* 10 a second */
#define FREE DONOR(1000, 990, 1, TRANSFER_BOUNDLESS)

static void
test_span(void **state)
{
    static const struct {
        struct transfer_sample member;
        struct transfer_donor donor;
        long long ms;
        enum transfer_limit limit;
    } rows[] = {
        { { .last = 1000 }, { BUSY }, 60000, TRANSFER_ROOM },
        { { .last = 1000 }, { DONOR(0, 0, 1, 600) }, -1, TRANSFER_UNTOLD },
        { { .last = 1000 }, { DONOR(1000, 1000, 1, 600) }, LLONG_MAX, TRANSFER_IDLE },
        { { .last = 1000 }, { DONOR(1000, 990, 1002, 600) }, 0, TRANSFER_GONE },
        { { .last = 1000 }, { DONOR(1000, 990, 1, 0) }, -1, TRANSFER_UNTOLD },
        { { .last = 1000 }, { FREE }, LLONG_MAX, TRANSFER_ALL },
        /* what is kept for it alone counts more than what is kept for all */
        { { .last = 1000 },
          { BUSY, .kept = { true, true, true, TRANSFER_BOUNDLESS } },
          LLONG_MAX,
          TRANSFER_ALL },
        { { .last = 1000 },
          { BUSY, .kept = { true, true, true, 1200 } },
          120000,
          TRANSFER_ROOM },
        { { .last = 1000 },
          { BUSY, .kept = { true, true, true, 0 } },
          100,
          TRANSFER_ROOM },
        { { .last = 1000 }, { BUSY, .kept = { true, false } }, 0, TRANSFER_GONE },
        { { .last = 1000, .elsewhere = true },
          { BUSY, .kept = { true, false } },
          LLONG_MAX,
          TRANSFER_ALL },
        /* the shorter one */
        { { .last = 1000 }, { BUSY, .now.age_ms = 50000 }, 50000, TRANSFER_AGE },
        { { .last = 1000 }, { BUSY, .now.age_ms = 70000 }, 60000, TRANSFER_ROOM },
        { { .last = 1000, .threshold = 100 }, { BUSY }, 10000, TRANSFER_COUNT },
        { { .last = 1000, .threshold = 100000 }, { BUSY }, 60000, TRANSFER_ROOM },
        /* nobody is idle for long */
        { { .last = 1000, .threshold = 3 },
          { DONOR(1000, 1000, 1, 600) },
          30000,
          TRANSFER_COUNT },
        { { .last = 1000, .threshold = 3 },
          { DONOR(0, 0, 1, TRANSFER_BOUNDLESS) },
          -1,
          TRANSFER_UNTOLD },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct transfer_span span = transfer_span_of(&rows[i].member, &rows[i].donor);

        print_message("# row %zu\n", i);
        assert_true(span.ms == rows[i].ms);
        assert_int_equal(span.limit, rows[i].limit);
    }
}

static void
test_parse(void **state)
{
    static const char out[] =
        "history\t-\nlast\t0\nkept_from\t0\nheld_ns\t0\nroom\tall\nexecuted\ta:1-5,b:7\n"
        "received\ta:6-8\nage_s\t60\nthreshold\t9223372036854775807\ncopies\t1\n";
    auto_free char *ask = transfer_parse_ask(out);
    auto_free char *slot = transfer_parse_ask("ask\ts1\n");
    auto_free char *nothing = transfer_parse_ask("x\ty\n");
    struct transfer_sample s = { 0 };
    struct transfer_kept k = { .told = true };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(transfer_parse(out, &s, &e), 0);
    assert_int_equal(s.bytes, 6);
    assert_int_equal(s.age_ms, 60000);
    assert_int_equal(s.threshold, 0); /* as good as none */
    assert_true(s.copies && !s.elsewhere && s.kept_bytes == TRANSFER_BOUNDLESS);
    assert_string_equal(ask, "a:1-5,b:7,a:6-8");
    assert_string_equal(slot, "s1");
    assert_string_equal(nothing, "");
    transfer_parse_kept("", &k);
    assert_false(k.told);
    transfer_parse_kept("reaches\t1\nroom\t0\n", &k);
    assert_true(k.told && k.reaches && k.limited && k.room == 0);
    transfer_parse_kept("reaches\t0\n", &k);
    assert_true(k.told && !k.reaches && !k.limited);
}

static void
test_copy(void **state)
{
    struct transfer_copy c = { 0 };
    char text[96];

    (void)state;
    assert_false(transfer_parse_copy("", &c));
    assert_true(transfer_parse_copy("state\tIn Progress\nbegun\tx\nfrom\th:3306\ndone\t"
                                    "1073741824\ntotal\t4294967296\nms\t10000\n",
                                    &c));
    assert_true(c.running && !c.done);
    assert_string_equal(c.source, "h:3306");
    assert_string_equal(transfer_show_copy(&c, text, sizeof text),
                        "1.0 GiB of 4.0 GiB (25%), about 30s left");
    assert_true(transfer_parse_copy("state\tCompleted\ndone\tNULL\n", &c));
    assert_true(c.done && !c.running && transfer_rate(&c) == 0);
    assert_string_equal(transfer_show_copy(&c, text, sizeof text), "0 B");
    assert_true(transfer_parse_copy("state\tFailed\n", &c));
    assert_true(!c.done && !c.running);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_span),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
