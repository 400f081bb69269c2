/* The table of flags, and how command lines are parsed by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The commands are no library: their sources are part of this program. */
#include "../../cmd/option_choices.c"
#include "../../cmd/option_kubectl.c"
#include "../../cmd/option_rows.c"
#include "../../cmd/option_values.c"
#include "../../cmd/options.c"

enum { WORDS = 40 };

/* Splits at spaces and parses. "''" stands for an empty word. */
static int
parse(struct options *o, const char *line, char *storage, size_t size, struct err *e)
{
    char *argv[WORDS];
    int argc = 0;

    options_init(o);
    err_clear(e);
    str_copy(storage, size, line);
    for (char *s = storage; *s != '\0';) {
        size_t len = strcspn(s, " ");
        char *next = s[len] != '\0' ? s + len + 1 : s + len;

        s[len] = '\0';
        argv[argc++] = str_eq(s, "''") ? s + 2 : s;
        s = next;
    }
    return options_parse(o, argc, argv, e);
}

#define PARSE(line) parse(&o, line, storage, sizeof storage, &e)

static void
test_table(void **state)
{
    const struct option_row *r = NULL;
    size_t n = 0;

    (void)state;
    for (; (r = option_at(n)) != NULL; n++) {
        assert_ptr_equal(option_find(r->name, strlen(r->name)), r);
        assert_true(r->letter == '\0' || option_find_letter(r->letter) == r);
        assert_true((r->metavar == NULL) == (r->type == OPTION_BOOL));
        assert_true(strlen(r->help) > 8);
        assert_true(r->offset < sizeof(struct options));
        assert_int_not_equal(r->group, 0);
    }
    assert_true(n <= OPTION_ROWS_MAX);
}

/* The words of a metavar are those of the column, and a kind's flags have a kind. */
static void
test_columns(void **state)
{
    const struct option_row *r = NULL;

    (void)state;
    for (size_t i = 0; (r = option_at(i)) != NULL; i++) {
        struct option_choice c;
        char words[128] = "";
        size_t kinds = 0;

        for (size_t n = 0; r->choice != NULL && r->choice(NULL, n, &c); n++) {
            assert_non_null(c.text);
            str_append(words, sizeof words, "%s%s", n > 0 ? "|" : "", c.word);
        }
        if (r->choice != NULL && r->type == OPTION_TEXT &&
            strchr(r->metavar, '|') != NULL) {
            assert_string_equal(words, r->metavar);
        }
        for (size_t k = 0; engine_all[k] != NULL; k++) {
            kinds += option_is_for(r, engine_all[k]) ? 1 : 0;
        }
        assert_true(kinds > 0);
        assert_true(r->is_for == NULL || kinds < 4);
        assert_true(option_is_for(r, NULL));
    }
}

/* The line, with the kind's row; "" where it is taken. */
static void
test_kinds(void **state)
{
    static const struct {
        const char *kind, *line, *text, *hint;
    } rows[] = {
        { "mysql", "--strategy new-set --handover none --skip-check pdb,my.functions", "",
          "" },
        { "postgres", "--pg-upgrade-mode link --exact-counts --no-rehearsal", "", "" },
        { "proxysql", "--drain-timeout 0 --save-runtime-config --skip-check rbac", "",
          "" },
        { "proxysql", "--no-rehearsal", "--no-rehearsal is for mysql and postgres", "" },
        { "mysql", "--reindex", "--reindex is for postgres", "" },
        { "perconaxtradb", "--handover none", "--handover is for mysql and postgres",
          "" },
        { "proxysql", "--max-copy 1Gi",
          "--max-copy is for mysql and perconaxtradb and postgres", "" },
        { "postgres", "--handover trasnfer",
          "--handover: \"trasnfer\" is not one of: none, transfer",
          "did you mean transfer?" },
        { "postgres", "--skip-check rbac,my.functions",
          "--skip-check: \"my.functions\" is not known for postgres",
          "all of them: kubectl dbupgrade checks postgres" },
    };
    struct options o;
    struct err e;
    char storage[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int got = PARSE(rows[i].line);

        assert_int_equal(got, 0);
        got = options_check_kind(&o, engine_find(rows[i].kind), &e);
        assert_int_equal(got, rows[i].text[0] != '\0' ? -1 : 0);
        assert_string_equal(e.msg, rows[i].text);
        assert_non_null(strstr(e.hint, rows[i].hint));
        assert_true(got == 0 || e.code == ERR_USAGE);
        options_free(&o);
    }
}

