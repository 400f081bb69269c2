/*
 * A random secret in every template of test/data/redact/templates.tsv, with other lines
 * around it: nothing of it is left. And every line of harmless.txt stays as it is.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/redact.h"
#include "redact_styles.h"
#include "testdata.h"

enum {
    ROUNDS = 12,        /* secrets a template */
    WINDOW = 6,         /* so much of a secret may not be left */
    BORDER = 64 * 1024, /* where the scanner looks up from its work */
    FAR_EVERY = 16,     /* every so many-th template also lies across that */
    NOISE = 3,          /* lines before and after */
    HARMLESS_MIN = 100,
    TEMPLATES_MIN = 200,
};

/* "%S" with a secret in it, "%n" a line's end, "%t" a tab. */
static void
fill(struct buf *out, const char *template, const char *secret)
{
    for (; *template != '\0'; template ++) {
        char plain[2] = { *template, '\0' };
        const char *put = plain;

        if (str_starts(template, "%S")) {
            put = secret;
        } else if (str_starts(template, "%n")) {
            put = "\n";
        } else if (str_starts(template, "%t")) {
            put = "\t";
        }
        template += put != plain;
        assert_int_equal(buf_puts(out, put), 0);
    }
}

/* -- lines of a file -- */

struct lines {
    char *text;
    char **line;
    size_t n;
};

static struct lines
lines_read(const char *path)
{
    struct lines l = { .text = testdata_text(path) };

    for (char *at = l.text; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        char *next = at + len + (at[len] == '\n');

        at[len] = '\0';
        if (len > 0 && *at != '#') {
            l.line = mem_grow(l.line, l.n + 1, sizeof *l.line);
            l.line[l.n++] = at;
        }
        at = next;
    }
    return l;
}

static void
lines_free(struct lines *l)
{
    free(l->line);
    free(l->text);
}

/* -- what is left -- */

static size_t
different(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        n += memchr(text, text[i], i) == NULL;
    }
    return n;
}

/* A piece of the secret that is in the text, and not in what stands around it. */
static const char *
left_of(const char *secret, const char *text, const char *around)
{
    static char piece[WINDOW + 1];

    for (size_t i = 0; i + WINDOW <= strlen(secret); i++) {
        memcpy(piece, secret + i, WINDOW);
        if (different(piece, WINDOW) > 3 && strstr(around, piece) == NULL &&
            strstr(text, piece) != NULL) {
            return piece;
        }
    }
    return NULL;
}

static bool
survives(const struct secret *s, const char *text, const char *got, const char *around)
{
    const char *left = left_of(s->written, got, around);

    left = left != NULL ? left : left_of(s->raw, got, around);
    if (left != NULL && strlen(text) < BORDER) {
        print_error("%s is left:\n%s\n  ->\n%s\n", left, text, got);
    }
    return left != NULL;
}

static bool
check_same(const char *text, const char *want, const char *what)
{
    auto_free char *got = redact_text(text, NULL);

    if (!str_eq(got, want) && strlen(text) < BORDER) {
        print_error("%s:\n%s\n  ->\n%s\n", what, text, got);
    }
    return str_eq(got, want);
}

/* -- secrets -- */

static void
add_noise(struct buf *out, const struct lines *noise, size_t lines, size_t until)
{
    for (size_t i = 0; i < lines || out->len < until; i++) {
        fill(out, noise->line[redact_random(noise->n)], "");
        assert_int_equal(buf_puts(out, "\n"), 0);
    }
}

/* A secret in a template, after so much noise; true: nothing is left of it. */
static bool
try_template(const char *line, const struct lines *noise, size_t before)
{
    const char *template = strchr(line, '\t') + 1;
    auto_secret struct secret s = secret_new(line, (size_t)(template - line - 1));
    auto_buf struct buf text = BUF_LIMIT(BORDER * 2);
    auto_buf struct buf around = BUF_LIMIT(BORDER * 2);
    auto_free char *got = NULL;
    size_t at = 0;

    add_noise(&text, noise, NOISE, before);
    at = text.len;
    fill(&text, template, s.written);
    assert_int_equal(buf_add(&around, buf_text(&text), at), 0);
    fill(&around, template, " ");
    at = text.len;
    assert_int_equal(buf_puts(&text, "\n"), 0);
    add_noise(&text, noise, NOISE, 0);
    assert_int_equal(buf_puts(&around, buf_text(&text) + at), 0);
    got = redact_text(buf_text(&text), NULL);
    return !survives(&s, buf_text(&text), got, buf_text(&around)) &&
           check_same(got, got, "not the same when done again");
}

static void
test_secrets(void **state)
{
    struct lines templates = lines_read("redact/templates.tsv");
    struct lines noise = lines_read("redact/harmless.txt");
    size_t bad = 0;

    (void)state;
    assert_true(templates.n >= TEMPLATES_MIN);
    for (size_t i = 0; i < templates.n; i++) {
        bool good = true;

        for (size_t round = 0; round < ROUNDS && good; round++) {
            good = try_template(templates.line[i], &noise, 0);
        }
        if (!good) {
            print_error("^ template: %s\n", templates.line[i]);
        }
        bad += !good;
    }
    print_message("# %zu of %zu templates let a secret through\n", bad, templates.n);
    assert_int_equal(bad, 0);
    lines_free(&templates);
    lines_free(&noise);
}

/* A secret of which a part lies before the place where the scanner looks up. */
static void
test_border(void **state)
{
    struct lines templates = lines_read("redact/templates.tsv");
    struct lines noise = lines_read("redact/harmless.txt");

    (void)state;
    for (size_t i = 0; i < templates.n; i += FAR_EVERY) {
        size_t before = BORDER - redact_random(160);

        if (!try_template(templates.line[i], &noise, before)) {
            fail_msg("across the border: %s", templates.line[i]);
        }
    }
    lines_free(&templates);
    lines_free(&noise);
}

/* -- what is none -- */

static void
test_harmless(void **state)
{
    struct lines noise = lines_read("redact/harmless.txt");
    auto_buf struct buf all = BUF_LIMIT(BORDER);
    size_t bad = 0;

    (void)state;
    assert_true(noise.n >= HARMLESS_MIN);
    for (size_t i = 0; i < noise.n; i++) {
        auto_buf struct buf text = BUF_LIMIT(BORDER);

        fill(&text, noise.line[i], "");
        bad += !check_same(buf_text(&text), buf_text(&text), "taken out of");
        fill(&all, noise.line[i], "");
        assert_int_equal(buf_puts(&all, "\n"), 0);
    }
    assert_int_equal(bad, 0);
    assert_true(check_same(buf_text(&all), buf_text(&all), "taken out of all"));
    lines_free(&noise);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_border),
        cmocka_unit_test(test_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
