#ifndef KUBEDB_REDACT_SCAN_H
#define KUBEDB_REDACT_SCAN_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Inside redaction. One scanner goes over a text once and copies it; where a rule finds
 * that a secret begins it writes a mark in its place. What keeps the work in proportion
 * to the text, whatever stands in it:
 *
 *   - to decide, a rule looks a bounded number of bytes ahead;
 *   - what it scans without a bound it also takes, or does so once for each line;
 *   - what it has to know of before (the program of a command, the statement) is kept in
 *     the scanner while it passes;
 *   - what it takes back of the copy is gone from the copy.
 *
 * Every byte that is looked at counts a step, which a test holds against the size.
 */

/* How far is looked. */
enum {
    REDACT_NAME_MAX = 128,    /* a longer one is no name */
    REDACT_BLANKS_MAX = 64,   /* between a name and its value */
    REDACT_SLASHES_MAX = 32,  /* before a quote: JSON in JSON five times */
    REDACT_NEAR = 512,        /* of a statement, to know whether it holds a secret */
    REDACT_FAR = 1024,        /* behind a line's end, for the end of a quoted text */
    REDACT_BACK = 256,        /* in the copy, for where a secret began */
    REDACT_BLOCK = 64 * 1024, /* a private key; the Secret that data belong to */
};

/* A quote as it opens or ends a text: in JSON in a log it has backslashes before it. */
struct redact_quote {
    char mark; /* '\0': none */
    size_t len;
    bool pair; /* '' that opens a text inside of '...' */
};

/* The statement that is passed: its literals are secrets. */
struct redact_sql {
    bool on;
    bool seen;       /* a literal */
    bool assign;     /* only what comes after "=" or TO is secret */
    bool identified; /* what follows BY and AS is, quoted or not */
    bool loud;       /* it was written in capitals: no ordinary text */
    bool rows;       /* it goes on in the next line when that begins with a "(" */
    int depth;       /* of parentheses, of a call; -1: it is none */
    struct redact_quote quote; /* of the first literal */
    size_t until;              /* it cannot go on behind this */
};

struct redact_scan {
    const char *text; /* ends with a NUL */
    size_t len;
    size_t at;
    struct buf *out;
    size_t steps;

    size_t known;          /* from here ... */
    size_t end;            /* ... to here no line ends */
    unsigned programs;     /* that the line has named: redact_shell.c */
    size_t variable_until; /* a "value" up to here is that of a secret variable */
    size_t searched;       /* up to there the copy has no user of a DSN */
    struct redact_sql sql;
    bool secret; /* Kubernetes' object of that kind is passed */
    size_t data; /* where in the copy its data may have begun; 0: nowhere */
};

/* If a secret begins here: copies what may stay, and returns how many bytes of the text
 * that took. 0: nothing was copied; it may have noted something in the scanner. */
typedef size_t redact_find(struct redact_scan *s);

/* -- redact_scan.c -- */

/* One step of the scanner: what a rule takes, or else the next word or byte. */
void redact_step(struct redact_scan *s);

static inline char
redact_char(const struct redact_scan *s, size_t i)
{
    if (i < s->len) {
        return s->text[i];
    }
    return '\0';
}

/* What stands before i; NUL: it is the text's beginning. */
static inline char
redact_before(const struct redact_scan *s, size_t i)
{
    return redact_char(s, i > 0 ? i - 1 : s->len);
}

static inline bool
redact_is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static inline bool
redact_is_key(char c)
{
    return redact_is_word(c) || c == '-' || c == '.';
}

static inline bool
redact_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool
redact_is_space(char c)
{
    return redact_is_blank(c) || c == '\n' || c == '\r';
}

static inline bool
redact_is_base64(char c)
{
    return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
}

static inline bool
redact_is_hex(char c)
{
    return isxdigit((unsigned char)c);
}

/* How many bytes from i on are so, up to max. */
size_t redact_run(struct redact_scan *s, size_t i, bool (*is)(char), size_t max);

/* Whether the text goes on so at i; in any case. */
bool redact_says(struct redact_scan *s, size_t i, const char *text);

/* The length of one of these words, which are separated by spaces, if it stands at i. */
size_t redact_word_of(struct redact_scan *s, size_t i, const char *words);

/* The end of i's line, or of the text. */
size_t redact_line_end(struct redact_scan *s, size_t i);

/* Behind blanks (and ends of lines, and comments of SQL). */
size_t redact_skip_blanks(struct redact_scan *s, size_t i);
size_t redact_skip_spaces(struct redact_scan *s, size_t i);

/* Whether a word begins here; "\n" of an escaped text is no part of it. */
bool redact_begins_word(const struct redact_scan *s);

/* Whether only blanks (or "- ", "export ") are before i in its line. *soft: the line
 * began with an escaped "\n". */
bool redact_begins_line(struct redact_scan *s, size_t i, bool *soft);

/* Copies the next `before` bytes, writes the mark instead of the `len` bytes behind them,
 * and copies `after` bytes. Returns the sum. */
size_t redact_take(struct redact_scan *s, size_t before, size_t len, size_t after);

/* Forgets the copy from there on. */
void redact_cut(struct redact_scan *s, size_t from);

/* -- the rules: each knows a family of secrets -- */

redact_find redact_sql_statement, redact_sql_word; /* redact_sql.c */
redact_find redact_sql_literal, redact_sql_sign;
redact_find redact_program, redact_flag;               /* redact_shell.c */
redact_find redact_named;                              /* redact_named.c */
redact_find redact_url, redact_user_at, redact_pgpass; /* redact_url.c */
redact_find redact_pem_begin, redact_pem_end;          /* redact_pem.c */
redact_find redact_pem_base64;
redact_find redact_prefix, redact_scheme, redact_jwt; /* redact_token.c */
redact_find redact_crypt, redact_hash;                /* redact_hash.c */

/* A line has ended: what was noted of it is forgotten. */
void redact_sql_line(struct redact_scan *s);
void redact_shell_line(struct redact_scan *s);

#endif
