/* What a replica and its source say, through the script that asks them and the program's
 * parser. The client is one that writes as MySQL's does in --batch mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/scope.h"
#include "base/str.h"
#include "engine/engine.h"
#include "engine/replication_source.h"
#include "shell.h"

/* As the client writes them: what would end a line or a value is escaped. */
static const char *const nasties[] = {
    "plain",
    "two  blanks",
    " first and last ",
    "a\\ttab and a line\\nend",
    "\"quotes\" 'and' `more`",
    "back\\\\slash",
    "größe",
    "latin \xe9 one",
    "address 10.0.0.1:1",
    "$(touch /tmp/no) * %s",
};

enum { NASTIES = sizeof nasties / sizeof *nasties };

/* In $D: says what the replica says, then the values of its channel, then fails as a
 * source does that lets nobody in. */
static const char client[] =
    "#!/bin/sh\n"
    "case \"$*\" in\n"
    "*--version*) echo 'mysql  Ver 9.7.4' ;;\n"
    "*\"SELECT 'says'\"*) printf 'says\\t%s\\n' \"$N\" ;;\n"
    "*slave_master_info*) printf '%s\\n' / \"$N\" 3306 user secret 0 0 '' '' '' '' '' '' "
    "'' '' '' 0 '' end ;;\n"
    "*) printf 'ERROR 1045 (28000): %s\\n' \"$N\" >&2; exit 1 ;;\n"
    "esac\n";

static void
ask(const struct shell *shell, const char *nasty, struct source *s)
{
    const struct engine *en = engine_find("mysql");
    auto_free char *said = NULL;

    assert_int_equal(setenv("N", nasty, 1), 0);
    assert_int_equal(setenv("ASK", en->source->argv[2], 1), 0);
    said = shell_run(shell, "PATH=$PWD:$PATH; eval \"$ASK\"");
    source_parse(en, said, s);
}

static void
test_messages(void **state)
{
    struct shell shell;
    auto_free char *path = NULL;
    FILE *file = NULL;

    (void)state;
    assert_int_equal(shell_open(&shell), 0);
    path = shell_path(&shell, "mysql");
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(client, file) >= 0 && fchmod(fileno(file), 0700) == 0 &&
                fclose(file) == 0);
    for (size_t i = 0; i < NASTIES; i++) {
        scope_cleanup(source_clear) struct source s = { 0 };
        char wanted[320];

        print_message("# %s\n", nasties[i]);
        ask(&shell, nasties[i], &s);
        assert_string_equal(s.says, nasties[i]);
        (void)snprintf(wanted, sizeof wanted, "%s:3306", nasties[i]);
        assert_string_equal(s.address, wanted);
        (void)snprintf(wanted, sizeof wanted, "ERROR 1045 (28000): %s", nasties[i]);
        assert_string_equal(s.trouble, wanted);
        assert_false(s.away);
    }
    shell_close(&shell);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
