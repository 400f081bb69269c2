/* What a server that looked at a configuration said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/trial.h"

#define AT "2026-11-22T00:18:47.849671Z 0 "

/* As servers 5.7.22, 8.0.15 and 9.7.4 say it. */
static const struct trial_case {
    int code;
    const char *said;
    enum trial_verdict verdict;
    const char *text;
} cases[] = {
    { 0, "", TRIAL_TAKEN, "" },
    { 0, AT "[Warning] [MY-011070] [Server] 'x' is deprecated.\n", TRIAL_TAKEN, "" },
    { 1,
      AT "[ERROR] [MY-000067] [Server] unknown variable 'no_such=secret'.\n" AT
         "[ERROR] [MY-010119] [Server] Aborting\n",
      TRIAL_REFUSED, "unknown variable 'no_such'" },
    { 1, AT "[ERROR] unknown variable 'no_such=secret'\n" AT "[ERROR] Aborting\n\n",
      TRIAL_REFUSED, "unknown variable 'no_such'" },
    { 1,
      AT "[ERROR] [MY-000077] [Server] /usr/sbin/mysqld: Error while setting value "
         "'NO_AUTO_CREATE_USER' to 'sql_mode'.\n" AT
         "[ERROR] [MY-010119] [Server] Aborting\n",
      TRIAL_REFUSED, "Error while setting value 'NO_AUTO_CREATE_USER' to 'sql_mode'." },
    { 1, AT "[ERROR] [MY-000068] [Server] unknown option '--no.such'.\n", TRIAL_REFUSED,
      "unknown option '--no.such'." },
    { 1,
      "mysqld: Can't get stat of '/x' (OS errno 2)\n" AT
      "[ERROR] [MY-010119] [Server] Aborting\n",
      TRIAL_REFUSED, "mysqld: Can't get stat of '/x' (OS errno 2)" },
    { 1,
      AT "[ERROR] [MY-000067] [Server] unknown variable 'validate_password.policy=1'.\n",
      TRIAL_UNSURE,
      "unknown variable 'validate_password.policy', which may belong to a component; "
      "none is loaded there" },
    { 0,
      AT
      "[ERROR] [MY-013180] [Server] Function 'group_replication' already exists.\n" AT
      "[ERROR] [MY-010736] [Server] Couldn't load plugin named 'group_replication' with "
      "soname 'group_replication.so'.\n",
      TRIAL_TAKEN, "" },
    { 0,
      AT
      "[ERROR] [MY-010901] [Server] Can't open shared library '/p/keyring_file.so'.\n" AT
      "[ERROR] [MY-010736] [Server] Couldn't load plugin named 'keyring_file.so' with "
      "soname 'keyring_file.so'.\n",
      TRIAL_TAKEN_BUT, "Can't open shared library '/p/keyring_file.so'." },
    { 127, "sh: mysqld: not found\n", TRIAL_UNSURE,
      "sh: mysqld: not found: its server cannot be run there (status 127)" },
    { 139, "", TRIAL_UNSURE, "its server cannot be run there (status 139)" },
    { 126, "x\n", TRIAL_UNSURE, "x: its server cannot be run there (status 126)" },
    { 125, "x\n", TRIAL_REFUSED, "x" },
    { 1, "\n\n", TRIAL_UNSURE, "its server cannot be run there (status 1)" },
    /* the last line of those that are no error, without its end */
    { 1, "x\r\ny\r\n\n", TRIAL_REFUSED, "y" },
    { 1, "x unknown variable 'a=secret'", TRIAL_REFUSED, "x unknown variable 'a'" },
    { 1, AT "[ERROR] [MY-1] [Server] x\r\ny", TRIAL_REFUSED, "x" },
    { 1, "x\n" AT "[ERROR] [MY-1] [Server] Aborting\n", TRIAL_REFUSED, "x" },
    { 1, AT "[ERROR] [no end\n", TRIAL_REFUSED, "[no end" },
    { 1, AT "[ERROR] /usr/sbin/other: x\n", TRIAL_REFUSED, "/usr/sbin/other: x" },
    { 1, AT "[ERROR] mysqld: x\n", TRIAL_REFUSED, "mysqld: x" },
    { 1, AT "[ERROR] Function 'x' is odd\n", TRIAL_REFUSED, "Function 'x' is odd" },
    { 1, AT "[ERROR] x already exists\n", TRIAL_REFUSED, "x already exists" },
    { 1, AT "[ERROR] x\n" AT "[ERROR] y\n", TRIAL_REFUSED, "x" },
    { 1, AT "[ERROR] unknown variable 'a'. b\n", TRIAL_REFUSED,
      "unknown variable 'a'. b" },
    { 1, AT "[ERROR] x unknown variable 'a.b'\n", TRIAL_REFUSED,
      "x unknown variable 'a.b'" },
    { 0, "x\n", TRIAL_TAKEN, "" },
};

static void
test_judge(void **state)
{
    const struct engine_trial *t = engine_find("mysql")->trial;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300];

        assert_int_equal(t->judge(cases[i].code, cases[i].said, text, sizeof text),
                         cases[i].verdict);
        assert_string_equal(text, cases[i].text);
    }
}

/* --verbose --help of 8.0 takes settings that the server does not know. */
static void
test_options(void **state)
{
    const struct engine_sql *rows = engine_find("mysql")->trial->options;

    (void)state;
    assert_string_equal(engine_sql_for(rows, 50744), "--verbose --help");
    assert_string_equal(engine_sql_for(rows, 80015), "");
    assert_string_equal(engine_sql_for(rows, 80016),
                        "--log-error=stderr --validate-config");
    assert_null(engine_sql_for(rows, 50651));
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_judge),
                                        cmocka_unit_test(test_options) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