static void
test_forms(void **state)
{
    static const char *const lines[] = {
        "mysql db --to 8.4.8 -n demo",
        "--to=8.4.8 --namespace=demo mysql db",
        "mysql -ndemo db --to=8.4.8",
        "mysql -n=demo --to 8.4.8 db",
        "-n demo -qy mysql --to 8 db --to 8.4.8",
        "mysql --to 8.4.8 --namespace demo -- db",
    };
    struct options o;
    struct err e;
    char storage[256];

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(PARSE(lines[i]), 0);
        assert_string_equal(o.to, "8.4.8");
        assert_string_equal(o.kube.name_space, "demo");
        assert_int_equal(o.lists.args.n, 2);
        assert_string_equal(o.lists.args.at[0], "mysql");
        assert_string_equal(o.lists.args.at[1], "db");
        assert_null(o.lists.args.at[2]);
        options_free(&o);
    }
}

static void
test_values(void **state)
{
    struct options o;
    struct err e;
    char storage[512];

    (void)state;
    assert_int_equal(
        PARSE("--timeout 90s --pod-timeout=1h30m --max-lag 0 --max-copy 40Gi "
              "--size-tolerance "
              "2.5% -v --dry-run=server --force=false --yes=TRUE "
              "--skip-check a,b --skip-check c --as-group x --as-group y "
              "--as-user-extra k=v --request-timeout 0 -o json"),
        0);
    assert_int_equal(o.limits.timeout_ms, 90000);
    assert_int_equal(o.limits.pod_timeout_ms, 5400000);
    assert_int_equal(o.limits.max_lag, 0);
    assert_int_equal(o.limits.max_copy, 40LL << 30);
    assert_float_equal(o.limits.size_tolerance, 2.5, 0.001);
    assert_int_equal(o.output.verbosity, 1);
    assert_int_equal(o.dry_run, DRY_RUN_SERVER);
    assert_false(o.checks.force);
    assert_true(o.yes);
    assert_int_equal(o.lists.skip_checks.n, 3);
    assert_string_equal(o.lists.skip_checks.at[1], "b");
    assert_string_equal(o.kube.as_groups[1], "y");
    assert_null(o.kube.as_groups[2]);
    assert_string_equal(o.kube.as_extras[0], "k=v");
    assert_string_equal(o.kube.request_timeout, "0");
    assert_string_equal(o.output.format, "json");
    options_free(&o);
    assert_int_equal(PARSE("--max-sst=2Gi"), 0); /* as it was called */
    assert_int_equal(o.limits.max_copy, 2LL << 30);
    options_free(&o);
}

static void
test_defaults(void **state)
{
    struct options o;
    struct err e;
    char storage[64];

    (void)state;
    assert_int_equal(PARSE(""), 0);
    assert_int_equal(o.limits.timeout_ms, 2 * 3600 * 1000);
    assert_int_equal(o.limits.pod_timeout_ms, 15 * 60 * 1000);
    assert_int_equal(o.limits.max_lag, -1);
    assert_int_equal(o.limits.max_copy, -1);
    assert_true(o.limits.size_tolerance < 0);
    assert_int_equal(o.dry_run, DRY_RUN_NONE);
    assert_null(o.kube.as_groups);
    assert_null(option_list_words(&o.lists.skip_checks));
    options_free(&o);
    assert_int_equal(PARSE("--dry-run"), 0);
    assert_int_equal(o.dry_run, DRY_RUN_CLIENT);
    options_free(&o);
    assert_int_equal(PARSE("--dry-run=none -v=3"), 0);
    assert_int_equal(o.dry_run, DRY_RUN_NONE);
    assert_int_equal(o.output.verbosity, 3);
    options_free(&o);
}

