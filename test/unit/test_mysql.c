#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/engine.h"
#include "testdata.h"

/* -- what servers printed:
 * test/data/mysql/server/CASE/{member.txt,measures.txt,want.json} */

static char *
text_of(const char *folder, const char *name)
{
    auto_free char *path = file_join(folder, name);
    auto_free char *full = file_join(TESTDATA, path);
    char *text = NULL;
    struct err e = { 0 };

    return file_read(full, 1 << 16, &text, NULL, &e) < 0 ? NULL : text;
}

static void
compare_member(const struct member_report *m, const json_t *want)
{
    static const char *const roles[] = { "none", "primary", "secondary" };

    assert_string_equal(m->version, json_path_str(want, "version"));
    assert_string_equal(m->id, json_path_str(want, "id"));
    assert_string_equal(m->state, json_path_str(want, "state"));
    assert_string_equal(roles[m->role], json_path_str(want, "role"));
    assert_int_equal(m->writable, json_path_true(want, "writable"));
    assert_int_equal(m->queue, json_path_int(want, "queue", -1));
    assert_int_equal(m->members, json_path_int(want, "members", -1));
    assert_int_equal(m->online, json_path_int(want, "online", -1));
    if (json_is_null(json_path(want, "position"))) {
        assert_null(m->position);
    } else {
        assert_string_equal(m->position, json_path_str(want, "position"));
    }
}

static void
compare_measures(const struct measures *m, const json_t *want)
{
    assert_int_equal(m->n, json_object_size(want));
    for (size_t i = 0; i < m->n; i++) {
        assert_int_equal(m->at[i].value, json_path_int(want, m->at[i].id, -1));
    }
}

static void
test_answer(const char *path)
{
    auto_free char *file = file_join(path, "want.json");
    auto_json json_t *want = testdata_need(file);
    auto_free char *member = text_of(path, "member.txt");
    auto_free char *measures = text_of(path, "measures.txt");
    const char *error = json_path_str(want, "error");
    struct member_report m = { 0 };
    struct measures n = { 0 };
    struct err e = { 0 };

    assert_non_null(member);
    if (*error != '\0') {
        assert_int_equal(engine_parse_member(member, &m, &e), -1);
        assert_int_equal(e.code, ERR_PROTOCOL);
        assert_string_equal(e.msg, error);
        assert_true(measures == NULL || engine_parse_measures(measures, &n, &e) < 0);
        return;
    }
    assert_int_equal(engine_parse_member(member, &m, &e), 0);
    compare_member(&m, json_path(want, "member"));
    member_report_clear(&m);
    if (measures != NULL) {
        assert_int_equal(engine_parse_measures(measures, &n, &e), 0);
        compare_measures(&n, json_path(want, "measures"));
    }
}

static void
test_answers(void **state)
{
    (void)state;
    testdata_each("mysql/server", test_answer);
}

/* -- gates: test/data/mysql/gates.json */

static const struct engine_gate *
find_gate(const char *id)
{
    const struct engine_gate *g = engine_find("mysql")->member.gates;

    while (!str_eq(g->id, id)) {
        assert_non_null(g->id);
        g++;
    }
    return g;
}

static struct measures *
measures_of(const json_t *row, const char *key, struct measures *out)
{
    const char *id = NULL;
    json_t *value = NULL;

    json_object_foreach (json_path(row, key), id, value) {
        struct measure *m = &out->at[out->n++];

        str_copy(m->id, sizeof m->id, id);
        m->value = json_integer_value(value);
    }
    return json_path(row, key) != NULL ? out : NULL;
}

static struct member_report
member_of(const json_t *row)
{
    const char *role = json_path_str(row, "role");
    struct member_report m = {
        .role = str_eq(role, "primary")     ? MEMBER_PRIMARY
                : str_eq(role, "secondary") ? MEMBER_SECONDARY
                                            : MEMBER_ROLE_NONE,
        .queue = json_path_int(row, "queue", 0),
        .members = (unsigned)json_path_int(row, "sees", 1),
        .online = (unsigned)json_path_int(row, "online", 1),
    };

    str_copy(m.version, sizeof m.version, json_path_str(row, "server"));
    str_copy(m.state, sizeof m.state, json_path_str(row, "state"));
    return m;
}

