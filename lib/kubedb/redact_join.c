/* How names and values are joined: signs, blanks, calls, columns, lists. */
#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"
#include "kubedb/redact_named.h"

static const struct {
    const char *text;
    enum redact_join join;
} redact_joins[] = {
    { "=>", REDACT_JOIN_EQUALS },      { ":=", REDACT_JOIN_EQUALS },
    { "==", REDACT_JOIN_EQUALS },      { "=", REDACT_JOIN_EQUALS },
    { "\\u003d", REDACT_JOIN_EQUALS }, { "%3d", REDACT_JOIN_EQUALS },
    { ":", REDACT_JOIN_COLON },
};

/* "secret: x" is one, "the secret : x" is ordinary text, "secret://" a scheme. */
static bool
redact_is_colon(struct redact_scan *s, const struct redact_member *m, size_t i)
{
    size_t next = redact_skip_blanks(s, i + 1);
    bool quoted = m->quote.mark != '\0' && !m->open;

    if (quoted && redact_is_blank(s->text[i - 1]) &&
        isalpha((unsigned char)redact_char(s, next))) {
        return false; /* the volume "my-secret" : secret not found */
    }
    return !redact_says(s, i, "://") && redact_char(s, i + 1) != ':' &&
           (i == m->at + m->len || quoted || m->first ||
            redact_quote_at(s, next).mark != '\0');
}

/* Behind the sign; a literal may stand in the next line. */
static size_t
redact_behind(struct redact_scan *s, size_t i)
{
    size_t blanks = redact_skip_blanks(s, i);
    size_t spaces = blanks;
    char c = redact_char(s, blanks);

    if (c == '\n' || c == '\r') {
        spaces = redact_skip_spaces(s, blanks);
        c = redact_char(s, spaces);
    }
    return c != '\0' && strchr("'\"{[", c) != NULL ? spaces : blanks;
}

static bool
redact_join_sign(struct redact_scan *s, struct redact_member *m, size_t i)
{
    for (size_t k = 0; k < sizeof redact_joins / sizeof *redact_joins; k++) {
        if (redact_says(s, i, redact_joins[k].text)) {
            m->join = redact_joins[k].join;
            if (m->join == REDACT_JOIN_COLON && !redact_is_colon(s, m, i)) {
                return false;
            }
            m->value = redact_behind(s, i + strlen(redact_joins[k].text));
            return true;
        }
    }
    return false;
}

/* PASSWORD 'x', PASSWORD E'x', password TO 'x', PASSWORD('x'). */
static bool
redact_join_literal(struct redact_scan *s, struct redact_member *m, size_t i)
{
    size_t at = redact_skip_spaces(s, i);
    bool call = redact_char(s, at) == '(';
    bool broken = at > 0 && at > i && s->text[at - 1] == '\n'; /* not indented */

    if (call) {
        at = redact_skip_spaces(s, at + 1);
    } else if (m->kind != REDACT_PASSWORD || at == i ||
               (broken && !isupper((unsigned char)s->text[m->at]))) {
        return false;
    } else {
        size_t word = redact_word_of(s, at, "TO BY AS IS FROM");

        at = word > 0 ? redact_skip_spaces(s, at + word) : at;
    }
    m->join = REDACT_JOIN_LITERAL;
    m->value = at;
    return redact_literal_prefix(s, at) >= 0;
}

/* --name value; in lists "--name", "value", and each in a line of its own. */
static bool
redact_join_flag(struct redact_scan *s, struct redact_member *m, size_t i)
{
    size_t at = redact_skip_blanks(s, i);

    if (s->text[m->at] != '-' || m->len < 4) {
        return false;
    }
    if (m->quote.mark != '\0') {
        at += redact_char(s, at) == ',';
        at = redact_skip_spaces(s, at);
    } else if (redact_char(s, at) == '\n') {
        size_t next = redact_skip_spaces(s, at);

        if (next == at + 1 && !redact_says(s, next, "- ")) {
            return false;
        }
        at = next + (redact_says(s, next, "- ") ? 2 : 0);
    }
    m->join = REDACT_JOIN_FLAG;
    m->value = at;
    return at > i && at < s->len && s->text[at] != '-';
}

/* Columns, of which the name is the first. */
static bool
redact_join_cell(struct redact_scan *s, struct redact_member *m, size_t i)
{
    size_t at = redact_skip_blanks(s, i);
    size_t before = m->at;

    if (redact_char(s, i) != '\t' && redact_char(s, at) != '|') {
        return false;
    }
    while (before > 0 && before + 4 > m->at &&
           (s->text[before - 1] == '|' || s->text[before - 1] == ' ')) {
        before--;
    }
    m->join = REDACT_JOIN_CELL;
    m->value = redact_char(s, at) == '|' ? redact_skip_blanks(s, at + 1) : i + 1;
    return before == 0 || s->text[before - 1] == '\n' || m->first;
}

/* A word that is the value: requirepass x; netrc's "login a password x". */
static bool
redact_join_word(struct redact_scan *s, struct redact_member *m, size_t i)
{
    size_t at = redact_skip_blanks(s, i);
    size_t line = m->at > REDACT_NAME_MAX ? m->at - REDACT_NAME_MAX : 0;
    bool setting = m->first && m->kind == REDACT_LINE;

    m->join = REDACT_JOIN_FLAG;
    m->value = at;
    if (at == i || setting) {
        return at > i;
    }
    if (!redact_is_one_of(s->text + m->at, m->len, "password passwd")) {
        return false;
    }
    for (size_t k = m->at; k > line && s->text[k - 1] != '\n'; k--) {
        if (redact_says(s, k - 1, "login ")) {
            return true;
        }
    }
    return false;
}

/* "A temporary password is generated for root@localhost: x" */
static bool
redact_join_sentence(struct redact_scan *s, struct redact_member *m, size_t i)
{
    size_t end = i + REDACT_BACK;

    if (!redact_says(s, i, " is generated for ")) {
        return false;
    }
    while (i < end && i < s->len && s->text[i] != '\n' && !redact_says(s, i, ": ")) {
        i++;
    }
    m->join = REDACT_JOIN_SENTENCE;
    m->value = i + 2;
    return redact_says(s, i, ": ");
}

bool
redact_join(struct redact_scan *s, struct redact_member *m)
{
    size_t i = m->at + m->len;
    struct redact_quote q = redact_quote_at(s, i);

    if (m->quote.mark != '\0' && redact_same_quote(m->quote, q)) {
        i += q.len + (redact_char(s, i + q.len) == ']');
    } else {
        m->open = m->quote.mark != '\0';
    }
    if (redact_char(s, i) == '>' && m->at > 0 && s->text[m->at - 1] == '<') {
        m->join = REDACT_JOIN_XML;
        m->value = i + 1;
        return true;
    }
    return redact_join_sentence(s, m, i) ||
           redact_join_sign(s, m, redact_skip_spaces(s, i)) ||
           redact_join_literal(s, m, i) || redact_join_flag(s, m, i) ||
           redact_join_cell(s, m, i) || redact_join_word(s, m, i);
}

bool
redact_may_join(const struct redact_scan *s, size_t i)
{
    char c = redact_char(s, i);

    return redact_is_space(c) || strchr("=:\"'`\\(>|%]/", c) != NULL;
}
