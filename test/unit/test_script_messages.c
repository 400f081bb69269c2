/* Every message of the script of a major upgrade, with all that others may have written
 * in it, through the script's own functions and the program's parser. */
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
#include "engine/postgres.h"
#include "engine/postgres_major.h"
#include "shell.h"

/* What others write, and how it is shown. */
static const struct {
    const char *text, *shown;
} nasties[] = {
    { "plain", "plain" },
    { "two  blanks", "two  blanks" },
    { "a\ttab", "a tab" },
    { "\"quotes\" 'and' `more`", "\"quotes\" 'and' `more`" },
    { "back\\slash\\n", "back\\slash\\n" },
    { "größe 大きさ", "größe 大きさ" },
    { "latin \xe9 one", "latin ? one" },
    { "control\x01\x1b[31m", "control  [31m" },
    { "", "" },
    { "two\nlines", "two; lines" },
    { "indented:\n    lines\n  \n\tmore", "indented: lines; more" },
    { "error\tx\njob_error\t\"y\"", "error x; job_error \"y\"" },
    { "$(touch /tmp/no) $HOME %s %d", "$(touch /tmp/no) $HOME %s %d" },
    { "#END", "#END" },
    { "-n -e", "-n -e" },
};

enum { NASTIES = sizeof nasties / sizeof *nasties, MESSAGES_MAX = 120 };

/* A message: as a shell reads it, with $N for whatever is put in, and in pieces of its
 * own text, which something is put between. */
struct message {
    char shell[1024];
    char pieces[8][400];
    size_t n;
};

/* -- the messages -- */

/* What follows an expansion, which begins with "$". */
static const char *
skip_expansion(const char *at)
{
    unsigned depth = 0;

    at++;
    if (*at != '(' && *at != '{') {
        return *at == '*' || *at == '?' || (*at >= '0' && *at <= '9')
                   ? at + 1
                   : at + strspn(at,
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "_0123456789");
    }
    do {
        depth += *at == '(' || *at == '{' ? 1U : 0U;
        depth -= *at == ')' || *at == '}' ? 1U : 0U;
        at++;
    } while (depth > 0 && *at != '\0');
    return at;
}

static void
add_piece(struct message *m, char c)
{
    const char text[] = { c, '\0' };

    str_append(m->pieces[m->n], sizeof m->pieces[m->n], "%s", text);
}

/* A word in double quotes, from the first one on. Returns what follows. */
static const char *
read_word(const char *at, struct message *m)
{
    for (at++; *at != '"' && *at != '\0';) {
        if (*at == '$') {
            at = skip_expansion(at);
            m->n++;
            assert_true(m->n < sizeof m->pieces / sizeof *m->pieces);
            str_append(m->shell, sizeof m->shell, "$N");
        } else {
            if (*at == '\\') {
                str_append(m->shell, sizeof m->shell, "\\");
                at++;
            }
            add_piece(m, *at);
            str_append(m->shell, sizeof m->shell, "%c", *at++);
        }
    }
    return at + 1;
}

/* All words that a command is given, from the first quote on. */
static void
read_message(const char *at, struct message *m)
{
    size_t gap = 0;

    *m = (struct message){ 0 };
    do {
        if (gap > 0) {
            add_piece(m, ' ');
            str_append(m->shell, sizeof m->shell, " ");
        }
        at = read_word(at, m);
        gap = strspn(at, " \t\\\n");
        at += gap;
    } while (*at == '"' && gap > 0);
}

/* Those that fail() is given; returns how many. */
static size_t
read_messages(struct message *out)
{
    static const char call[] = "fail \"";
    size_t n = 0;

    for (const char *at = engine_postgres_major; (at = strstr(at, call)) != NULL;
         at += strlen(call)) {
        assert_true(n < MESSAGES_MAX);
        read_message(at + strlen(call) - 1, &out[n++]);
    }
    return n;
}

/* -- running them -- */

/* The script's functions, without what it does. */
static char *
functions(void)
{
    const char *begin = strchr(engine_postgres_major, '\n'); /* of its text's quotation */
    const char *end = strstr(engine_postgres_major, "\nset -eu\n");

    assert_true(begin != NULL && end > begin);
    return mem_strndup(begin, (size_t)(end - begin) + 1);
}

/* What a shell prints for a script, with something in N. */
static char *
run(const char *script, const char *nasty)
{
    struct shell shell;
    auto_free char *path = NULL;
    char *said = NULL;
    FILE *file = NULL;

    assert_int_equal(shell_open(&shell), 0);
    path = shell_path(&shell, "script");
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(script, file) >= 0 && fclose(file) == 0);
    assert_int_equal(setenv("N", nasty, 1), 0);
    said = shell_run(&shell, "LC_ALL=C sh ./script");
    shell_close(&shell);
    return said;
}