static void
test_gate(const json_t *row)
{
    static const char *const verdicts[] = { "wait", "ok", "failed" };
    struct measures before = { 0 };
    struct measures after = { 0 };
    struct member_report member = member_of(row);
    struct gate_want want = {
        .topology = str_eq(json_path_str(row, "topology"), "group") ? TOPOLOGY_GROUP
                                                                    : TOPOLOGY_STANDALONE,
        .version = json_path_str(row, "version"),
        .members = (unsigned)json_path_int(row, "members", 1),
        .position = json_string_value(json_path(row, "position")),
        .before = measures_of(row, "before", &before),
        .size_tolerance = (double)json_path_int(row, "tolerance", -1),
    };
    struct gate_seen seen = {
        .member = &member,
        .position_reached = json_path_true(row, "reached"),
        .now = measures_of(row, "after", &after),
    };
    char is[128];
    char wanted[128];
    enum gate_verdict verdict =
        find_gate(json_path_str(row, "gate"))->eval(&want, &seen, is, wanted, sizeof is);

    assert_string_equal(verdicts[verdict], json_path_str(row, "verdict"));
    assert_string_equal(is, json_path_str(row, "now"));
    assert_string_equal(wanted, json_path_str(row, "want"));
}

static void
test_gates(void **state)
{
    auto_json json_t *rows = testdata_need("mysql/gates.json");
    size_t i = 0;
    json_t *row = NULL;

    (void)state;
    json_array_foreach (rows, i, row) {
        print_message("# row %zu: %s\n", i, json_path_str(row, "gate"));
        test_gate(row);
    }
    assert_true(i > 0);
}

static void
test_gate_order(void **state)
{
    static const char *const order[] = { "version", "member", "position", "size" };
    const struct engine_gate *g = engine_find("mysql")->member.gates;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(g[i].id, order[i]);
        assert_int_equal(g[i].needs_position, i == 2);
        assert_int_equal(g[i].needs_measures, i == 3);
    }
    assert_null(g[4].id);
}

/* -- hand-over and paths -- */

static void
test_handover(void **state)
{
    static const struct {
        enum engine_topology topology;
        const char *from, *to, *id;
    } rows[] = {
        { TOPOLOGY_GROUP, "9.7.4", "9.7.4", "set-as-primary" },
        { TOPOLOGY_GROUP, "9.7.4", "9.7.4-2", "set-as-primary" },
        { TOPOLOGY_GROUP, "8.0.36", "8.4.8", "leave-group" },
        { TOPOLOGY_GROUP, "8.0.12", "8.0.12", "leave-group" },
        { TOPOLOGY_GROUP, "5.7.44", "8.0.36", "leave-group" },
        { TOPOLOGY_STANDALONE, "9.7.4", "9.7.4", NULL },
        { TOPOLOGY_GROUP, "?", "?", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct engine_handover *h = engine_handover_for(
            engine_find("mysql"), rows[i].topology, rows[i].from, rows[i].to);

        print_message("# row %zu\n", i);
        if (rows[i].id == NULL) {
            assert_null(h);
        } else {
            assert_string_equal(h->id, rows[i].id);
        }
    }
}

static void
test_paths(void **state)
{
    static const char incomplete[] =
        "before 8.0.16 an upgrade needs mysql_upgrade, which KubeDB does not run: "
        "upgrade to 8.0.16 or later";
    static const struct {
        const char *from, *to, *refusal;
    } rows[] = {
        { "5.7.44", "8.0.36", NULL },
        { "5.7.44", "8.1.0", "upgrade to 8.0 first" },
        { "5.7.19", "5.7.22", NULL },
        { "5.7.44", "8.0.16", NULL },
        { "5.7.44", "8.0.15", incomplete },
        { "8.0.12", "8.0.15", incomplete },
        { "8.0.12", "8.0.16", NULL },
        { "8.0.15", "8.0.15", NULL },
        { "5.7.44", "9.7.1", "upgrade to 8.0 first" },
        { "8.0.36", "8.4.8", NULL },
        { "8.0.36", "9.1.0", "upgrade to 8.4 first" },
        { "8.3.0", "9.0.0", "upgrade to 8.4 first" },
        { "8.4.8", "9.7.1", NULL },
        { "9.1.0", "9.7.1", NULL },
        { "9.7.1", "10.0.0", NULL },
        { "?", "9.7.1", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why =
            engine_path_refusal(engine_find("mysql"), rows[i].from, rows[i].to);

        print_message("# row %zu\n", i);
        assert_true(str_eq(why, rows[i].refusal));
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),    cmocka_unit_test(test_gates),
        cmocka_unit_test(test_gate_order), cmocka_unit_test(test_handover),
        cmocka_unit_test(test_paths),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mysql", tests, NULL, NULL);
}
