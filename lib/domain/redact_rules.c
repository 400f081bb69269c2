/* Where secrets stand in a text. */
#include "domain/redact_rules.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "domain/redact.h"

enum { REDACT_TOKEN_MIN = 8 }; /* "Bearer" of ordinary text has no such word after it */

/* name=value, "name": "value", name: value, --name value, PASSWORD('value') */
static size_t
redact_separator(const char *name, const char *text)
{
    size_t quote = redact_quote(text);
    const char *at = text + quote;
    size_t spaces = redact_spaces(at);
    size_t after = 0;

    at += spaces;
    if (*at == '=' || (*at == ':' && at[1] == '=')) {
        after = *at == '=' ? 1 : 2;
    } else if (*at == ':' && strncmp(at, "://", 3) != 0 &&
               (spaces == 0 || redact_quote(at + 1 + redact_spaces(at + 1)) > 0)) {
        after = 1;
    } else if (*at == '(' && quote == 0 && redact_quote(at + 1) > 0) {
        return (size_t)(at + 1 - text);
    } else if (str_starts(name, "--") && quote == 0 && spaces > 0 && *at != '-') {
        return spaces;
    }
    return after == 0 ? 0 : (size_t)(at - text) + after + redact_spaces(at + after);
}

static bool
redact_is_key(char c)
{
    return redact_is_word(c) || c == '-' || c == '.';
}

static size_t
redact_named(struct redact_scan *s)
{
    const char *name = redact_here(s);
    struct redact_value v = { 0 };
    size_t len = 0;
    size_t gap = 0;

    if (!redact_is_key(*name) || (s->at > 0 && redact_is_key(name[-1]))) {
        return 0;
    }
    while (redact_is_key(name[len])) {
        len++;
    }
    if (!redact_is_secret_name(name, len, name[len])) {
        return 0;
    }
    gap = redact_separator(name, name + len);
    if (gap == 0) {
        return 0;
    }
    v = redact_value_at(name + len + gap, redact_goes_to_line_end(name, len));
    return v.len > 0 ? redact_take_out(s, len + gap, v) : 0;
}

/* A word, in any case, that begins here: its length, with the space after it. */
static size_t
redact_word(const struct redact_scan *s, const char *word)
{
    size_t n = strlen(word);
    const char *here = redact_here(s);

    if (!redact_begins_word(s) || strncasecmp(here, word, n) != 0 ||
        redact_is_word(here[n])) {
        return 0;
    }
    return n + redact_spaces(here + n);
}

/* A quoted text, without what is in it. Returns its length, quotes included. */
static size_t
redact_identified_quoted(struct redact_scan *s, const char *at, size_t quote)
{
    size_t len = quote + redact_quoted(at + quote, at, quote);
    size_t end = strncmp(at, at + len, quote) == 0 ? quote : 0;

    (void)!buf_add(s->out, at, quote);
    redact_write(s, REDACT_MARK);
    (void)!buf_add(s->out, at + len, end);
    return len + end;
}

/* A word; the one after BY and AS is a password or its hash, but for these two. */
static size_t
redact_identified_word(struct redact_scan *s, const char *at, bool *secret)
{
    size_t len = strcspn(at, " \t\r\n;\"'`\\");
    bool syntax = redact_is_one_of(at, len, "BY AS PASSWORD RANDOM");

    if (*secret && !syntax) {
        redact_write(s, REDACT_MARK);
    } else {
        (void)!buf_add(s->out, at, len);
    }
    *secret = redact_is_one_of(at, len, "BY AS") || (*secret && syntax);
    return len;
}

/* IDENTIFIED BY 'x', IDENTIFIED WITH plugin AS 'x' REPLACE 'y', IDENTIFIED BY PASSWORD
 * 'x': everything that is quoted until the statement, or the line after it, ends. */
static size_t
redact_identified(struct redact_scan *s)
{
    size_t used = redact_word(s, "IDENTIFIED");
    const char *at = redact_here(s) + used;
    bool secret = false;
    bool seen = false;

    if (used == 0) {
        return 0;
    }
    redact_copy(s, used);
    while (*at != '\0' && *at != ';' && !(seen && *at == '\n')) {
        size_t quote = redact_quote(at);
        size_t blank = *at == '\\' ? 1 : strspn(at, " \t\r\n");

        if (quote > 0) {
            at += redact_identified_quoted(s, at, quote);
            seen = true;
            secret = false;
        } else if (blank > 0) {
            blank = seen ? 1 : blank;
            (void)!buf_add(s->out, at, blank);
            at += blank;
        } else {
            at += redact_identified_word(s, at, &secret);
        }
    }
    return (size_t)(at - redact_here(s));
}

/* "A temporary password is generated for root@localhost: x" */
static size_t
redact_temporary(struct redact_scan *s)
{
    const char *here = redact_here(s);
    size_t line = 0;

    if (redact_word(s, "password is generated for") == 0) {
        return 0;
    }
    line = strcspn(here, "\n");
    for (size_t i = 0; i + 1 < line; i++) {
        if (here[i] == ':' && here[i + 1] == ' ') {
            return redact_take_out(
                s, i + 2, (struct redact_value){ .len = strcspn(here + i + 2, "\n") });
        }
    }
    return 0;
}

