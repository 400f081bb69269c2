/*
 * name=value, "name": "value", --name value, NAME 'value', NAME('value'), | name | value
 * |, <name>value</name>, and blocks of YAML under a name.
 */
#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"
#include "kubedb/redact_named.h"
#include "kubedb/redact_object.h"
#include "kubedb/redact_shell.h"
#include "kubedb/redact_value.h"

/* -- the value -- */

/* What ends a word, by what stands before its name: in a query "&", in ODBC ";". */
static const char *
redact_stops(const struct redact_scan *s, const struct redact_member *m)
{
    char before = redact_before(s, m->at);

    if (before == '?' || before == '&') {
        return "&#<>";
    }
    if (before == ';') {
        return ";";
    }
    return before == '(' ? ")" : "";
}

/* {..} of ODBC, where } is written twice. */
static struct redact_value
redact_value_braces(struct redact_scan *s, size_t i)
{
    size_t line = redact_line_end(s, i);
    size_t at = i + 1;

    while (at < line && (s->text[at] != '}' || redact_char(s, at + 1) == '}')) {
        at += s->text[at] == '}' ? 2 : 1;
        s->steps++;
    }
    at = at < line ? at : line;
    return (struct redact_value){ .keep = 1, .len = at - i - 1, .close = at < line };
}

/* A line of settings: the value is all of it, but for the command in NAME=x command. */
static struct redact_value
redact_value_setting(struct redact_scan *s, const struct redact_member *m)
{
    struct redact_value word = redact_value_word(s, m->value, "");
    size_t behind = m->value + word.len;

    if (m->value == m->at + m->len + 1 && word.len > 0 &&
        redact_is_command(s, redact_skip_blanks(s, behind))) {
        return word;
    }
    return redact_value_line(s, m->value, m->soft);
}

static struct redact_value
redact_value_cell(struct redact_scan *s, size_t i)
{
    struct redact_value v = redact_value_word(s, i, "|");
    size_t line = redact_line_end(s, i);
    size_t at = i;

    while (at < line && s->text[at] != '\t' && s->text[at] != '|') {
        at++;
        s->steps++;
    }
    v.len = at - i;
    while (v.len > 0 && s->text[i + v.len - 1] == ' ') {
        v.len--;
    }
    return v;
}

static struct redact_value
redact_value_xml(struct redact_scan *s, size_t i)
{
    size_t line = redact_line_end(s, i);
    size_t at = i;

    while (at < line && s->text[at] != '<') {
        at++;
        s->steps++;
    }
    return (struct redact_value){ .len = at - i };
}

/* A value that is written with a colon, in JSON or YAML. */
static struct redact_value
redact_value_colon(struct redact_scan *s, const struct redact_member *m)
{
    char c = redact_char(s, m->value);
    bool json = m->quote.mark != '\0' && !m->open;

    if ((c == '[' || c == '{') && json) {
        struct redact_value v = { 0 };

        if (m->kind != REDACT_REFERENCE) {
            v = redact_value_brackets(s, m->value, m->quote);
        }
        return v;
    }
    if (json) {
        return redact_value_word(s, m->value, ",]}");
    }
    if (m->first && (c == '|' || c == '>' || c == '\n' || c == '\r')) {
        struct redact_value v = { 0 };

        if (m->kind != REDACT_REFERENCE && !redact_object_refers(s, m->value)) {
            v = redact_value_block(s, m->value);
        }
        return v;
    }
    if (m->first || m->kind == REDACT_LINE) {
        return redact_value_line(s, m->value, m->soft);
    }
    return redact_value_word(s, m->value, "");
}

static struct redact_value
redact_value_equals(struct redact_scan *s, const struct redact_member *m)
{
    if (redact_char(s, m->value) == '{') {
        return redact_value_braces(s, m->value);
    }
    if (m->open && m->join == REDACT_JOIN_EQUALS) {
        return redact_value_enclosed(s, m->value, m->quote);
    }
    if (m->first && m->join == REDACT_JOIN_EQUALS) {
        return redact_value_setting(s, m);
    }
    return redact_value_word(s, m->value, redact_stops(s, m));
}

/* Functions that make a password of one. */
static bool
redact_is_call(struct redact_scan *s, size_t i)
{
    size_t n = redact_word_of(s, i, "PASSWORD OLD_PASSWORD SHA1 SHA2 MD5 CONCAT UNHEX");

    return n > 0 && redact_char(s, i + n) == '(' &&
           redact_literal_prefix(s, i + n + 1) >= 0;
}

static struct redact_value
redact_value_call(struct redact_scan *s, size_t i)
{
    size_t n = redact_run(s, i, redact_is_word, REDACT_NAME_MAX) + 1;
    struct redact_value v = redact_value_quoted(s, i + n);

    v.keep += n;
    return v;
}

/* Without a letter or dollars of SQL before it, which may be the secret's own. */
static bool
redact_is_quoted(struct redact_scan *s, size_t i)
{
    return redact_quote_at(s, i).mark != '\0';
}

