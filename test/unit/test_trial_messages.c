/* What is asked of a server that looks at a configuration arrives whole through the
 * script, and so does what it says, through the program's judge. */
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
#include "engine/mysql_trial.h"
#include "shell.h"

static const char *const nasties[] = {
    "plain",
    "two  blanks",
    " first and last ",
    "a\ttab",
    "\"quotes\" 'and' `more`",
    "back\\slash\\n",
    "größe",
    "latin \xe9 one",
    "$(touch /tmp/no) $HOME * %s",
    "[not a] part of the server",
    "option --x",
    "end",
    "-n -e",
};

enum { NASTIES = sizeof nasties / sizeof *nasties };

/* The script, with its volume in a folder and a server that says what it is given. */
static char *
script_in(const char *folder)
{
    static const char volume[] = "/var/pv";
    auto_buf struct buf text = BUF_LIMIT(64 * 1024);
    const char *at = engine_mysql_trial;

    assert_true(
        buf_printf(&text,
                   "mkdir -p %s; printf '#!/bin/sh\\nfor a; do printf \"<%%%%s>"
                   "\\\\n\" \"$a\" >&2; done\\n' >%s/mysqld; chmod 755 %s/mysqld\n"
                   "PATH=%s:$PATH\n",
                   folder, folder, folder, folder) >= 0);
    for (const char *next = NULL; (next = strstr(at, volume)) != NULL;
         at = next + strlen(volume)) {
        assert_int_equal(buf_add(&text, at, (size_t)(next - at)), 0);
        assert_int_equal(buf_puts(&text, folder), 0);
    }
    assert_int_equal(buf_puts(&text, at), 0);
    return buf_take(&text);
}

static void
write_file(const struct shell *shell, const char *name, const char *text)
{
    auto_free char *path = shell_path(shell, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

static void
test_options(void **state)
{
    struct shell shell;
    auto_free char *script = NULL;
    auto_free char *said = NULL;
    auto_buf struct buf lines = BUF_LIMIT(64 * 1024);

    (void)state;
    assert_int_equal(shell_open(&shell), 0);
    script = script_in(shell.dir);
    write_file(&shell, "script", script);
    for (size_t i = 0; i < NASTIES; i++) {
        assert_true(buf_printf(&lines, "option %s\n", nasties[i]) >= 0);
    }
    assert_int_equal(buf_puts(&lines, "end\noption --after-the-end\n"), 0);
    write_file(&shell, "lines", buf_text(&lines));
    said = shell_run(&shell, "sh ./script --look <lines");
    shell_close(&shell);
    for (size_t i = 0; i < NASTIES; i++) {
        auto_free char *option = mem_printf("<%s>\n", nasties[i]);

        print_message("# %s\n", nasties[i]);
        assert_non_null(strstr(said, option));
    }
    assert_null(strstr(said, "after-the-end"));
}

static void
test_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < NASTIES; i++) {
        static const char *const forms[] = {
            "2026-12-01T00:00:00Z 0 [ERROR] [MY-000067] [Server] %s\n"
            "2026-12-01T00:00:00Z 0 [ERROR] [MY-010119] [Server] Aborting\n",
            "2026-12-01T00:00:00Z 0 [ERROR] %s\r\n[ERROR] Aborting\r\n",
        };

        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
            auto_buf struct buf said = BUF_LIMIT(4096);
            const char *hole = strstr(forms[k], "%s");
            char text[300];

            assert_int_equal(buf_add(&said, forms[k], (size_t)(hole - forms[k])), 0);
            assert_int_equal(buf_puts(&said, nasties[i]), 0);
            assert_int_equal(buf_puts(&said, hole + 2), 0);
            assert_int_equal(mysql_trial.judge(1, buf_text(&said), text, sizeof text),
                             TRIAL_REFUSED);
            assert_string_equal(text, nasties[i]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
