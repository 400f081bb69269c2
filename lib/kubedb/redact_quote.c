/* Quoted texts: of SQL, JSON (in JSON), shells, with dollars. */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"
#include "kubedb/redact_value.h"

static const char redact_marks[] = "'\"`";

static bool
redact_is_mark(char c)
{
    return c != '\0' && strchr(redact_marks, c) != NULL;
}

static bool
redact_is_slash(char c)
{
    return c == '\\';
}

struct redact_quote
redact_quote_at(struct redact_scan *s, size_t i)
{
    size_t n = redact_run(s, i, redact_is_slash, REDACT_SLASHES_MAX);

    if (!redact_is_mark(redact_char(s, i + n))) {
        return (struct redact_quote){ 0 };
    }
    return (struct redact_quote){ .mark = s->text[i + n], .len = n + 1 };
}

struct redact_quote
redact_quote_before(struct redact_scan *s, size_t i)
{
    struct redact_quote q = { 0 };

    if (i > 0 && redact_is_mark(s->text[i - 1])) {
        q = (struct redact_quote){ .mark = s->text[i - 1], .len = 1 };
        while (q.len < i && q.len <= REDACT_SLASHES_MAX &&
               s->text[i - 1 - q.len] == '\\') {
            q.len++;
        }
        s->steps += q.len;
    }
    return q;
}

bool
redact_same_quote(struct redact_quote a, struct redact_quote b)
{
    return a.mark == b.mark && a.len == b.len;
}

bool
redact_is_end(char c)
{
    return c == '\0' || redact_is_space(c) || strchr(",;:)]}>\\", c) != NULL;
}

/* -- the end of a quoted text -- */

/* Where a quoted text is looked for its end. */
struct redact_quoted {
    struct redact_quote quote;
    size_t end; /* of what is in it; SIZE_MAX: not found */
    bool doubt; /* a quote was passed that may have been its end */
};

bool
redact_is_level(size_t slashes, struct redact_quote q)
{
    return slashes % (2 * q.len) == q.len - 1;
}

/* Looks up to a place; from the opening on. */
static void
redact_find_end(struct redact_scan *s, size_t i, size_t to, struct redact_quoted *t)
{
    size_t slashes = 0;

    for (; i < to && t->end == SIZE_MAX; i++) {
        char c = s->text[i];

        s->steps++;
        if (c == t->quote.mark && redact_is_level(slashes, t->quote)) {
            bool twice = redact_same_quote(redact_quote_at(s, i + 1), t->quote);

            if (twice != t->quote.pair) {
                i += t->quote.len;
                t->doubt = t->doubt || (twice && redact_is_end(redact_char(s, i + 1)));
            } else {
                t->end = i + 1 - t->quote.len;
            }
        } else if (c == t->quote.mark && t->quote.len == 1 &&
                   (redact_is_end(redact_char(s, i + 1)) || redact_char(s, i + 1) == c)) {
            t->doubt = true;
        }
        slashes = c == '\\' ? slashes + 1 : 0;
    }
}

/* $tag$: its length; 0: it is none. */
static size_t
redact_dollar(struct redact_scan *s, size_t i)
{
    size_t n = 0;

    if (redact_char(s, i) != '$' || isdigit((unsigned char)redact_char(s, i + 1))) {
        return 0;
    }
    n = redact_run(s, i + 1, redact_is_word, REDACT_NAME_MAX);
    return redact_char(s, i + 1 + n) == '$' ? n + 2 : 0;
}

