/*
 * What MySQL, Galera and ProxySQL are asked: every statement of every row is read as a
 * server would, so that none can mean something else on a server where others made
 * schemas, functions and names. And every client is one that the container cannot
 * command.
 *
 * With arguments it prints what is run, for test/mysql to run just that: `client ENGINE`,
 * `front`, `source`: texts for sh -c; `statements ENGINE VERSION`: what is asked.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/replication_source.h"
#include "engine/router.h"
#include "visit_statements.h"

static const char *const engines[] = { "mysql", "perconaxtradb", "proxysql" };
enum { ENGINES = sizeof engines / sizeof *engines };

/* -- words -- */

static bool
is_one_of(const char *const *list, const char *word)
{
    for (; *list != NULL; list++) {
        if (strcasecmp(*list, word) == 0) {
            return true;
        }
    }
    return false;
}

static bool
begins_with_one_of(const char *const *list, const char *text)
{
    for (; *list != NULL; list++) {
        if (str_starts(text, *list)) {
            return true;
        }
    }
    return false;
}

/* A statement with all strings emptied. Caller frees. */
static char *
without_strings(const char *sql)
{
    char *out = mem_strdup(sql);
    bool inside = false;
    size_t n = 0;

    for (; *sql != '\0'; sql++) {
        inside = inside != (*sql == '\'');
        if (!inside || *sql == '\'') {
            out[n++] = *sql;
        }
    }
    assert_false(inside);
    out[n] = '\0';
    return out;
}

/* The next word or sign; "" at the end. */
static void
next_token(const char **at, char *out, size_t size)
{
    size_t n = 0;

    *at += strspn(*at, " ");
    while (isalnum((unsigned char)(*at)[n]) ||
           ((*at)[n] != '\0' && strchr("_.@", (*at)[n]) != NULL)) {
        n++;
    }
    n += n == 0 && **at != '\0' ? 1 : 0;
    (void)snprintf(out, size, "%.*s", (int)n, *at);
    *at += n;
}

/* -- what a statement may say -- */

/* Built in, so that no stored function is called by such a name; or no function. */
static const char *const calls[] = { "CAST",
                                     "CHAR",
                                     "CHAR_LENGTH",
                                     "COALESCE",
                                     "CONCAT",
                                     "CONCAT_WS",
                                     "COUNT",
                                     "CURRENT_USER",
                                     "EXISTS",
                                     "GTID_SUBSET",
                                     "HEX",
                                     "IF",
                                     "GTID_SUBTRACT",
                                     "LOWER",
                                     "MAX",
                                     "NOW",
                                     "NULLIF",
                                     "REPLACE",
                                     "SUBSTRING_INDEX",
                                     "SUM",
                                     "TIMESTAMPDIFF",
                                     "TYPEOF",
                                     "UPPER",
                                     "VERSION",
                                     "AND",
                                     "AS",
                                     "ALL",
                                     "BY",
                                     "FROM",
                                     "IN",
                                     "OR",
                                     "SELECT",
                                     "VALUES",
                                     "WHERE",
                                     "NOT",
                                     "REGEXP",
                                     "BINARY",
                                     "ON",
                                     "THEN",
                                     "WHEN",
                                     "ELSE",
                                     "group_replication_set_as_primary",
                                     "group_replication_get_communication_protocol",
                                     "probe",
                                     NULL };

static const char *const mysql_schemas[] = { "information_schema.", "performance_schema.",
                                             "mysql.", NULL };
static const char *const sqlite_schemas[] = { "main.", "disk.", "stats.", NULL };

/* What changes how the rest is read, writes files, or runs text. */
static const char *const never[] = { "USE",       "PREPARE",   "EXECUTE", "CALL",
                                     "DO",        "HANDLER",   "OUTFILE", "DUMPFILE",
                                     "ATTACH",    "PRAGMA",    "source",  "system",
                                     "LOAD_FILE", "delimiter", NULL };

/* Behind these is a table's name; behind some of them a layer's, or a query. */
static const char *const before_tables[] = { "FROM", "JOIN", "INTO", NULL };
static const char *const no_tables[] = { "(", "probe", "RUNTIME", NULL };

/* No line of an answer begins with what others chose, so that it could be the client's
 * word for an error. */
static const char *const first_columns[] = { "'",
                                             "@@",
                                             "VERSION()",
                                             "GTID_SUBSET(",
                                             "COALESCE(",
                                             "REPLACE(GTID_SUBTRACT(",
                                             "group_replication_",
                                             "DISTINCT '",
                                             "DISTINCT CONCAT('",
                                             "CAST(",
                                             NULL };

static void
check_words(const struct engine *en, const char *bare)
{
    const char *const *schemas = en->config != NULL ? sqlite_schemas : mysql_schemas;
    char before[160] = "";
    char token[160] = "";

    for (next_token(&bare, token, sizeof token); token[0] != '\0';
         next_token(&bare, token, sizeof token)) {
        bool function = str_eq(token, "(") && isalpha((unsigned char)before[0]);

        if ((function && !is_one_of(calls, before) &&
             !begins_with_one_of(schemas, before)) ||
            (is_one_of(before_tables, before) && !is_one_of(no_tables, token) &&
             !begins_with_one_of(schemas, token)) ||
            is_one_of(never, token)) {
            print_message("what is this: %s %s %s\n", before, token, bare);
            fail();
        }
        str_copy(before, sizeof before, token);
    }
}