/* "Bearer TOKEN" */
static size_t
redact_bearer(struct redact_scan *s)
{
    size_t before = redact_word(s, "Bearer");
    struct redact_value v = { 0 };

    if (before == 0) {
        return 0;
    }
    v.len = strcspn(redact_here(s) + before, " \t\r\n\"'\\,");
    return v.len >= REDACT_TOKEN_MIN ? redact_take_out(s, before, v) : 0;
}

/* A JWT: two of its three parts begin as every JSON object does in base64. */
static size_t
redact_jwt(struct redact_scan *s)
{
    const char *here = redact_here(s);
    size_t len = 0;

    if (!redact_begins_word(s) || strncmp(here, "eyJ", 3) != 0) {
        return 0;
    }
    while (redact_is_key(here[len])) {
        len++;
    }
    return memchr(here, '.', len) != NULL
               ? redact_take_out(s, 0, (struct redact_value){ .len = len })
               : 0;
}

/* How far the words PRIVATE KEY of a line that begins so reach; 0: they are not there. */
static size_t
redact_key_line(const char *here, const char *begin)
{
    const char *key = str_starts(here, begin) ? strstr(here, "PRIVATE KEY") : NULL;

    return key != NULL && key < here + strcspn(here, "\n")
               ? (size_t)(key - here) + strlen("PRIVATE KEY")
               : 0;
}

/* From BEGIN to END, or to the end of the text. */
static size_t
redact_key_block(struct redact_scan *s)
{
    const char *here = redact_here(s);
    size_t key = redact_key_line(here, "-----BEGIN ");
    const char *end = NULL;

    if (key == 0) {
        return 0;
    }
    end = strstr(here + key, "-----END ");
    end = end != NULL ? strstr(end, "KEY") : NULL;
    return redact_take_out(s, 0,
                           (struct redact_value){ .len = end != NULL
                                                             ? (size_t)(end - here) + 3
                                                             : strlen(here) });
}

/* The end of a key whose beginning was cut off: nothing before it stays. */
static size_t
redact_key_end(struct redact_scan *s)
{
    struct redact_value v = { .len = redact_key_line(redact_here(s), "-----END ") };

    if (v.len == 0) {
        return 0;
    }
    buf_reset(s->out);
    return redact_take_out(s, 0, v);
}

/* scheme://user:PASSWORD@host; the last @ before the path counts. Also "//user:..." */
static size_t
redact_url(struct redact_scan *s)
{
    const char *here = redact_here(s);
    size_t user = 0;
    size_t port = 0;
    size_t len = 0;
    size_t password = 0;

    if (!str_starts(here, "://")) {
        return 0;
    }
    user = 3 + strcspn(here + 3, ":/@ \t\r\n\"'");
    port = here[user] == ':' ? user + 1 + strspn(here + user + 1, "0123456789") : 0;
    if (port == 0 || here[port] == '/') {
        return 0;
    }
    len = strcspn(here + user + 1, " \t\r\n\"'");
    for (size_t i = 0; i < len; i++) {
        password = here[user + 1 + i] == '@' ? i : password;
    }
    return password > 0
               ? redact_take_out(s, user + 1, (struct redact_value){ .len = password })
               : 0;
}

/* user:PASSWORD@tcp(host:port)/, as programs in Go name a MySQL server. */
static size_t
redact_dsn(struct redact_scan *s)
{
    static const char *const ways[] = { "@tcp(", "@unix(" };
    const char *here = redact_here(s);
    size_t len = 0;

    if (*here != ':' || s->at == 0 || !redact_is_word(here[-1])) {
        return 0;
    }
    len = strcspn(here, " \t\r\n\"");
    for (size_t i = 1; i < len; i++) {
        for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
            if (str_starts(here + i, ways[w])) {
                return redact_take_out(s, 1, (struct redact_value){ .len = i - 1 });
            }
        }
    }
    return 0;
}

/* Whether the line up to here names a program of MySQL. */
static bool
redact_after_mysql(const struct redact_scan *s)
{
    size_t begin = s->at;

    while (begin > 0 && s->text[begin - 1] != '\n') {
        begin--;
    }
    for (size_t i = begin; i < s->at; i++) {
        if (strncmp(s->text + i, "mysql", 5) == 0) {
            return true;
        }
    }
    return false;
}

/* -pPASSWORD; a variable of the shell is none. */
static size_t
redact_short_flag(struct redact_scan *s)
{
    const char *here = redact_here(s);
    struct redact_value v = { 0 };

    if (!str_starts(here, "-p") || here[2] == '$' || s->at == 0 ||
        strchr(" \t\"'", here[-1]) == NULL || !redact_after_mysql(s)) {
        return 0;
    }
    v = redact_value_at(here + 2, false);
    return v.len > 0 && here[2 + v.quote] != '$' ? redact_take_out(s, 2, v) : 0;
}

redact_rule *const redact_rules[] = {
    redact_key_block,  redact_key_end, redact_identified,
    redact_temporary,  redact_named,   redact_bearer,
    redact_jwt,        redact_url,     redact_dsn,
    redact_short_flag, NULL,
};
