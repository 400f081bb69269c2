#ifndef DOMAIN_REDACT_RULES_H
#define DOMAIN_REDACT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Inside domain/redact.c: how secrets are found. */

/* A text that is being copied without its secrets, up to `at`. */
struct redact_scan {
    const char *text;
    size_t at;
    struct buf *out;
};

/* If a secret begins here: copies what may stay, and returns how many bytes of the text
 * that took; else 0, and nothing is copied. */
typedef size_t redact_rule(struct redact_scan *s);

extern redact_rule *const redact_rules[]; /* ends with NULL */

/* -- redact_names.c -- */

/* Whether a member or flag of this name holds a secret; "secretName" does not. */
bool redact_is_secret_key(const char *name, size_t len);

/* Whether an environment variable does. */
bool redact_is_secret_variable(const char *name, size_t len);

/* Whether a name in a text does, by what follows it: a variable is written SSL_KEY=... */
bool redact_is_secret_name(const char *name, size_t len, char next);

/* Whether its value has spaces: "Authorization: Digest a, b". */
bool redact_goes_to_line_end(const char *name, size_t len);

/* What stands where a password would, and is none: "YES" of "using password: YES". */
bool redact_is_harmless(const char *value, size_t len);

/* Whether a word, in any case, is one of these, which are separated by spaces. */
bool redact_is_one_of(const char *word, size_t len, const char *words);

/* -- redact_value.c -- */

/* A value in a text: after `quote` bytes come `len` that are secret; 0: it is none. */
struct redact_value {
    size_t quote;
    size_t len;
};

const char *redact_here(const struct redact_scan *s);
void redact_copy(struct redact_scan *s, size_t n); /* the next n bytes as they are */
void redact_write(struct redact_scan *s, const char *text);

/* Copies what comes before a value, and the mark in its place. Returns the bytes used. */
size_t redact_take_out(struct redact_scan *s, size_t before, struct redact_value v);

bool redact_is_word(char c);
bool redact_begins_word(const struct redact_scan *s);
size_t redact_spaces(const char *text);

/* The length of a quote as it opens a text: in JSON in a log it has backslashes before
 * it. 0: there is none. */
size_t redact_quote(const char *text);

/* The length of a quoted text without its quotes, of which the first has been passed. One
 * that does not end goes to the end of the line. */
size_t redact_quoted(const char *text, const char *quote, size_t n);

/* Quoted, to the end of the line, or else to the next space or quote. */
struct redact_value redact_value_at(const char *text, bool line);

#endif
