/* Statements whose literals are secrets, whatever they are called. */
#include <string.h>
#include <strings.h>

#include "kubedb/redact.h"
#include "kubedb/redact_names.h"
#include "kubedb/redact_value.h"

/* How the secrets of a statement are found. */
enum redact_way {
    REDACT_ALL,    /* every literal */
    REDACT_ASSIGN, /* those behind "=" or TO */
    REDACT_ROWS,   /* of an INSERT into a table of accounts, or with such columns */
    REDACT_CALL,   /* those up to the closing parenthesis */
};

static const struct redact_statement {
    const char *first;
    const char *second; /* one of these; "": an opening parenthesis */
    enum redact_way way;
} redact_statements[] = {
    { "IDENTIFIED", "BY WITH VIA AS USING", REDACT_ALL },
    { "SET", "PASSWORD", REDACT_ASSIGN },
    { "INSERT REPLACE", "INTO IGNORE LOW_PRIORITY DELAYED HIGH_PRIORITY", REDACT_ROWS },
    { "rds_set_external_master rds_set_external_source "
      "rds_set_external_master_with_delay "
      "rds_set_external_source_with_delay rds_set_external_master_with_auto_position "
      "rds_set_external_source_with_auto_position rds_set_external_source_gtid_purged",
      "", REDACT_CALL },
    { "crypt encrypt decrypt encode_password aes_encrypt aes_decrypt des_encrypt "
      "des_decrypt pgp_sym_encrypt pgp_sym_decrypt pgp_sym_encrypt_bytea "
      "pgp_sym_decrypt_bytea old_password sha2 hmac",
      "", REDACT_CALL },
};

enum { REDACT_STATEMENTS = sizeof redact_statements / sizeof *redact_statements };

/* -- INSERT -- */

/* Tables of accounts, by a part of their names. */
static const char *const redact_tables[] = { "user",       "global_variables",
                                             "account",    "authid",
                                             "credential", "secret",
                                             "token",      "auth" };

static bool
redact_is_accounts(struct redact_scan *s, size_t i, size_t len)
{
    for (size_t k = 0; k < sizeof redact_tables / sizeof *redact_tables; k++) {
        for (size_t at = i; at < i + len; at++) {
            if (redact_says(s, at, redact_tables[k])) {
                return true;
            }
        }
    }
    return false;
}

static bool
redact_is_table(char c)
{
    return redact_is_key(c) || strchr("`\"\\", c) != NULL;
}

/* Whether one of the columns in parentheses is secret by its name. */
static bool
redact_has_columns(struct redact_scan *s, size_t i)
{
    size_t end = i + REDACT_NEAR;

    for (i++; i < end && i < s->len && s->text[i] != ')'; i++) {
        size_t n = redact_run(s, i, redact_is_word, REDACT_NAME_MAX);

        if (n > 0 && redact_name_of(s->text + i, n) != REDACT_PLAIN) {
            return true;
        }
        i += n;
        if (redact_char(s, i) == ')') {
            break;
        }
    }
    return false;
}

static bool
redact_is_rows(struct redact_scan *s, size_t i)
{
    size_t table = 0;
    size_t n = redact_word_of(s, i, "IGNORE LOW_PRIORITY DELAYED HIGH_PRIORITY");

    i = n > 0 ? redact_skip_spaces(s, i + n) : i;
    n = redact_word_of(s, i, "INTO");
    table = n > 0 ? redact_skip_spaces(s, i + n) : i;
    n = redact_run(s, table, redact_is_table, REDACT_NAME_MAX);
    i = redact_skip_spaces(s, table + n);
    return n > 0 && (redact_is_accounts(s, table, n) ||
                     (redact_char(s, i) == '(' && redact_has_columns(s, i)));
}

/* -- a statement begins -- */

/* "identified by its uuid" is none. */
static bool
redact_is_ordinary(struct redact_scan *s, size_t i)
{
    size_t by = redact_word_of(s, i, "BY");
    size_t next = redact_skip_spaces(s, i + by);

    return by > 0 && islower((unsigned char)s->text[s->at]) &&
           redact_literal_prefix(s, next) < 0 && redact_word_of(s, next, "PASSWORD") == 0;
}

static bool
redact_goes_on(struct redact_scan *s, const struct redact_statement *st, size_t i)
{
    if (*st->second == '\0') {
        return redact_char(s, i) == '(';
    }
    return redact_word_of(s, i, st->second) > 0 &&
           !(st->way == REDACT_ALL && redact_is_ordinary(s, i)) &&
           (st->way != REDACT_ROWS || redact_is_rows(s, i));
}

size_t
redact_sql_statement(struct redact_scan *s)
{
    size_t len = redact_run(s, s->at, redact_is_word, REDACT_NAME_MAX);

    for (size_t k = 0; k < REDACT_STATEMENTS; k++) {
        const struct redact_statement *st = &redact_statements[k];
        size_t n = redact_is_one_of(s->text + s->at, len, st->first) ? len : 0;
        size_t next = n > 0 ? redact_skip_spaces(s, s->at + n) : 0;

        if (n == 0 || !redact_goes_on(s, st, next)) {
            continue;
        }
        s->sql = (struct redact_sql){
            .on = true,
            .assign = st->way == REDACT_ASSIGN,
            .identified = st->way == REDACT_ALL,
            .loud = isupper((unsigned char)s->text[s->at]),
            .rows = st->way == REDACT_ROWS,
            .depth = st->way == REDACT_CALL ? 0 : -1,
            .until = next + REDACT_NEAR,
        };
        break;
    }
    return 0;
}