/* What follows -- is never a flag, and a single dash is a word. */
static void
test_words(void **state)
{
    struct options o;
    struct err e;
    char storage[64];

    (void)state;
    assert_int_equal(PARSE("a - -- --to -n"), 0);
    assert_int_equal(o.lists.args.n, 4);
    assert_string_equal(o.lists.args.at[1], "-");
    assert_string_equal(o.lists.args.at[2], "--to");
    assert_null(o.to);
    options_free(&o);
}

static void
test_errors(void **state)
{
    static const struct {
        const char *line, *msg, *hint;
    } cases[] = {
        { "--tmieout 3", "unknown flag --tmieout", "did you mean --timeout?\n" },
        { "--contxt=x", "unknown flag --contxt", "did you mean --context?\n" },
        { "--frobnicate", "unknown flag --frobnicate", "" },
        { "-x", "unknown flag -x in -x", "" },
        { "-qx", "unknown flag -x in -qx", "" },
        { "-to 3", "unknown flag -t in -to", "did you mean --to?\n" },
        { "a --to", "--to needs a value: --to VERSION", "" },
        { "a -n", "-n needs a value: -n NAMESPACE", "" },
        { "--to=", "--to: the value is empty", "" },
        { "--to ''", "--to: the value is empty", "" },
        { "--timeout 5x",
          "--timeout: \"5x\" is not a duration (such as 90s, 10m or 1h30m)", "" },
        { "--timeout -5",
          "--timeout: \"-5\" is not a duration (such as 90s, 10m or 1h30m)", "" },
        { "--request-timeout x",
          "--request-timeout: \"x\" is not a duration (such as 90s, 10m or 1h30m)", "" },
        { "--max-lag ten", "--max-lag: \"ten\" is not a non-negative integer", "" },
        { "--max-lag -1", "--max-lag: \"-1\" is not a non-negative integer", "" },
        { "--max-lag 99999999999999999999",
          "--max-lag: \"99999999999999999999\" is not a non-negative integer", "" },
        { "--size-tolerance 101",
          "--size-tolerance: \"101\" is not a percentage from 0 to 100", "" },
        { "--size-tolerance nan",
          "--size-tolerance: \"nan\" is not a percentage from 0 to 100", "" },
        { "--size-tolerance 5%%",
          "--size-tolerance: \"5%%\" is not a percentage from 0 to 100", "" },
        { "--skip-check a,,b", "--skip-check: a name is empty", "" },
        { "--skip-check a,", "--skip-check: a name is empty", "" },
        { "--as-group=", "--as-group: the value is empty", "" },
        { "--dry-run=maybe", "--dry-run: \"maybe\" is not one of client, server, none",
          "" },
        { "--yes=maybe", "--yes: \"maybe\" is neither true nor false", "" },
        { "-v=x", "--v: \"x\" is not a non-negative integer", "" },
    };
    struct options o;
    struct err e;
    char storage[128];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(PARSE(cases[i].line), -1);
        assert_int_equal(e.code, ERR_USAGE);
        assert_string_equal(e.msg, cases[i].msg);
        assert_string_equal(e.hint, cases[i].hint);
        options_free(&o);
    }
}

static void
test_groups(void **state)
{
    struct options o;
    struct err e;
    char storage[128];

    (void)state;
    assert_int_equal(PARSE("--to 8 -n x"), 0);
    assert_int_equal(options_check(&o, OPTIONS_TARGET | OPTIONS_CLUSTER, "mysql", &e), 0);
    assert_int_equal(options_check(&o, OPTIONS_CLUSTER, "versions", &e), -1);
    assert_string_equal(e.msg, "versions does not accept --to");
    options_free(&o);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),  cmocka_unit_test(test_columns),
        cmocka_unit_test(test_kinds),  cmocka_unit_test(test_forms),
        cmocka_unit_test(test_values), cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_words),  cmocka_unit_test(test_errors),
        cmocka_unit_test(test_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
