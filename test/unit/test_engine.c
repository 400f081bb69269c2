#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/transfer.h"
#include "testdata.h"

/* -- all rows: what every engine must bring -- */

static void
need_text(const char *s)
{
    assert_non_null(s);
    assert_true(*s != '\0');
}

/* In a version: 3 in 8.4.8. */
static int
numbers_of(const char *version)
{
    int n = 1;

    while ((version = strchr(version, '.')) != NULL) {
        version++;
        n++;
    }
    return n;
}

static void
check_names(const struct engine *en)
{
    need_text(en->name);
    need_text(en->aliases);
    need_text(en->api.kind);
    need_text(en->api.resource);
    need_text(en->api.catalog_kind);
    need_text(en->api.catalog_resource);
    need_text(en->api.ops_kind);
    need_text(en->api.ops_resource);
    need_text(en->api.ops_ref);
    need_text(en->container);
    need_text(en->versions.sample);
    assert_int_equal(numbers_of(en->versions.sample), en->versions.numbers);
    need_text(en->object.topology_path);
    assert_true(str_starts(en->api.status_resource, en->api.resource));
    assert_true(str_ends(en->api.status_resource, "/status"));
    assert_ptr_equal(engine_find(en->name), en);
    assert_ptr_equal(engine_find(en->api.kind), en);
    assert_ptr_equal(engine_find(en->api.resource), en);
    for (const struct engine *const *other = engine_all; *other != en; other++) {
        assert_string_not_equal((*other)->name, en->name);
        assert_string_not_equal((*other)->api.kind, en->api.kind);
    }
}

/* The engine's sample catalogue has every image that its rows name, in every object. */
static void
check_images(const struct engine *en)
{
    auto_free char *path = mem_printf("%s/catalog.json", en->name);
    auto_json json_t *catalog = testdata_need(path);
    bool has_server = false;
    size_t i = 0;
    json_t *item = NULL;

    for (const struct engine_image *row = en->object.images; row->container != NULL;
         row++) {
        need_text(row->path);
        has_server = has_server || str_eq(row->container, en->container);
        json_array_foreach (json_path(catalog, "items"), i, item) {
            need_text(json_path_str(json_path(item, "spec"), row->path));
        }
    }
    assert_true(has_server);
    assert_true(i > 0);
}

static void
check_sql(const struct engine_sql *rows)
{
    assert_non_null(rows->text);
    for (; rows->text != NULL; rows++) {
        assert_true(rows[1].text == NULL || rows[1].since > rows->since);
        assert_null(strpbrk(rows->text, ";\n"));
    }
}

static unsigned
count_holes(const char *sql)
{
    unsigned n = 0;

    for (const char *at = strstr(sql, "%"); at != NULL; at = strstr(at + 1, "%")) {
        n += strncmp(at, "%s", 2) == 0 ? 1 : 100;
    }
    return n;
}

static void
check_statements(const struct engine *en)
{
    assert_non_null(en->session.argv[0]);
    need_text(en->session.error_prefix);
    for (const char *const *prefix = en->session.lost_prefixes; *prefix != NULL;
         prefix++) {
        assert_true(str_starts(*prefix, en->session.error_prefix));
    }
    need_text(en->member.version_sql);
    assert_int_equal(count_holes(en->session.echo_sql), 1);
    if (en->config == NULL) { /* those that have data */
        check_sql(en->member.reached_sql);
        check_sql(en->data.sql);
    }
    for (const struct engine_sql *sql = en->member.reached_sql;
         sql != NULL && sql->text != NULL; sql++) {
        assert_int_equal(count_holes(sql->text), 1);
    }
    assert_true((en->session.enter == NULL) == (en->session.databases_sql == NULL));
    assert_true(en->session.enter == NULL || count_holes(en->session.enter) == 1);
    assert_true((en->data.database_sql == NULL) == (en->data.tables_sql == NULL));
    assert_true((en->data.database_sql == NULL) == (en->data.count == NULL));
    assert_true(en->data.database_sql == NULL || en->session.enter != NULL);
    check_sql(en->member.sql);
    if (en->transfer != NULL) {
        check_sql(en->transfer->sql);
    }
    for (const struct engine_measure *m = en->data.measures; m->id != NULL; m++) {
        auto_free char *column = mem_printf("'%s'", m->id);

        need_text(m->title);
        assert_true(m->percent >= 0 && m->slack >= 0);
        for (const struct engine_sql *sql = en->data.sql;
             sql != NULL && sql->text != NULL; sql++) {
            bool each = en->data.database_sql != NULL &&
                        strstr(en->data.database_sql->text, column) != NULL;

            assert_true(each || str_eq(m->id, "counted") ||
                        strstr(sql->text, column) != NULL);
        }
    }
}

