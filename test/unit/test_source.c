/* What the server says that a remote replica follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/replication_source.h"

#define ID "8a94f357-aab4-11df-86ab-c80aa9429562"

static void
test_count(void **state)
{
    static const struct {
        const char *set;
        long long n;
    } rows[] = {
        { "", 0 },
        { ID ":1", 1 },
        { ID ":1-5", 5 },
        { ID ":1-5:7", 6 },
        { ID ":1-5:7," ID ":3-4", 8 },
        { ID ":1-5,\n" ID ":3\n", 6 },
        { ID ":1-5\n", 5 },
        { ID ":1-2:backup:1-3:9", 6 }, /* a tag */
        { ID ":7-3", 0 },
        { ID ":", 0 },
        { ID ":1-x:2", 1 },
        { ":::,,,", 0 },
        { "no set at all", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(source_count(rows[i].set), rows[i].n);
    }
}

static void
parse(const char *out, struct source *s)
{
    source_parse(engine_find("mysql"), out, s);
}

static void
test_parse(void **state)
{
    struct source s = { 0 };

    (void)state;
    parse("says\t\naddress\tdb.other.svc:3306\nmysql: [Warning] unknown option\n"
          "version\t9.7.4\nposition\t" ID ":1-9\n",
          &s);
    assert_string_equal(s.address, "db.other.svc:3306");
    assert_string_equal(s.version, "9.7.4");
    assert_string_equal(s.position, ID ":1-9");
    assert_string_equal(s.says, "");
    assert_string_equal(s.trouble, "");
    assert_false(s.away);

    parse("says\tError connecting\naddress\t10.0.0.9:3306\n"
          "ERROR 2003 (HY000): Can't connect to MySQL server (111)\nmore\n",
          &s);
    assert_string_equal(s.says, "Error connecting");
    assert_string_equal(s.trouble,
                        "ERROR 2003 (HY000): Can't connect to MySQL server (111)");
    assert_null(s.position);
    assert_true(s.away);

    parse("says\t\naddress\t10.0.0.9:3306\nERROR 1045 (28000): Access denied\n", &s);
    assert_string_equal(s.trouble, "ERROR 1045 (28000): Access denied");
    assert_false(s.away);

    parse("says\t\naddress\t10.0.0.9:3306\nversion\t9.7.4\n", &s);
    assert_string_equal(s.trouble, "it reported nothing");
    parse("", &s);
    assert_string_equal(s.trouble, "the replica does not report its source");
    source_clear(&s);
}

static void
test_refusal(void **state)
{
    static const struct {
        const char *source, *to;
        bool may;
    } rows[] = {
        { "8.4.7", "8.4.8", true },   { "8.0.36", "8.4.8", true },
        { "5.7.44", "8.0.40", true }, { "8.4.8", "8.4.7", true },
        { "9.7.4", "9.7.2", true },   { "8.0.40", "8.0.36", false },
        { "9.7.4", "8.4.8", false },  { "5.7.44", "8.4.8", false },
        { "8.0.36", "9.7.4", false }, { "8.4.8-8.1", "8.4.8", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why =
            source_refusal(engine_find("mysql"), rows[i].source, rows[i].to);

        assert_int_equal(why == NULL, rows[i].may);
    }
}

/* What is in the URL of the command is in the API server's log. */
static void
test_argv(void **state)
{
    const struct engine_source *s = engine_find("mysql")->source;

    (void)state;
    assert_null(engine_find("postgres")->source);
    assert_string_equal(s->argv[0], "sh");
    assert_null(s->argv[3]);
    assert_non_null(strstr(s->argv[2], "MYSQL_PWD=\"$MYSQL_ROOT_PASSWORD\""));
    assert_null(strstr(s->argv[2], "--password"));
    assert_null(strstr(s->argv[2], " -p"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_refusal),
        cmocka_unit_test(test_argv),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