static size_t
redact_dollar_end(struct redact_scan *s, size_t i, size_t len, size_t to)
{
    for (size_t at = i + len; at + len <= to; at++) {
        s->steps++;
        if (s->text[at] == '$' && memcmp(s->text + at, s->text + i, len) == 0) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* In its line, whatever that takes; behind it only near. */
static size_t
redact_near(struct redact_scan *s, size_t line)
{
    return line + REDACT_FAR < s->len ? line + REDACT_FAR : s->len;
}

static struct redact_value
redact_value_dollar(struct redact_scan *s, size_t i)
{
    size_t len = redact_dollar(s, i);
    size_t line = redact_line_end(s, i);
    size_t end = redact_dollar_end(s, i, len, redact_near(s, line));

    if (end == SIZE_MAX) {
        return (struct redact_value){ .keep = len, .len = line - i - len };
    }
    return (struct redact_value){ .keep = len, .len = end - i - len, .close = len };
}

/* -- glue -- */

/* What goes on behind a quoted text: 'a'\''b', 'a'"'"'b', 'a'b, or in SQL 'a' 'b'. */
static bool
redact_is_glued(struct redact_scan *s, size_t i, char mark)
{
    char c = redact_char(s, i);
    size_t next = 0;

    if (redact_is_word(c) ||
        (mark == '\'' && (redact_says(s, i, "\\'") || redact_says(s, i, "\"'\"")))) {
        return true;
    }
    next = redact_skip_blanks(s, i);
    return mark == '\'' && next > i && redact_char(s, next) == '\'';
}

/* Behind what is glued to a text in single quotes that ended at i. */
static size_t
redact_glue(struct redact_scan *s, size_t i, char mark)
{
    size_t line = redact_line_end(s, i);

    while (i < line && redact_is_glued(s, i, mark)) {
        struct redact_quoted t = { .quote = { .mark = mark, .len = 1 }, .end = SIZE_MAX };

        if (redact_says(s, i, "\\'")) {
            i += 2;
        } else if (redact_says(s, i, "\"'\"")) {
            i += 3;
        } else {
            i = redact_skip_blanks(s, i);
            i += redact_run(s, i, redact_is_word, s->len);
        }
        if (redact_char(s, i) == mark) {
            redact_find_end(s, i + 1, line, &t);
            i = t.end == SIZE_MAX ? line : t.end + 1;
        }
    }
    return i;
}

/* '' inside of '...': the value is quoted in a text that is quoted itself. */
static struct redact_quote
redact_opening(struct redact_scan *s, size_t i)
{
    struct redact_quote q = redact_quote_at(s, i);

    if (q.len == 1 && q.mark == '\'' && redact_char(s, i + 1) == '\'' &&
        redact_char(s, i + 2) != '\'' && !redact_is_end(redact_char(s, i + 2))) {
        q.pair = true;
    }
    return q;
}

/* What was taken out before. */
static struct redact_value
redact_value_marked(struct redact_scan *s, size_t i, size_t keep, struct redact_quote q)
{
    size_t len = strlen(REDACT_MARK);
    bool closed = redact_same_quote(redact_quote_at(s, i + keep + len), q);

    return (struct redact_value){ .keep = keep, .len = len, .close = closed ? q.len : 0 };
}

struct redact_value
redact_value_quoted(struct redact_scan *s, size_t i)
{
    int prefix = redact_literal_prefix(s, i);
    size_t from = i + (size_t)(prefix > 0 ? prefix : 0);
    struct redact_quoted t = { .quote = redact_opening(s, from), .end = SIZE_MAX };
    size_t keep = from - i + t.quote.len + t.quote.pair;
    size_t line = 0;
    size_t glued = 0;

    if (t.quote.mark == '\0') {
        return redact_value_dollar(s, i);
    }
    line = redact_line_end(s, i + keep);
    if (redact_says(s, i + keep, REDACT_MARK)) { /* its end may have been taken out */
        return redact_value_marked(s, i, keep, t.quote);
    }
    redact_find_end(s, i + keep, line, &t);
    if (t.end == SIZE_MAX && !t.quote.pair && !t.doubt) {
        redact_find_end(s, line, redact_near(s, line), &t);
    }
    if (t.end == SIZE_MAX || (t.doubt && t.end < line && t.quote.mark == '\'')) {
        return (struct redact_value){ .keep = keep, .len = line - i - keep };
    }
    glued = t.end + t.quote.len + t.quote.pair;
    if (t.quote.len == 1 && !t.quote.pair) {
        size_t more = redact_glue(s, glued, t.quote.mark);

        if (more > glued) {
            return (struct redact_value){ .keep = keep, .len = more - i - keep };
        }
    }
    return (struct redact_value){ .keep = keep,
                                  .len = t.end - i - keep,
                                  .close = glued - t.end };
}

int
redact_literal_prefix(struct redact_scan *s, size_t i)
{
    static const char *const prefixes[] = { "E'", "N'", "X'", "B'", "U&'", "U&\"" };

    if (redact_quote_at(s, i).mark != '\0' || redact_dollar(s, i) > 0) {
        return 0;
    }
    for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; k++) {
        if (redact_says(s, i, prefixes[k])) {
            return (int)strlen(prefixes[k]) - 1;
        }
    }
    return -1;
}