/* -- it ends -- */

void
redact_sql_line(struct redact_scan *s)
{
    char c = '\0';

    if (!s->sql.on || !s->sql.seen) {
        return;
    }
    if (s->sql.rows) {
        c = redact_char(s, redact_skip_spaces(s, s->at));
    }
    s->sql.on = c == '(' || c == ',';
}

/* Whether a literal is what the statement is about here: behind a sign or one of these
 * words, it may begin with anything. */
static bool
redact_is_awaited(struct redact_scan *s)
{
    enum { LONGEST = 8 };
    size_t end = s->at;
    size_t i = 0;

    while (end > 0 && end + REDACT_BLANKS_MAX > s->at &&
           redact_is_space(s->text[end - 1])) {
        end--;
    }
    for (i = end; i > 0 && end - i < LONGEST && redact_is_word(s->text[i - 1]);) {
        i--;
    }
    s->steps += s->at - i;
    return (end > 0 && strchr("(,=", s->text[end - 1]) != NULL) ||
           (end < s->at &&
            redact_is_one_of(s->text + i, end - i, "BY AS USING PASSWORD TO"));
}

/* Whether a quote is the end of what the statement stands in: JSON, or a shell's. */
static bool
redact_is_around(struct redact_scan *s, struct redact_quote q)
{
    if (s->sql.seen && q.mark != '$' && q.len < s->sql.quote.len) {
        return true;
    }
    return q.mark != s->sql.quote.mark && redact_is_end(redact_char(s, s->at + q.len)) &&
           (s->sql.seen || !redact_is_awaited(s));
}

/* -- what is in it -- */

size_t
redact_sql_literal(struct redact_scan *s)
{
    struct redact_quote q = redact_quote_at(s, s->at);
    size_t used = 0;

    if (!s->sql.on || s->sql.assign || redact_literal_prefix(s, s->at) < 0) {
        return 0;
    }
    if (s->at > s->sql.until || redact_is_around(s, q)) {
        s->sql.on = false;
        return 0;
    }
    used = redact_take_value(s, s->at, redact_value_quoted(s, s->at));
    if (used == 0) { /* it is empty, or was taken out before: pass it as a whole */
        struct redact_value v = redact_value_quoted(s, s->at);

        used = v.keep + v.len + v.close;
        (void)!buf_add(s->out, s->text + s->at, used);
    }
    s->sql.quote = s->sql.seen ? s->sql.quote : q;
    s->sql.seen = true;
    s->sql.until = s->at + used + REDACT_NEAR;
    return used;
}

static bool
redact_is_bare(char c)
{
    return !redact_is_space(c) && strchr(";,)'\"`", c) == NULL;
}

/* IDENTIFIED BY x, AS 0x..: without quotes. In ordinary text such a word is none. */
static size_t
redact_take_bare(struct redact_scan *s, size_t i)
{
    struct redact_value v = { .len = redact_run(s, i, redact_is_bare, s->len) };
    bool digits = false;

    if (redact_literal_prefix(s, i) >= 0 || v.len == 0 ||
        redact_word_of(s, i, "PASSWORD RANDOM BY AS WITH ROLE CURRENT") > 0) {
        return 0;
    }
    for (size_t at = i; at < i + v.len; at++) {
        digits = digits || isdigit((unsigned char)s->text[at]);
    }
    if (!digits && !s->sql.loud && s->text[i] != '<') {
        return 0;
    }
    s->sql.seen = true;
    return redact_says(s, i, REDACT_MARK) ? 0 : redact_take(s, i - s->at, v.len, 0);
}

size_t
redact_sql_word(struct redact_scan *s)
{
    size_t n = 0;

    if (!s->sql.on || s->at > s->sql.until) {
        s->sql.on = false;
        return 0;
    }
    if (s->sql.assign) {
        s->sql.assign = redact_word_of(s, s->at, "TO") == 0;
    }
    if (!s->sql.identified) {
        return 0;
    }
    n = redact_word_of(s, s->at, "BY AS USING");
    return n > 0 ? redact_take_bare(s, redact_skip_spaces(s, s->at + n)) : 0;
}

size_t
redact_sql_sign(struct redact_scan *s)
{
    struct redact_sql *sql = &s->sql;

    switch (s->text[s->at]) {
    case ';':
        sql->on = false;
        break;
    case '=':
        sql->assign = false;
        break;
    case '(':
        sql->depth += sql->depth >= 0;
        break;
    case ')':
        sql->depth -= sql->depth >= 0;
        sql->on = sql->on && sql->depth != 0;
        sql->depth = sql->depth == 0 ? -1 : sql->depth;
        break;
    default:
        break;
    }
    return 0;
}
