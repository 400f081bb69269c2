/* What a Postgres is sent. With arguments it prints that, for test/postgres to send it to
 * real servers in the way that a session does:
 *     client                  the session's command, each word with a 0 behind it
 *     ask FROM TO             what is asked once
 *     ask FROM TO OID         what is asked in a database
 *     count OID               a table's rows
 *     read databases          what was said of databases or tables: "OID NAME" a line
 *     read measures           measures
 *     read pins               what is not as it has to be
 *     read count              a table's rows
 *     read probes             what probes found */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/databases.h"
#include "engine/engine.h"
#include "engine/postgres.h"
#include "engine/probe.h"
#include "engine/transfer.h"

static const struct engine *
postgres(void)
{
    return engine_find("postgres");
}

/* -- what is sent -- */

static void
put(const char *what, const char *sql)
{
    (void)printf("SELECT 'asked %s';\n%s;\n", what, sql);
}

static void
put_row(const char *what, const struct engine_sql *rows, int version, const char *value)
{
    const char *row = engine_sql_for(rows, version);
    auto_free char *sql = engine_format(row != NULL ? row : "", value);

    put(what, sql);
}

static void
put_probes(int from, int to, bool each)
{
    const struct engine_probe *rows = postgres()->probes;
    const struct probe_case c = { from, to, TOPOLOGY_STANDBYS,
                                  postgres()->versions.series_size };

    for (size_t i = 0; rows[i].id != NULL; i++) {
        if (((rows[i].flags & PROBE_EACH) != 0) == each && probe_applies(&rows[i], &c)) {
            auto_free char *sql = probe_sql(postgres(), &rows[i], i);

            put(rows[i].id, sql);
        }
    }
}

static void
put_pins(const char *oid)
{
    auto_free char *pins = engine_format(postgres()->session.pins, oid);

    (void)printf("%s;\n", pins);
}

static void
put_home(int from, int to)
{
    auto_free char *limit = engine_format(postgres()->session.limit_sql, "25000");
    auto_free char *replayed = engine_format(pg_replayed_sql, "0/1");

    put_pins("0");
    put("limit", limit);
    put("version", postgres()->member.version_sql);
    put_row("member", postgres()->member.sql, from, "");
    put_row("reached", postgres()->member.reached_sql, from, "0/1");
    put_row("measures", postgres()->data.sql, from, "");
    put("databases", postgres()->session.databases_sql);
    for (const char *const *status = postgres()->member.status_sql; *status != NULL;
         status++) {
        put("status", *status);
    }
    put("replayed", replayed);
    put("places", pg_places_sql);
    put("checkpoint", pg_checkpoint_sql);
    put_row("transfer", postgres()->transfer->sql, from, "");
    put_row("transfer kept", postgres()->transfer->kept_sql, from, "a_slot");
    put_row("transfer copy", postgres()->transfer->copy_sql, from, "10.0.0.9");
    put_probes(from, to, false);
}

static void
put_database(int from, int to, const char *oid)
{
    auto_free char *enter = engine_format(postgres()->session.enter, oid);

    put_pins("0");
    (void)printf("%s\n", enter);
    put_pins(oid);
    put_row("contents", postgres()->data.database_sql, from, "");
    put("tables", postgres()->data.tables_sql);
    put_probes(from, to, true);
}

/* -- what was said -- */

static void
read_databases(const char *said)
{
    scope_cleanup(databases_clear) struct databases list = { 0 };

    engine_parse_databases(said, &list);
    for (size_t i = 0; i < list.n; i++) {
        (void)printf("%lu %s\n", list.at[i].oid, list.at[i].name);
    }
}

static void
read_measures(const char *said)
{
    struct measures m = { 0 };
    struct err e = { 0 };

    if (engine_parse_measures(said, &m, &e) < 0) {
        (void)printf("%s\n", e.msg);
    }
    for (size_t i = 0; i < m.n; i++) {
        (void)printf("%s %lld %s\n", m.at[i].id, m.at[i].value, m.at[i].of);
    }
}

