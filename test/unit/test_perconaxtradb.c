#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "engine/engine.h"
#include "engine/transfer.h"

static const struct engine *
px(void)
{
    return engine_find("px");
}

/* -- topology -- */

static void
test_modes(void **state)
{
    static const struct {
        long long replicas;
        enum engine_topology topology;
    } cases[] = { { 1, TOPOLOGY_STANDALONE },
                  { 2, TOPOLOGY_PEERS },
                  { 3, TOPOLOGY_PEERS } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct engine_mode *m = engine_find_mode(px(), "", "", cases[i].replicas);

        assert_non_null(m);
        assert_int_equal(m->topology, cases[i].topology);
    }
    assert_false(engine_has_primary(TOPOLOGY_PEERS));
    assert_true(engine_is_group(TOPOLOGY_PEERS));
}

/* -- what a node says: as servers printed it -- */

#define HISTORY "4051bdae-e5ea-11f1-b830-ce735ada693a"

static const struct answer {
    const char *text;
    const char *state;
    enum member_role role;
    bool serves, out, writable;
    unsigned members, online;
    const char *view, *position;
} answers[] = {
    /* one of three */
    { "version\t10.11.19-MariaDB-0+deb12u1\nid\t39d486e2-e5eb-11f1-a3d8-5b17bb520777\n"
      "state\tSYNCED\nrole\tPEER\nwritable\t1\nqueue\t0\nmembers\t3\nonline\t3\n"
      "view\t" HISTORY "/13\nposition\t" HISTORY ":3069\n",
      "SYNCED", MEMBER_PEER, true, false, true, 3, 3, HISTORY "/13", HISTORY ":3069" },
    /* it gets what it missed */
    { "version\t10.11.18-MariaDB\nid\t1\nstate\tJOINING: RECEIVING STATE TRANSFER\n"
      "role\tPEER\nwritable\t0\nqueue\t52\nmembers\t3\nonline\t3\nview\t" HISTORY
      "/9\nposition\t" HISTORY ":216\n",
      "JOINING: RECEIVING STATE TRANSFER", MEMBER_PEER, false, false, false, 3, 3,
      HISTORY "/9", HISTORY ":216" },
    /* it gives a copy of its data */
    { "version\t8.0.40-31.1\nid\t1\nstate\tDONOR/DESYNCED\nrole\tPEER\nwritable\t1\n"
      "queue\t9\nmembers\t3\nonline\t3\nview\tNULL\nposition\tNULL\n",
      "DONOR/DESYNCED", MEMBER_PEER, false, false, true, 3, 3, "", NULL },
    /* cut off from the others */
    { "version\t8.0.40-31.1\nid\t-\nstate\tNON-PRIMARY\nrole\tPEER\nwritable\t0\n"
      "queue\t0\nmembers\t1\nonline\t0\nview\t" HISTORY "/18446744073709551615\n"
      "position\t" HISTORY ":12\n",
      "NON-PRIMARY", MEMBER_PEER, false, true, false, 1, 0,
      HISTORY "/18446744073709551615", HISTORY ":12" },
};

static void
test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct answer *want = &answers[i];
        struct member_report m = { 0 };
        struct err e = { 0 };

        print_message("# %s\n", want->state);
        assert_int_equal(engine_parse_member(want->text, &m, &e), 0);
        assert_string_equal(m.state, want->state);
        assert_int_equal(m.role, want->role);
        assert_int_equal(engine_member_serves(TOPOLOGY_PEERS, &m), want->serves);
        assert_int_equal(engine_member_is_out(&m), want->out);
        assert_int_equal(m.writable, want->writable);
        assert_int_equal(m.members, want->members);
        assert_int_equal(m.online, want->online);
        assert_string_equal(m.view, want->view);
        assert_true(str_eq(m.position, want->position));
        member_report_clear(&m);
    }
}

/* A single server, with Galera or without. */
static void
test_alone(void **state)
{
    struct member_report m = { .state = "RUNNING" };

    (void)state;
    assert_true(engine_member_serves(TOPOLOGY_STANDALONE, &m));
    assert_false(engine_member_serves(TOPOLOGY_PEERS, &m));
    str_copy(m.state, sizeof m.state, "SYNCED");
    assert_true(engine_member_serves(TOPOLOGY_STANDALONE, &m));
}

