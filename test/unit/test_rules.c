/* The rules that engines' rows are read by, on rows that are made up, at their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "engine/engine.h"
#include "lib/engine/gate.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* -- members -- */

static void
test_serves(void **state)
{
    static const struct {
        enum engine_topology topology;
        const char *state;
        enum member_role role;
        bool serves;
    } rows[] = {
        { TOPOLOGY_STANDALONE, "RUNNING", MEMBER_ROLE_NONE, true },
        { TOPOLOGY_STANDALONE, "ONLINE", MEMBER_ROLE_NONE, true },
        { TOPOLOGY_STANDALONE, "SYNCED", MEMBER_ROLE_NONE, true },
        { TOPOLOGY_STANDALONE, "ERROR", MEMBER_ROLE_NONE, false },
        { TOPOLOGY_GROUP, "ONLINE", MEMBER_PRIMARY, true },
        { TOPOLOGY_GROUP, "ONLINE", MEMBER_ROLE_NONE, false },
        { TOPOLOGY_GROUP, "SYNCED", MEMBER_PRIMARY, false },
        { TOPOLOGY_PRIMARIES, "ONLINE", MEMBER_PEER, true },
        { TOPOLOGY_PRIMARIES, "ONLINE", MEMBER_ROLE_NONE, false },
        { TOPOLOGY_STANDBYS, "RUNNING", MEMBER_PRIMARY, true },
        { TOPOLOGY_STANDBYS, "RUNNING", MEMBER_SECONDARY, false },
        { TOPOLOGY_STANDBYS, "ONLINE", MEMBER_PRIMARY, false },
        { TOPOLOGY_STANDBYS, "STREAMING", MEMBER_ROLE_NONE, true },
        { TOPOLOGY_SEMISYNC, "REPLICATING", MEMBER_SECONDARY, true },
        { TOPOLOGY_SEMISYNC, "REPLICATING", MEMBER_ROLE_NONE, false },
        { TOPOLOGY_SEMISYNC, "REPLICATING", MEMBER_PRIMARY, false },
        { TOPOLOGY_REMOTE, "REPLICATING", MEMBER_SECONDARY, true },
        { TOPOLOGY_REMOTE, "REPLICATING", MEMBER_ROLE_NONE, false },
        { TOPOLOGY_PEERS, "SYNCED", MEMBER_ROLE_NONE, true },
        { TOPOLOGY_PEERS, "ONLINE", MEMBER_PEER, false },
        { TOPOLOGY_PROXIES, "RUNNING", MEMBER_PEER, true },
        { TOPOLOGY_PROXIES, "PAUSED", MEMBER_PEER, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct member_report m = { .role = rows[i].role };

        print_message("# %d %s\n", (int)rows[i].topology, rows[i].state);
        str_copy(m.state, sizeof m.state, rows[i].state);
        assert_int_equal(engine_member_serves(rows[i].topology, &m), rows[i].serves);
    }
}

static void
test_sees(void **state)
{
    static const struct {
        unsigned members, online, n, away;
        bool sees;
    } rows[] = {
        { 0, 0, 3, 0, true }, /* it knows of none */
        { 3, 3, 3, 0, true },  { 3, 2, 3, 0, false }, { 3, 2, 3, 1, true },
        { 3, 1, 3, 1, false }, { 4, 4, 3, 0, true },  { 1, 0, 1, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct member_report m = { .members = rows[i].members,
                                         .online = rows[i].online };

        print_message("# row %zu\n", i);
        assert_int_equal(engine_member_sees(&m, rows[i].n, rows[i].away), rows[i].sees);
    }
}

static void
test_out(void **state)
{
    static const struct {
        const char *state;
        bool out;
    } rows[] = { { "OFFLINE", true },
                 { "ERROR", true },
                 { "NON-PRIMARY", true },
                 { "RECOVERING", false },
                 { "ONLINE", false } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct member_report m = { 0 };

        str_copy(m.state, sizeof m.state, rows[i].state);
        assert_int_equal(engine_member_is_out(&m), rows[i].out);
    }
}

/* Those that lead now are behind those that do not, of one set. */
static void
test_goes_before(void **state)
{
    static const struct {
        struct roll_item a, b;
        bool swapped;
    } rows[] = {
        { { 0, 0, MEMBER_PEER }, { 0, 1, MEMBER_ROLE_NONE }, true },
        { { 0, 1, MEMBER_ROLE_NONE }, { 0, 0, MEMBER_PEER }, false },
        { { 0, 1, MEMBER_PEER }, { 0, 0, MEMBER_PEER }, true },
        { { 0, 0, MEMBER_PEER }, { 0, 1, MEMBER_PEER }, false },
        { { 0, 0, MEMBER_PRIMARY }, { 0, 1, MEMBER_PEER }, false },
        { { 0, 0, MEMBER_SECONDARY }, { 0, 1, MEMBER_SECONDARY }, true },
        { { 0, 1, MEMBER_PRIMARY }, { 0, 0, MEMBER_SECONDARY }, true },
        { { 1, 0, MEMBER_SECONDARY }, { 0, 0, MEMBER_PRIMARY }, true },
        /* equal ones stay as they are */
        { { 0, 0, MEMBER_SECONDARY }, { 0, 0, MEMBER_SECONDARY }, false },
        { { 0, 0, MEMBER_PEER }, { 0, 0, MEMBER_PEER }, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct roll_item items[] = { rows[i].a, rows[i].b };
        size_t order[2] = { 9, 9 };

        print_message("# row %zu\n", i);
        engine_roll_order(items, 2, order);
        assert_int_equal(order[0], rows[i].swapped ? 1 : 0);
        assert_int_equal(order[1], rows[i].swapped ? 0 : 1);
    }
}

/* -- versions -- */

static const struct engine_series series[] = { { 80000, 80100 },
                                               { 90000, 90200 },
                                               { 0 } };
static const struct engine_path paths[] = {
    { 50700, 80100, "upgrade to 8.0 first", 0, 0, NULL },
    { 80000, 90000, "upgrade to 8.4 first", 80011, 80016, "incomplete" },
    { 0 },
};
static const struct engine_handover handovers[] = {
    { .id = "same",
      .topology = TOPOLOGY_GROUP,
      .same_version_only = true,
      .since = 80013 },
    { .id = "any", .topology = TOPOLOGY_GROUP, .since = 50700 },
    { .id = "peers", .topology = TOPOLOGY_PEERS },
    { 0 },
};
static const struct engine tried = { .versions.series = series,
                                     .versions.series_size = 100,
                                     .versions.paths = paths,
                                     .member.handovers = handovers,
                                     .versions.major = PROCEDURE_PG_UPGRADE };
static const struct engine bare = { .versions.series_size = 10000,
                                    .versions.major = PROCEDURE_PG_UPGRADE };

static void
test_may_return(void **state)
{
    static const struct {
        const char *ran, *old;
        bool may;
    } rows[] = {
        { "8.0.36", "8.0.36", true }, { "8.0.35", "8.0.36", true },
        { "8.0.36", "8.0.0", true },  { "8.0.99", "8.0.0", true },
        { "8.0.0", "8.0.99", true },  { "8.1.0", "8.0.36", false },
        { "8.1.0", "7.9.99", false }, { "8.0.0", "7.9.99", false },
        { "9.1.99", "9.0.0", true },  { "9.2.0", "9.0.0", false },
        { "9.0.0", "8.0.99", false }, { "?", "8.0.36", false },
        { "8.0.36", "?", false },     { "?", "?", false },
        { "0.0.0", "8.0.36", false }, { "5.7.44", "8.0.36", true },
        { "8.0.36", "8.1.0", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("# %s %s\n", rows[i].ran, rows[i].old);
        assert_int_equal(engine_may_return(&tried, rows[i].ran, rows[i].old),
                         rows[i].may);
    }
    assert_true(engine_may_return(&bare, "8.0.35", "8.0.36"));
    assert_false(engine_may_return(&bare, "8.0.36", "8.0.35"));
}

static void
test_path_refusal(void **state)
{
    static const struct {
        const char *from, *to, *why;
    } rows[] = {
        { "5.6.99", "9.0.0", NULL },         { "5.7.0", "8.1.0", "upgrade to 8.0 first" },
        { "5.7.0", "8.0.99", NULL },         { "8.0.0", "9.0.0", "upgrade to 8.4 first" },
        { "8.0.0", "8.99.99", NULL },        { "8.0.0", "8.0.10", NULL },
        { "8.0.0", "8.0.11", "incomplete" }, { "8.0.0", "8.0.15", "incomplete" },
        { "8.0.15", "8.0.15", NULL },        { "8.0.0", "8.0.16", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("# %s %s\n", rows[i].from, rows[i].to);
        assert_true(
            str_eq(engine_path_refusal(&tried, rows[i].from, rows[i].to), rows[i].why));
    }
    assert_null(engine_path_refusal(&bare, "5.7.0", "9.0.0"));
}

/* Another series, and another major version. Of what is no version nothing is said. */
static void
test_crosses(void **state)
{
    static const struct {
        const char *from, *to;
        bool crosses, major;
    } rows[] = {
        { "8.0.36", "8.0.0", false, false }, { "8.0.36", "8.1.0", true, false },
        { "8.1.0", "8.0.99", true, false },  { "8.99.99", "9.0.0", true, true },
        { "9.0.0", "8.99.99", true, true },  { "?", "8.0.36", false, false },
        { "8.0.36", "?", false, false },     { "0.0.0", "8.0.36", false, false },
        { "8.0.36", "0.0.0", false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("# %s %s\n", rows[i].from, rows[i].to);
        assert_int_equal(engine_crosses(&tried, rows[i].from, rows[i].to),
                         rows[i].crosses);
        assert_int_equal(engine_crosses(&bare, rows[i].from, rows[i].to), rows[i].major);
        assert_int_equal(engine_procedure_for(&tried, rows[i].from, rows[i].to),
                         rows[i].major ? PROCEDURE_PG_UPGRADE : PROCEDURE_ROLL);
    }
}

static void
test_handover(void **state)
{
    static const struct {
        enum engine_topology topology;
        const char *from, *to, *id;
    } rows[] = {
        { TOPOLOGY_GROUP, "8.0.13", "8.0.13", "same" },
        { TOPOLOGY_GROUP, "8.0.12", "8.0.12", "any" },
        { TOPOLOGY_GROUP, "8.0.13", "8.0.14", "any" },
        { TOPOLOGY_GROUP, "5.7.0", "5.7.0", "any" },
        { TOPOLOGY_GROUP, "5.6.99", "5.7.0", NULL },
        { TOPOLOGY_GROUP, "5.7.0", "5.6.99", NULL },
        { TOPOLOGY_PEERS, "1.0", "1.0", "peers" },
        { TOPOLOGY_STANDALONE, "8.0.13", "8.0.13", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct engine_handover *h =
            engine_handover_for(&tried, rows[i].topology, rows[i].from, rows[i].to);

        print_message("# row %zu\n", i);
        assert_true(str_eq(h != NULL ? h->id : NULL, rows[i].id));
    }
}

/* -- how much less a measure may be -- */

static const struct engine_measure measures[] = {
    { .id = "part", .title = "t", .percent = 10, .slack = 5, .major_percent = 50 },
    { .id = "none", .title = "t" },
    { .id = "need", .title = "t", .needed = true, .percent = 10, .major_percent = 0 },
    { .id = "guess", .title = "t", .percent = 10, .estimate = true },
    { .id = "sum", .title = "t", .sum = true, .exact = true },
    { .id = "exact", .title = "t", .exact = true, .percent = 10 },
    { 0 },
};

static const struct size_case {
    const char *id;
    long long before, after; /* after < 0: it is not told */
    double tolerance;        /* negative: the measure's own */
    enum gate_verdict verdict;
    const char *now, *want;
    bool another_major, no_estimates;
} sizes[] = {
    { "part", 100, 90, -1, GATE_OK, "90 t (-10.0%)", ">= 90 t" },
    { "part", 100, 89, -1, GATE_WAIT, "89 t (-11.0%)", ">= 90 t" },
    { "part", 100, 50, -1, GATE_OK, "50 t (-50.0%)", ">= 50 t", .another_major = true },
    { "part", 100, 49, -1, GATE_WAIT, "49 t (-51.0%)", ">= 50 t", .another_major = true },
    /* the slack is more, or as much */
    { "part", 40, 35, -1, GATE_OK, "35 t (-12.5%)", ">= 35 t" },
    { "part", 50, 45, -1, GATE_OK, "45 t (-10.0%)", ">= 45 t" },
    { "part", 50, 44, -1, GATE_WAIT, "44 t (-12.0%)", ">= 45 t" },
    { "part", 5, 0, -1, GATE_OK, "0 t (-100.0%)", ">= 0 t" },
    { "part", 6, 0, -1, GATE_WAIT, "0 t (-100.0%)", ">= 1 t" },
    /* who gives a tolerance means it, of nothing, too; more than all is all */
    { "part", 100, 90, 0, GATE_WAIT, "90 t (-10.0%)", ">= 95 t" },
    { "part", 100, 80, 20, GATE_OK, "80 t (-20.0%)", ">= 80 t" },
    { "part", 100, 80, 20, GATE_OK, "80 t (-20.0%)", ">= 80 t", .another_major = true },
    { "part", 100, 0, 100, GATE_OK, "0 t (-100.0%)", ">= 0 t" },
    { "part", 100, 0, 101, GATE_OK, "0 t (-100.0%)", ">= 0 t" },
    { "none", 1, 1, -1, GATE_OK, "1 t (+0.0%)", ">= 1 t" },
    { "none", 1, 0, -1, GATE_WAIT, "0 t (-100.0%)", ">= 1 t" },
    { "none", 0, 3, -1, GATE_OK, "3 t", ">= 0 t" },
    { "none", 1, -1, -1, GATE_OK, "not measured yet", "as before" },
    { "need", 10, 9, -1, GATE_OK, "9 t (-10.0%)", ">= 9 t", .another_major = true },
    { "need", 10, -1, -1, GATE_WAIT, "t unknown", ">= 9 t" },
    { "guess", 100, 1, -1, GATE_WAIT, "1 t (-99.0%)", ">= 90 t" },
    { "guess", 100, 1, -1, GATE_OK, "not measured yet", "as before",
      .no_estimates = true },
    { "part", 100, 1, -1, GATE_WAIT, "1 t (-99.0%)", ">= 90 t", .no_estimates = true },
    { "sum", 10, 11, -1, GATE_WAIT, "t with checksum b", "t with checksum a" },
    { "sum", 10, 11, 0, GATE_WAIT, "t with checksum b", "t with checksum a" },
    { "sum", 10, 11, 1, GATE_OK, "not measured yet", "as before" },
    { "exact", 100, 110, -1, GATE_OK, "110 t", ">= 90 t and <= 110 t" },
    { "exact", 100, 111, -1, GATE_WAIT, "111 t", ">= 90 t and <= 110 t" },
    { "exact", 100, 90, -1, GATE_OK, "90 t", ">= 90 t and <= 110 t" },
    { "exact", 0, 0, -1, GATE_OK, "0 t", "0 t" },
    { "exact", 0, 1, -1, GATE_WAIT, "1 t", "0 t" },
};

static void
try_size(const struct size_case *c, const char *of)
{
    struct measures before = { .n = 1, .at = { { .value = c->before } } };
    struct measures after = { .n = c->after < 0 ? 0 : 1,
                              .at = { { .value = c->after } } };
    const struct gate_want w = { .before = &before,
                                 .size_tolerance = c->tolerance,
                                 .another_major = c->another_major,
                                 .no_estimates = c->no_estimates };
    const struct gate_seen s = { .now = &after };
    char now[128];
    char want[128];

    str_copy(before.at[0].id, sizeof before.at[0].id, c->id);
    str_copy(before.at[0].of, sizeof before.at[0].of, of);
    after.at[0] = before.at[0];
    after.at[0].value = c->after;
    assert_int_equal(gate_size(measures, &w, &s, now, want, sizeof now), c->verdict);
    if (*of != '\0' && !str_eq(c->want, "as before")) {
        assert_true(str_starts(now, of));
        assert_string_equal(now + strlen(of) + 2, c->now);
    } else {
        assert_string_equal(now, c->now);
    }
    assert_string_equal(want, c->want);
}

static void
test_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        print_message("# row %zu: %s\n", i, sizes[i].id);
        try_size(&sizes[i], "");
        try_size(&sizes[i], "app");
    }
}

/* Of several measures the first is told, or the one that fell. */
static void
test_told(void **state)
{
    const struct measures before = { 2, { { "part", "", 100 }, { "need", "", 10 } } };
    struct measures is = before;
    const struct gate_want w = { .before = &before, .size_tolerance = -1 };
    const struct gate_seen s = { .now = &is };
    char now[128];
    char want[128];

    (void)state;
    assert_int_equal(gate_size(measures, &w, &s, now, want, sizeof now), GATE_OK);
    assert_string_equal(now, "100 t (+0.0%)");
    is.at[1].value = 8;
    assert_int_equal(gate_size(measures, &w, &s, now, want, sizeof now), GATE_WAIT);
    assert_string_equal(now, "8 t (-20.0%)");
    is.at[0].value = 0;
    assert_int_equal(gate_size(measures, &w, &s, now, want, sizeof now), GATE_WAIT);
    assert_string_equal(now, "0 t (-100.0%)");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serves),     cmocka_unit_test(test_sees),
        cmocka_unit_test(test_out),        cmocka_unit_test(test_goes_before),
        cmocka_unit_test(test_may_return), cmocka_unit_test(test_path_refusal),
        cmocka_unit_test(test_crosses),    cmocka_unit_test(test_handover),
        cmocka_unit_test(test_sizes),      cmocka_unit_test(test_told),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