static void
read_probes(const char *said)
{
    const struct engine_probe *rows = postgres()->probes;

    for (size_t i = 0; rows[i].id != NULL; i++) {
        struct probe_found found = { 0 };

        probe_take(&found, said, i, NULL);
        for (size_t k = 0; k < found.named; k++) {
            (void)printf("%s %s\n", rows[i].id, found.names[k]);
        }
    }
}

static void
read_count(const char *said)
{
    long long rows = 0;

    (void)printf("%lld\n", engine_parse_count(said, &rows) ? rows : -1);
}

static int
read_said(const char *what)
{
    static char said[1 << 20];
    size_t n = fread(said, 1, sizeof said - 1, stdin);

    said[n] = '\0';
    if (str_eq(what, "databases")) {
        read_databases(said);
    } else if (str_eq(what, "measures")) {
        read_measures(said);
    } else if (str_eq(what, "pins")) {
        auto_free char *wrong = engine_parse_pins(said);

        (void)printf("%s\n", wrong != NULL ? wrong : "not said");
    } else if (str_eq(what, "count")) {
        read_count(said);
    } else {
        read_probes(said);
    }
    return 0;
}

static int
print(int argc, char **argv)
{
    if (str_eq(argv[1], "read") && argc == 3) {
        return read_said(argv[2]);
    }
    if (str_eq(argv[1], "client")) {
        for (const char *const *arg = postgres()->session.argv; *arg != NULL; arg++) {
            (void)fwrite(*arg, 1, strlen(*arg) + 1, stdout);
        }
    } else if (str_eq(argv[1], "ask") && argc == 4) {
        put_home(engine_version_number(argv[2]), engine_version_number(argv[3]));
    } else if (str_eq(argv[1], "ask") && argc == 5) {
        put_database(engine_version_number(argv[2]), engine_version_number(argv[3]),
                     argv[4]);
    } else if (str_eq(argv[1], "count") && argc == 3) {
        auto_free char *sql = engine_format(postgres()->data.count, argv[2]);

        put("count", sql);
    } else {
        return 2;
    }
    return 0;
}

/* -- rows -- */

/* Whoever gives the engine another kind of statement has it printed above, too. */
static void
test_all_is_printed(void **state)
{
    const struct engine *en = postgres();

    (void)state;
    assert_null(en->advice);
    assert_null(en->trial);
    assert_null(en->source);
    assert_null(en->new_set);
    assert_null(en->member.drain);
    assert_null(en->config);
    for (const struct engine_handover *h = en->member.handovers; h->id != NULL; h++) {
        assert_string_equal(h->sql, pg_checkpoint_sql);
    }
}

/* Calls it for every statement that is asked, but for pins, entering and counting. */
static size_t
each_row(void (*check)(const char *what, const char *sql))
{
    const struct engine *en = postgres();
    const struct engine_sql *const tables[] = { en->member.sql, en->member.reached_sql,
                                                en->data.sql, en->data.database_sql };
    const char *const singles[] = { en->member.version_sql, en->session.databases_sql,
                                    en->data.tables_sql,    pg_replayed_sql,
                                    pg_places_sql,          en->session.echo_sql };
    size_t n = 0;

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const struct engine_sql *row = tables[i]; row->text != NULL; row++, n++) {
            check("row", row->text);
        }
    }
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++, n++) {
        check("single", singles[i]);
    }
    for (const char *const *status = en->member.status_sql; *status != NULL;
         status++, n++) {
        check("status", *status);
    }
    for (const struct engine_probe *row = en->probes; row->id != NULL; row++, n++) {
        check(row->id, row->sql);
    }
    return n;
}