static struct redact_value
redact_value_of(struct redact_scan *s, const struct redact_member *m)
{
    if (m->join == REDACT_JOIN_CELL) {
        return redact_value_cell(s, m->value);
    }
    if (m->join == REDACT_JOIN_SENTENCE) {
        return redact_value_line(s, m->value, false);
    }
    if (m->join == REDACT_JOIN_XML) {
        return redact_value_xml(s, m->value);
    }
    if (m->kind == REDACT_LINE && m->join != REDACT_JOIN_EQUALS &&
        redact_quote_at(s, m->value).mark == '\0') {
        return redact_char(s, m->value) == '[' ? redact_value_colon(s, m)
                                               : redact_value_line(s, m->value, m->soft);
    }
    if (redact_is_call(s, m->value)) {
        return redact_value_call(s, m->value);
    }
    if ((m->join == REDACT_JOIN_LITERAL ? redact_literal_prefix(s, m->value) >= 0
                                        : redact_is_quoted(s, m->value)) &&
        !(m->open && redact_same_quote(redact_quote_at(s, m->value), m->quote))) {
        return redact_value_quoted(s, m->value);
    }
    return m->join == REDACT_JOIN_COLON ? redact_value_colon(s, m)
                                        : redact_value_equals(s, m);
}

/* -- the rule -- */

/* The working folder of a shell; a column of Percona's DSN. */
static enum redact_name
redact_kind(struct redact_scan *s, const struct redact_member *m)
{
    const char *name = s->text + m->at;

    if (redact_is_one_of(name, m->len, "PWD OLDPWD") && redact_char(s, m->value) == '/' &&
        m->first) {
        return REDACT_PLAIN;
    }
    if (m->len == 1 && *name == 'p' && m->at > 0 && s->text[m->at - 1] == ',' &&
        redact_has_dsn(s)) {
        return REDACT_SECRET;
    }
    if (redact_is_one_of(name, m->len, "variable_value") &&
        redact_quote_at(s, m->value).mark == '\0') {
        return REDACT_PLAIN;
    }
    if (redact_is_one_of(name, m->len, "value") && m->at < s->variable_until) {
        return REDACT_SECRET;
    }
    if (m->kind == REDACT_PLAIN &&
        strchr("=:\"'\\", redact_char(s, m->at + m->len)) != NULL &&
        redact_is_secret_capitals(name, m->len)) {
        return REDACT_SECRET;
    }
    return m->kind;
}

/* Whether anything depends on what is joined to the name. Sets its kind. */
static bool
redact_matters(struct redact_scan *s, struct redact_member *m)
{
    const char *name = s->text + m->at;

    s->steps += m->len;
    m->kind = redact_name_of(name, m->len);
    return m->kind != REDACT_PLAIN || (m->len == 1 && redact_has_dsn(s)) ||
           redact_is_one_of(name, m->len, "name kind data stringData value") ||
           redact_is_secret_capitals(name, m->len);
}

/* "/Pw==": the end of base64, and no name. */
static bool
redact_is_padding(const struct redact_scan *s, size_t len)
{
    enum { GROUP = 4 };

    return len <= GROUP && s->at > 0 && strchr("/+", s->text[s->at - 1]) != NULL &&
           redact_char(s, s->at + len) == '=';
}

/* PASSWORD="$ROOT_PASSWORD": a shell puts it in, unless it is in single quotes. */
static bool
redact_refers(const struct redact_scan *s, const struct redact_member *m,
              struct redact_value v)
{
    return (m->join == REDACT_JOIN_EQUALS || m->join == REDACT_JOIN_FLAG) &&
           redact_char(s, m->value) != '\'' &&
           redact_is_reference(s->text + m->value + v.keep, v.len);
}

size_t
redact_named(struct redact_scan *s)
{
    struct redact_member m = { .at = s->at };
    size_t used = 0;

    if (s->at > 0 && redact_is_key(s->text[s->at - 1]) && !redact_begins_word(s)) {
        return 0;
    }
    m.len = redact_run(s, m.at, redact_is_key, REDACT_NAME_MAX + 1);
    if (m.len == 0 || m.len > REDACT_NAME_MAX || redact_is_padding(s, m.len)) {
        return 0;
    }
    if (!redact_may_join(s, m.at + m.len) || !redact_matters(s, &m)) {
        return 0;
    }
    m.quote = redact_quote_before(s, m.at);
    m.first = redact_begins_line(s, m.at, &m.soft);
    if (!redact_join(s, &m)) {
        return 0;
    }
    if (m.join == REDACT_JOIN_COLON || m.join == REDACT_JOIN_XML) {
        used = redact_object(s, m.at, m.len, m.value, m.quote);
    }
    m.kind = redact_kind(s, &m);
    if (used == 0 && m.kind != REDACT_PLAIN) {
        struct redact_value v = redact_value_of(s, &m);

        used = redact_refers(s, &m, v) ? 0 : redact_take_value(s, m.value, v);
    }
    return used;
}