static void
check_tables(const struct engine *en)
{
    for (const struct engine_mode *m = en->object.modes; m->value != NULL; m++) {
        need_text(m->title);
        assert_ptr_equal(engine_find_mode(en, m->value, m->more != NULL ? m->more : "",
                                          m->single ? 1 : 3),
                         m);
    }
    for (const struct engine_gate *g = en->member.gates; g->id != NULL; g++) {
        need_text(g->title);
        assert_non_null(g->eval);
    }
    for (const struct engine_handover *h = en->member.handovers; h->id != NULL; h++) {
        need_text(h->title);
        need_text(h->est_gap);
        assert_true(count_holes(h->sql) <= 1);
    }
    for (const struct engine_refusal *r = en->object.refusals;
         r != NULL && r->path != NULL; r++) {
        if (r->value != NULL) {
            need_text(r->value);
        }
        need_text(r->text);
    }
    for (const struct engine_path *p = en->versions.paths; p != NULL && p->text != NULL;
         p++) {
        assert_true(p->below > p->since);
    }
}

static void
test_all_rows(void **state)
{
    (void)state;
    assert_non_null(engine_all[0]);
    for (const struct engine *const *en = engine_all; *en != NULL; en++) {
        print_message("# %s\n", (*en)->name);
        check_names(*en);
        check_images(*en);
        check_statements(*en);
        check_tables(*en);
    }
}

/* -- look-up -- */

static void
test_find(void **state)
{
    static const char *const mysql[] = { "mysql", "MySQL", "mysqls", "my", "MY" };
    static const char *const none[] = { "", "m", "mysq", "mysqlx", "oracle", " " };

    (void)state;
    for (size_t i = 0; i < sizeof mysql / sizeof *mysql; i++) {
        assert_string_equal(engine_find(mysql[i])->name, "mysql");
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_null(engine_find(none[i]));
    }
    assert_null(engine_find_mode(engine_find("my"), "Ring", "", 3));
}

/* -- versions -- */