/* A statement without what its strings say, in which nothing but words is of interest. */
static char *
without_strings(const char *sql)
{
    char *text = mem_strdup(sql);
    bool within = false;

    for (char *c = text; *c != '\0'; c++) {
        bool quote = *c == '\'';

        *c = within || quote ? (quote ? '"' : '_') : *c;
        within = quote ? !within : within;
    }
    return text;
}

static bool
is_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* Whether a word is in a text, as a whole. */
static bool
has_word(const char *text, const char *word)
{
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        if ((at == text || !is_word(at[-1])) && !is_word(at[strlen(word)])) {
            return true;
        }
    }
    return false;
}

/* What a statement reads: the system's relations, and what it makes itself. */
static void
check_relations(const char *text, const char *after)
{
    static const char *const own[] = { "r",    "probe",     "oids",
                                       "x",    "preloaded", "slots",
                                       "sync", "unnest",    "regexp_matches" };

    for (const char *at = strstr(text, after); at != NULL; at = strstr(at + 1, after)) {
        const char *name = at + strlen(after);
        size_t n = 0;
        bool known = name[0] == '(' || str_starts(name, "pg_");

        while (is_word(name[n])) {
            n++;
        }
        for (size_t i = 0; i < sizeof own / sizeof *own && !known; i++) {
            known = strlen(own[i]) == n && strncmp(own[i], name, n) == 0;
        }
        if (!known) {
            print_message("# reads %.*s\n", (int)n, name);
        }
        assert_true(known);
        assert_true(name[n] != '.');
    }
}

/* It only asks, in one statement, of the system's own things, in a session whose settings
 * are the pins' business alone. */
static void
check_safe(const char *what, const char *sql)
{
    static const char *const refused[] = {
        "SET",         "RESET",        "DO",           "EXECUTE",  "CALL",
        "COPY",        "INSERT",       "UPDATE",       "DELETE",   "CREATE",
        "ALTER",       "DROP",         "GRANT",        "TRUNCATE", "LISTEN",
        "PREPARE",     "LOAD",         "LOCK",         "BEGIN",    "COMMIT",
        "ANALYZE",     "VACUUM",       "INTO",         "public",   "set_config",
        "search_path", "query_to_xml", "table_to_xml", "dblink",   "pg_temp",
        "to_json",     "to_jsonb",     "row_to_json",  "json_agg", "jsonb_agg",
        "xmlelement",
    };
    auto_free char *text = without_strings(sql);

    print_message("# %s: %s\n", what, sql);
    assert_true(str_starts(sql, "SELECT ") || str_starts(sql, "WITH "));
    assert_null(strpbrk(text, ";\n\t\\$"));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(has_word(text, refused[i]));
    }
    check_relations(text, " FROM ");
    check_relations(text, " JOIN ");
}

static void
test_rows_are_safe(void **state)
{
    (void)state;
    assert_true(each_row(check_safe) > 60);
}

/* Whatever a connection begins with is looked at by the pins, too. */
static void
test_settings_are_looked_at(void **state)
{
    const char *client = postgres()->session.argv[4];
    size_t n = 0;

    (void)state;
    for (const char *at = strchr(client, '='); at != NULL; at = strchr(at + 1, '=')) {
        const char *name = at;
        auto_free char *wanted = NULL;

        while (name > client && is_word(name[-1])) {
            name--;
        }
        if (name == at || name == client || name[-1] != ' ' || name[0] < 'a' ||
            str_starts(name, "said=") || str_starts(name, "kept=") ||
            str_starts(name, "left=") || str_starts(name, "pager=")) {
            continue; /* the shell's */
        }
        wanted = mem_printf("'%.*s", (int)(at - name), name);
        assert_non_null(strstr(postgres()->session.pins, wanted));
        n++;
    }
    assert_int_equal(n, 18);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_printed),
        cmocka_unit_test(test_rows_are_safe),
        cmocka_unit_test(test_settings_are_looked_at),
    };

    return argc > 1 ? print(argc, argv)
                    : cmocka_run_group_tests_name("postgres_sql", tests, NULL, NULL);
}