static void
check_statement(const struct engine *en, const char *id, int since, const char *sql)
{
    auto_free char *bare = without_strings(sql);
    const char *select =
        str_starts(sql, "WITH ") ? strstr(sql, ") SELECT 'count") + 2 : sql;

    print_message("# %s %s %d: %.70s\n", en->name, id, since, sql);
    /* what clients or modes of servers read in another way */
    assert_null(strpbrk(sql, "\\\"`\n\r\t"));
    assert_null(strpbrk(bare, "#"));
    assert_null(strstr(bare, "--"));
    assert_null(strstr(bare, "/*"));
    assert_true(en->config != NULL || strstr(bare, "||") == NULL);
    if (str_starts(select, "SELECT ")) {
        assert_true(begins_with_one_of(first_columns, select + strlen("SELECT ")));
    }
    check_words(en, bare);
}

static void
test_statements(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENGINES; i++) {
        visit_all(engine_find(engines[i]), check_statement);
    }
}

/* -- clients -- */

/* Every client that a text runs is told first to read no files. */
static void
check_clients(const char *text)
{
    static const char *const needs[] = {
        "HOME=/dev/null/none",  "MYSQL_TEST_LOGIN_FILE=/dev/null/none",
        "unset MYSQL_HOST ",    " LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN",
        "--local-infile=0",     "--binary-mode",
        " LIBMYSQL_PLUGIN_DIR", "--default-character-set=utf8mb4",
    };
    size_t n = 0;

    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        print_message("# %s\n", needs[i]);
        assert_non_null(strstr(text, needs[i]));
    }
    for (const char *at = strstr(text, "mysql "); at != NULL;
         at = strstr(at + 1, "mysql ")) {
        assert_true(str_starts(at, "mysql --no-defaults "));
        n++;
    }
    assert_true(n > 0);
    assert_null(strstr(text, "--password"));
    assert_null(strstr(text, " -p"));
    assert_null(strstr(text, "--defaults"));
}

static void
test_clients(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENGINES; i++) {
        const char *const *argv = engine_find(engines[i])->session.argv;

        print_message("# %s\n", engines[i]);
        assert_string_equal(argv[0], "sh");
        assert_string_equal(argv[1], "-c");
        assert_null(argv[3]);
        check_clients(argv[2]);
    }
    check_clients(engine_find("mysql")->front->ask);
    check_clients(engine_find("mysql")->source->argv[2]);
}

/* What a server's defaults, or its init_connect, could have a conversation begin with. */
static void
test_pins(void **state)
{
    static const char *const pins[] = {
        "NAMES utf8mb4 COLLATE ",
        "sql_mode=0",
        "sql_select_limit=",
        "autocommit=1",
        "completion_type=0",
        "time_zone=SYSTEM",
        "lc_time_names=en_US",
        "lc_messages=en_US",
        "sql_safe_updates=0",
        "sql_big_selects=1",
        "sql_auto_is_null=0",
        "group_concat_max_len=",
        "div_precision_increment=4",
        "lock_wait_timeout=",
        "innodb_lock_wait_timeout=",
        "SESSION wait_timeout=",
        "max_execution_time=0",
        "max_statement_time=0",
        "transaction_isolation=",
        "transaction_read_only=1",
        "information_schema_stats_expiry=0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        print_message("# %s\n", pins[i]);
        assert_non_null(strstr(engine_find("mysql")->session.argv[2], pins[i]));
        assert_non_null(strstr(engine_find("perconaxtradb")->session.argv[2], pins[i]));
    }
    assert_non_null(
        strstr(engine_find("perconaxtradb")->session.argv[2], "wsrep_sync_wait=0"));
}

/* -- for tests on servers -- */

static int printed_for; /* a version */

static void
print_statement(const struct engine *en, const char *id, int since, const char *sql)
{
    if (since <= printed_for && str_starts(sql, "SELECT ") &&
        en->member.handovers != NULL) {
        auto_free char *text = engine_format(sql, "none");

        (void)printf("SELECT 'asked %s';\n%s;\n", id, text);
    }
}

static int
print_for(int argc, char **argv)
{
    const struct engine *en = engine_find(argc > 2 ? argv[2] : "mysql");

    if (str_eq(argv[1], "client")) {
        (void)puts(en->session.argv[2]);
    } else if (str_eq(argv[1], "front")) {
        (void)puts(en->front->ask);
    } else if (str_eq(argv[1], "source")) {
        (void)puts(en->source->argv[2]);
    } else {
        printed_for = engine_version_number(argv[3]);
        visit_all(en, print_statement);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_pins),
    };

    if (argc > 1) {
        return print_for(argc, argv);
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("statements", tests, NULL, NULL);
}