static void
test_version_number(void **state)
{
    static const struct {
        const char *text;
        int number;
    } rows[] = {
        { "5.7.19", 50719 },
        { "8.0.35-debian", 80035 },
        { "17.9", 170900 },
        { "9", 90000 },
        { "10.11.18-MariaDB", 101118 },
        { "8.0.36-28.1", 80036 },
        { "8.0.", 80000 },
        { "8..1", 80000 },
        { "", -1 },
        { "v8.0", -1 },
        { "latest", -1 },
        { ".8", -1 },
        { "8.100.1", -1 },
        { "8.0.100", -1 },
        { "99999999999999999999.0", -1 },
        { "-8.0", -1 },
        { "9999.99.99", 99999999 },
        { "1.2.3.4", 10203 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# %s\n", rows[i].text);
        assert_int_equal(engine_version_number(rows[i].text), rows[i].number);
    }
}

static void
test_version_is(void **state)
{
    static const struct {
        const char *reported, *wanted;
        bool is;
    } rows[] = {
        { "9.7.4", "9.7.4", true },
        { "9.7.4-cluster", "9.7.4", true },
        { "8.0.35-27", "8.0.35", true },
        { "8.0.35-27", "8.0.35-debian", true },
        { "9.7.40", "9.7.4", false },
        { "9.7.4", "9.7.40", false },
        { "8.4.8", "8.4", true },
        { "8.4", "8.4.8", false },
        { "17.9 (Debian)", "17.9", true },
        { "17.10", "17.1", false },
        { "", "8.0", false },
        { "8.0.1", "", false },
        { "8.0.1", "latest", false },
        { "5.7.19-log", "5.7.19", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# %s is %s\n", rows[i].reported, rows[i].wanted);
        assert_int_equal(engine_version_is(rows[i].reported, rows[i].wanted), rows[i].is);
    }
}

static void
test_sql_for(void **state)
{
    static const struct engine_sql rows[] = { { 50700, "old" }, { 80002, "new" }, { 0 } };

    (void)state;
    assert_null(engine_sql_for(rows, -1));
    assert_null(engine_sql_for(rows, 50699));
    assert_string_equal(engine_sql_for(rows, 50700), "old");
    assert_string_equal(engine_sql_for(rows, 80001), "old");
    assert_string_equal(engine_sql_for(rows, 80002), "new");
    assert_string_equal(engine_sql_for(rows, 90704), "new");
}

static void
test_format(void **state)
{
    static const struct {
        const char *sql, *value, *want;
    } rows[] = {
        { "SELECT '%s'", "mark-1", "SELECT 'mark-1'" },
        { "SELECT '%s'", "a' OR \"b\\\n", "SELECT 'a OR b'" },
        { "SELECT '%s'", "%s%n", "SELECT '%s%n'" },
        { "STOP", "x", "STOP" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auto_free char *is = engine_format(rows[i].sql, rows[i].value);

        assert_string_equal(is, rows[i].want);
    }
}

/* -- order -- */

enum { MEMBERS = 5 };

static const struct {
    struct roll_item items[MEMBERS];
    size_t n;
    int order[MEMBERS]; /* ordinals */
} orders[] = {
    { { { 0, 0, MEMBER_PRIMARY },
        { 0, 1, MEMBER_SECONDARY },
        { 0, 2, MEMBER_SECONDARY } },
      3,
      { 2, 1, 0 } },
    { { { 0, 0, MEMBER_SECONDARY },
        { 0, 1, MEMBER_SECONDARY },
        { 0, 2, MEMBER_PRIMARY } },
      3,
      { 1, 0, 2 } },
    { { { 0, 2, MEMBER_SECONDARY },
        { 0, 10, MEMBER_SECONDARY },
        { 0, 1, MEMBER_PRIMARY } },
      3,
      { 10, 2, 1 } },
    { { { 0, 0, MEMBER_ROLE_NONE },
        { 0, 1, MEMBER_PRIMARY },
        { 0, 2, MEMBER_SECONDARY } },
      3,
      { 2, 0, 1 } },
    { { { 0, 0, MEMBER_PRIMARY }, { 0, 1, MEMBER_PRIMARY }, { 0, 2, MEMBER_PRIMARY } },
      3,
      { 2, 1, 0 } },
    { { { 0, 0, MEMBER_SECONDARY },
        { 0, 1, MEMBER_PRIMARY },
        { 2, 2, MEMBER_SECONDARY },
        { 1, 3, MEMBER_SECONDARY },
        { 1, 4, MEMBER_SECONDARY } },
      5,
      { 0, 1, 4, 3, 2 } },
    { { { 0, 2, MEMBER_PEER }, { 0, 0, MEMBER_PEER }, { 0, 1, MEMBER_PEER } },
      3,
      { 0, 1, 2 } },
    { { { 0, 0, MEMBER_ROLE_NONE } }, 1, { 0 } },
    { { { 0, 0, 0 } }, 0, { 0 } },
};

static void
test_roll_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        size_t order[MEMBERS] = { 0 };

        print_message("# row %zu\n", i);
        engine_roll_order(orders[i].items, orders[i].n, order);
        for (size_t k = 0; k < orders[i].n; k++) {
            assert_int_equal(orders[i].items[order[k]].ordinal, orders[i].order[k]);
        }
    }
}

static void
test_quorum(void **state)
{
    static const unsigned quorum[] = { 1, 1, 2, 2, 3, 3, 4, 4, 5, 5 };

    (void)state;
    for (unsigned n = 0; n < sizeof quorum / sizeof *quorum; n++) {
        assert_int_equal(engine_quorum(n), quorum[n]);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_rows),       cmocka_unit_test(test_find),
        cmocka_unit_test(test_version_number), cmocka_unit_test(test_version_is),
        cmocka_unit_test(test_sql_for),        cmocka_unit_test(test_format),
        cmocka_unit_test(test_roll_order),     cmocka_unit_test(test_quorum),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