static void
test_positions(void **state)
{
    static const struct {
        const char *a, *b;
        bool later;
    } cases[] = {
        { HISTORY ":10", HISTORY ":9", true },
        { HISTORY ":9", HISTORY ":10", false },
        { HISTORY ":9", HISTORY ":9", false },
        { HISTORY ":0", "", true }, /* one that told none */
        { "", HISTORY ":0", false },
        { HISTORY ":x", HISTORY ":1", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("# %s %s\n", cases[i].a, cases[i].b);
        assert_int_equal(px()->member.position_is_later(cases[i].a, cases[i].b),
                         cases[i].later);
    }
}

/* -- gates -- */

static enum gate_verdict
judge(const char *id, const struct member_report *m, unsigned members, char *now)
{
    struct gate_want w = { .topology = TOPOLOGY_PEERS,
                           .version = "8.4.3",
                           .members = members,
                           .size_tolerance = -1 };
    struct gate_seen s = { .member = m };
    const struct engine_gate *g = px()->member.gates;
    char want[64];

    while (!str_eq(g->id, id)) {
        g++;
        assert_non_null(g->id);
    }
    return g->eval(&w, &s, now, want, sizeof want);
}

static void
test_gates(void **state)
{
    struct member_report m = {
        .version = "8.4.3-3.1", .state = "SYNCED", .members = 3, .online = 3
    };
    char now[64];

    (void)state;
    assert_int_equal(judge("version", &m, 3, now), GATE_OK);
    assert_int_equal(judge("member", &m, 3, now), GATE_OK);
    assert_int_equal(judge("queue", &m, 3, now), GATE_OK);
    m.queue = 2;
    assert_int_equal(judge("queue", &m, 3, now), GATE_WAIT);
    assert_string_equal(now, "queue 2");
    m.members = m.online = 2;
    assert_int_equal(judge("member", &m, 3, now), GATE_WAIT);
    assert_string_equal(now, "SYNCED, 2 of 2 online");
    str_copy(m.state, sizeof m.state, "JOINED");
    assert_int_equal(judge("member", &m, 2, now), GATE_WAIT);
    assert_string_equal(now, "JOINED, queue 2");
    str_copy(m.version, sizeof m.version, "8.0.40-31.1");
    assert_int_equal(judge("version", &m, 3, now), GATE_FAILED);
}

/* -- what a node that was away gets -- */

static void
test_sample(void **state)
{
    struct transfer_sample s = { 0 };
    struct err e = { 0 };

    (void)state;
    assert_int_equal(transfer_parse("history\t" HISTORY "\nlast\t3069\nkept_from\t2\n"
                                    "bytes\t712345\nheld_ns\t0\nroom\t128M\ndonor\t\n",
                                    &s, &e),
                     0);
    assert_string_equal(s.history, HISTORY);
    assert_int_equal(s.last, 3069);
    assert_int_equal(s.kept_from, 2);
    assert_int_equal(s.bytes, 712345);
    assert_int_equal(s.kept_bytes, 128LL << 20);
    assert_string_equal(s.donor, "");
    assert_int_equal(transfer_parse("history\tx\nlast\tNULL\n", &s, &e), -1);
    assert_int_equal(e.code, ERR_PROTOCOL);
}

static void
test_window(void **state)
{
    static const struct {
        struct transfer_sample then, now;
        long long ms, from, window;
    } cases[] = {
        { { .bytes = 0 }, { .bytes = 1000, .kept_bytes = 60000 }, 1000, 9, 60000 },
        { { .bytes = 5 }, { .bytes = 5, .kept_bytes = 60000 }, 1000, 9, LLONG_MAX },
        /* what follows on 9 is overwritten already; is the oldest there is */
        { { .bytes = 0 }, { .kept_from = 11, .kept_bytes = 60000 }, 1000, 9, 0 },
        { { .bytes = 5 },
          { .bytes = 5, .kept_from = 10, .kept_bytes = 9 },
          1000,
          9,
          LLONG_MAX },
        { { .bytes = 0 }, { .bytes = 1000 }, 1000, 9, -1 }, /* room not told */
        { { .bytes = 9 }, { .bytes = 1, .kept_bytes = 9 }, 1000, 9, -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("# row %zu\n", i);
        assert_true(transfer_window_ms(&cases[i].then, &cases[i].now, cases[i].ms,
                                       cases[i].from) == cases[i].window);
    }
}

/* As servers wrote it. */
#define LOG_ASKED(had)                                                                \
    "2026-11-21 20:30:14 2 [Note] WSREP: State transfer required: \n"                 \
    "\tGroup state: " HISTORY ":437\n\tLocal state: " had "\n"                        \
    "2026-11-21 20:30:14 0 [Note] WSREP: Member 2.0 (px-1) requested state transfer " \
    "from '*any*'. Selected 1.0 (px-2)(SYNCED) as donor.\n"
#define LOG_GOT(got) \
    "2026-11-21 20:30:16 3 [Note] WSREP: SST received: " HISTORY ":" got "\n"

static void
test_log(void **state)
{
    static const struct {
        const char *log;
        enum transfer_way way;
        const char *donor;
        long long missing;
    } cases[] = {
        { LOG_ASKED(HISTORY ":216") LOG_GOT("216"), TRANSFER_LATE, "px-2", 221 },
        { LOG_ASKED(HISTORY ":216") LOG_GOT("876"), TRANSFER_WHOLE, "px-2", -1 },
        { LOG_ASKED("00000000-0000-0000-0000-000000000000:-1") LOG_GOT("876"),
          TRANSFER_WHOLE, "px-2", -1 },
        /* the first attempt failed */
        { LOG_ASKED(HISTORY ":216") LOG_ASKED(HISTORY ":216") LOG_GOT("216"),
          TRANSFER_LATE, "px-2", 221 },
        { LOG_GOT("216") LOG_ASKED(HISTORY ":216"), TRANSFER_UNKNOWN, "", -1 },
        { "Local state: x\nSST received: y\n", TRANSFER_UNKNOWN, "", -1 },
        { "", TRANSFER_UNKNOWN, "", -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct transfer_told told;

        print_message("# row %zu\n", i);
        transfer_by_log(px()->transfer->log, cases[i].log, &told);
        assert_int_equal(told.way, cases[i].way);
        assert_string_equal(told.donor, cases[i].donor);
        assert_int_equal(told.missing, cases[i].missing);
    }
}

/* -- versions -- */

static void
test_paths(void **state)
{
    static const struct {
        const char *from, *to;
        bool may, back; /* go there; and then run the old version again */
    } cases[] = {
        { "8.0.40", "8.0.42", true, false },    { "8.0.40", "8.4.3", true, false },
        { "8.4.3", "8.4.5", true, true },       { "8.0.40", "9.7.1", false, false },
        { "5.7.44", "8.4.3", false, false },    { "5.7.44", "8.0.40", true, false },
        { "10.11.18", "10.11.19", true, true }, { "10.11.18", "11.8.6", true, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("# %s %s\n", cases[i].from, cases[i].to);
        assert_int_equal(engine_path_refusal(px(), cases[i].from, cases[i].to) == NULL,
                         cases[i].may);
        assert_int_equal(engine_may_return(px(), cases[i].to, cases[i].from),
                         cases[i].back);
    }
}

/* The servers' numbers tell where their status variables are. */
static void
test_flavours(void **state)
{
    static const struct {
        const char *version, *table;
    } cases[] = { { "5.7.44", "performance_schema.global_status" },
                  { "8.4.3", "performance_schema.global_status" },
                  { "10.11.19", "information_schema.GLOBAL_STATUS" } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int number = engine_version_number(cases[i].version);

        assert_non_null(strstr(engine_sql_for(px()->member.sql, number), cases[i].table));
        assert_non_null(
            strstr(engine_sql_for(px()->member.reached_sql, number), cases[i].table));
        assert_non_null(engine_sql_for(px()->data.sql, number));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),    cmocka_unit_test(test_answers),
        cmocka_unit_test(test_alone),    cmocka_unit_test(test_positions),
        cmocka_unit_test(test_gates),    cmocka_unit_test(test_paths),
        cmocka_unit_test(test_flavours), cmocka_unit_test(test_sample),
        cmocka_unit_test(test_window),   cmocka_unit_test(test_log),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("perconaxtradb", tests, NULL, NULL);
}