static char *
script_of(const struct message *messages, size_t n)
{
    auto_buf struct buf text = BUF_LIMIT(1 << 20);
    auto_free char *own = functions();

    assert_int_equal(buf_puts(&text, own), 0);
    for (size_t i = 0; i < n; i++) {
        assert_true(buf_printf(&text, "told error \"%s\"\n", messages[i].shell) >= 0);
    }
    return buf_take(&text);
}

static void
expect(const struct message *m, const char *shown, char *out, size_t size)
{
    str_copy(out, size, "");
    for (size_t i = 0; i <= m->n; i++) {
        str_append(out, size, "%s%s", i > 0 ? shown : "", m->pieces[i]);
    }
}

/* Every line is one message, and arrives as it was written. */
static void
check_lines(const char *said, const struct message *messages, size_t n, const char *shown)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(said, "\n");
        auto_free char *line = mem_strndup(said, len);
        auto_free char *error = pg_error(line);
        char wanted[4096];

        expect(&messages[i], shown, wanted, sizeof wanted);
        assert_int_equal(said[len], '\n');
        assert_non_null(error);
        if (!str_eq(error, wanted)) {
            print_message("message %zu: %s\n", i, messages[i].shell);
            assert_string_equal(error, wanted);
        }
        said += len + 1;
    }
    assert_string_equal(said, "");
}

static void
test_messages(void **state)
{
    auto_free struct message *messages = mem_alloc(MESSAGES_MAX * sizeof *messages);
    size_t n = read_messages(messages);
    auto_free char *script = script_of(messages, n);

    (void)state;
    assert_true(n > 40);
    for (size_t i = 0; i < NASTIES; i++) {
        auto_free char *said = NULL;

        print_message("# %s\n", nasties[i].shown);
        said = run(script, nasties[i].text);
        check_lines(said, messages, n, nasties[i].shown);
    }
}

/* What is longer than a message may be ends with a mark, after a whole character. */
static void
test_cut(void **state)
{
    auto_buf struct buf text = BUF_LIMIT(8192);
    auto_free char *own = functions();
    auto_free char *script = mem_printf("%stold error \"$N\"\n", own);

    (void)state;
    while (text.len < 4000) {
        assert_int_equal(buf_puts(&text, "größe "), 0);
    }
    for (size_t shift = 0; shift < 8; shift++) {
        auto_free char *said = run(script, buf_text(&text) + shift * 8);
        auto_free char *error = NULL;

        said[strcspn(said, "\n")] = '\0';
        error = pg_error(said);
        assert_non_null(error);
        assert_true(strlen(error) > 1000);
        assert_string_equal(error + strlen(error) - 4, " ...");
        assert_null(strchr(error, '?'));
        assert_int_equal(strncmp(error, buf_text(&text) + shift * 8, 1000), 0);
    }
}

/* Rows of several texts: none runs into the next. */
static void
test_rows(void **state)
{
    auto_free char *own = functions();
    auto_free char *script = mem_printf(
        "%sprintf 'extension_error\\t[%%s, %%s, %%s]\\n' \"$(printf %%s \"$N\" "
        "| json)\" '\"b\"' \"$(printf %%s \"$N\" | json)\"\n",
        own);

    (void)state;
    for (size_t i = 0; i < NASTIES; i++) {
        auto_free char *said = run(script, nasties[i].text);
        const char *at = said;
        struct pg_row row;

        assert_true(pg_row_next(&at, &row));
        assert_string_equal(row.key, "extension_error");
        assert_string_equal(row.fields[0], nasties[i].shown);
        assert_string_equal(row.fields[1], "b");
        assert_string_equal(row.fields[2], nasties[i].shown);
        assert_false(pg_row_next(&at, &row));
    }
}

/* Whether a program failed is not told from what it says. */
static void
test_status(void **state)
{
    static const char dump[] = "BIN=$(mktemp -d) TAB=$(printf '\\t') DBUPGRADE_JOB=\n"
                               "printf '#!/bin/sh\\nprintf \"%%%%s\\\\n\" \"$N\" >&2; "
                               "echo archive; exit %s\\n' >$BIN/pg_dump\n"
                               "chmod 755 $BIN/pg_dump; exec 3>&1\n"
                               "(dump_schema 'dbname=x'); rm -r \"$BIN\"\n";
    static const char *const says[] = { "it failed", "1", "0", "failed", "two\nfailed" };
    auto_free char *own = functions();

    (void)state;
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        auto_free char *well = mem_printf(dump, "0");
        auto_free char *ill = mem_printf(dump, "1");
        auto_free char *good = mem_printf("%s%s", own, well);
        auto_free char *bad = mem_printf("%s%s", own, ill);
        auto_free char *said = run(good, says[i]);
        auto_free char *failed = run(bad, says[i]);
        auto_free char *none = pg_error(said);
        auto_free char *error = pg_error(failed);

        print_message("# %s\n", says[i]);
        assert_string_equal(said, "archive\tYXJjaGl2ZQo=\n");
        assert_null(none);
        assert_non_null(error);
        assert_string_equal(error, i == 4 ? "two; failed" : says[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
