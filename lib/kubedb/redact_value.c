/* Values that are not quoted, or not as a whole. */
#include "kubedb/redact_value.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"

static const char *const redact_harmless[] = {
    "YES",   "NO",     "ON",   "OFF",      "true", "false", "null",   "nil", "none", "~",
    "<nil>", "<none>", "NULL", "<secret>", "",     "***",   "RANDOM", "{}",  "[]",
};

static bool
redact_is_listed(const char *value, size_t len)
{
    for (size_t i = 0; i < sizeof redact_harmless / sizeof *redact_harmless; i++) {
        if (strlen(redact_harmless[i]) == len &&
            strncasecmp(value, redact_harmless[i], len) == 0) {
            return true;
        }
    }
    return false;
}

bool
redact_is_harmless(const char *value, size_t len)
{
    static const char *const begins[] = { "<set to the key", "YES)", "NO)" };
    size_t mark = strlen(REDACT_MARK);

    if (len >= mark && memcmp(value, REDACT_MARK, mark) == 0 &&
        (len == mark || !redact_is_word(value[mark]))) {
        return true;
    }
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t n = strlen(begins[i]);

        if (len >= n && memcmp(value, begins[i], n) == 0) {
            return true;
        }
    }
    /* As it is, and without what ends the sentence or list that it is in. */
    while (!redact_is_listed(value, len)) {
        if (len < 2 || strchr(").,;]}", value[len - 1]) == NULL) {
            return false;
        }
        len--;
    }
    return true;
}

/* $NAME, ${NAME}, $(NAME): in capitals, as variables are; and {{ templates }}. */
bool
redact_is_reference(const char *value, size_t len)
{
    size_t i = 1;

    if (len > 4 && strncmp(value, "{{", 2) == 0 &&
        strncmp(value + len - 2, "}}", 2) == 0) {
        return true;
    }
    if (len < 2 || value[0] != '$') {
        return false;
    }
    if ((value[1] == '{' && value[len - 1] == '}') ||
        (value[1] == '(' && value[len - 1] == ')')) {
        i++;
        len--;
    }
    while (i < len && (isupper((unsigned char)value[i]) || value[i] == '_' ||
                       (i > 2 && isdigit((unsigned char)value[i])))) {
        i++;
    }
    return i == len;
}

size_t
redact_take_value(struct redact_scan *s, size_t i, struct redact_value v)
{
    if (v.len == 0 || redact_is_harmless(s->text + i + v.keep, v.len)) {
        return 0;
    }
    return redact_take(s, i + v.keep - s->at, v.len, v.close);
}

/* -- words -- */

/* Whether what is behind a quote says that it ends what the word stands in. */
static bool
redact_is_outer(struct redact_scan *s, size_t i)
{
    char c = redact_char(s, i);

    if (c != '\\') {
        return redact_is_end(c);
    }
    return redact_quote_at(s, i).mark != '\0' || redact_says(s, i, "\\n") ||
           redact_says(s, i, "\\r");
}

/* Where a quote in a word takes it: behind its other end, or to the end of the line. One
 * that ends what the word stands in ends the word: i stays. */
static size_t
redact_through_quote(struct redact_scan *s, size_t i)
{
    struct redact_quote q = redact_quote_at(s, i);
    size_t line = redact_line_end(s, i);
    bool glued = q.mark == '\'' && i > 1 && redact_says(s, i - 2, "\\'"); /* 'a'\''b' */

    if (!glued && redact_is_outer(s, i + q.len)) {
        return i;
    }
    for (size_t at = i + q.len; at < line; at++) {
        s->steps++;
        if (s->text[at] == q.mark &&
            redact_is_level(redact_quote_before(s, at + 1).len - 1, q)) {
            return at + 1;
        }
    }
    return line;
}

struct redact_value
redact_value_word(struct redact_scan *s, size_t i, const char *stops)
{
    size_t line = redact_line_end(s, i);
    size_t at = i;

    while (at < line && !redact_is_blank(s->text[at]) &&
           strchr(stops, s->text[at]) == NULL) {
        struct redact_quote q = redact_quote_at(s, at);
        size_t was = at;

        s->steps++;
        if (q.mark == '\0') {
            at += s->text[at] == '\\' && at + 1 < line ? 2 : 1;
        } else {
            at = redact_through_quote(s, at);
        }
        if (at == was) {
            break;
        }
    }
    return (struct redact_value){ .len = (at < line ? at : line) - i };
}

struct redact_value
redact_value_enclosed(struct redact_scan *s, size_t i, struct redact_quote quote)
{
    size_t line = redact_line_end(s, i);
    size_t slashes = 0;

    for (size_t at = i; at < line; at++) {
        char c = s->text[at];

        s->steps++;
        if (c == quote.mark && redact_is_level(slashes, quote)) {
            return (struct redact_value){ .len = at - (quote.len - 1) - i };
        }
        slashes = c == '\\' ? slashes + 1 : 0;
    }
    return redact_value_word(s, i, "");
}

struct redact_value
redact_value_line(struct redact_scan *s, size_t i, bool soft)
{
    size_t line = redact_line_end(s, i);
    size_t at = i;

    while (soft && at < line && !redact_says(s, at, "\\n") &&
           !redact_says(s, at, "\\r")) {
        at++;
    }
    at = soft ? at : line;
    while (at > i && redact_is_blank(s->text[at - 1])) {
        at--;
        s->steps++;
    }
    return (struct redact_value){ .len = at - i };
}

/* -- more than a line -- */

struct redact_value
redact_value_brackets(struct redact_scan *s, size_t i, struct redact_quote quote)
{
    bool quoted = false;
    size_t depth = 0;
    size_t at = i;

    for (; at < s->len; at++) {
        char c = s->text[at];

        s->steps++;
        if (c == quote.mark && c != '\0' &&
            redact_is_level(redact_quote_before(s, at + 1).len - 1, quote)) {
            quoted = !quoted;
        } else if (!quoted && (c == '[' || c == '{')) {
            depth++;
        } else if (!quoted && (c == ']' || c == '}') && --depth == 0) {
            at++;
            break;
        }
    }
    return (struct redact_value){ .len = at - i };
}

/* How far a line is indented; SIZE_MAX: there is nothing in it. */
static size_t
redact_indent(struct redact_scan *s, size_t i)
{
    size_t n = redact_run(s, i, redact_is_blank, s->len);
    char c = redact_char(s, i + n);

    return c == '\n' || c == '\r' ? SIZE_MAX : n;
}

/* Where the line of i begins. */
static size_t
redact_line_begin(struct redact_scan *s, size_t i)
{
    size_t least = i > REDACT_FAR ? i - REDACT_FAR : 0;

    while (i > least && s->text[i - 1] != '\n') {
        i--;
        s->steps++;
    }
    return i;
}

struct redact_value
redact_value_block(struct redact_scan *s, size_t i)
{
    size_t begin = redact_line_begin(s, i);
    size_t own = redact_indent(s, begin);
    size_t end = redact_line_end(s, i);
    size_t at = end;

    while (at < s->len) {
        size_t next = at + 1 + (redact_says(s, at, "\r\n") ? 1 : 0);
        size_t indent = redact_indent(s, next);
        bool item = indent == own && redact_says(s, next + own, "- ") &&
                    !redact_says(s, begin + own, "- ");

        if (next >= s->len || (indent <= own && !item)) {
            break;
        }
        at = redact_line_end(s, next);
        end = indent == SIZE_MAX ? end : at;
    }
    return (struct redact_value){ .len = end - i };
}
