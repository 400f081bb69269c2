#ifndef KUBEDB_REDACT_VALUE_H
#define KUBEDB_REDACT_VALUE_H

#include "kubedb/redact_scan.h"

/* Inside redaction: where values begin and end. */

/* A value that begins at a place: `keep` bytes that may stay (an opening quote), `len`
 * that may not, `close` that may (the quote again). len 0: there is nothing to hide. */
struct redact_value {
    size_t keep;
    size_t len;
    size_t close;
};

/* Takes out a value that begins at i; 0 if it has nothing to hide. */
size_t redact_take_value(struct redact_scan *s, size_t i, struct redact_value v);

/* The quote that opens or ends a text at i. */
struct redact_quote redact_quote_at(struct redact_scan *s, size_t i);

/* The quote that ends right before i. */
struct redact_quote redact_quote_before(struct redact_scan *s, size_t i);

bool redact_same_quote(struct redact_quote a, struct redact_quote b);

/* Whether a mark with so many backslashes before it is a quote like that: each backslash
 * that belongs to the text is written as 2 (n + 1) of them where a quote has n. */
bool redact_is_level(size_t slashes, struct redact_quote q);

/* What may come behind a quoted text that has ended. */
bool redact_is_end(char c);

/* How many bytes stand before the quote of a literal of SQL that begins at i: E'..' has
 * one, U&'..' two, '..' none. -1: there is no literal. $tag$ is one too. */
int redact_literal_prefix(struct redact_scan *s, size_t i);

/* A quoted text, with what is glued to it as shells and SQL do: 'a'\''b', 'a' 'b'. One
 * that does not end near goes to the end of its line. */
struct redact_value redact_value_quoted(struct redact_scan *s, size_t i);

/* Up to a blank, or one of the characters in `stops`; quotes in it may hold blanks. */
struct redact_value redact_value_word(struct redact_scan *s, size_t i, const char *stops);

/* To the other end of a quote that was opened before i: "PASSWORD=a b". */
struct redact_value redact_value_enclosed(struct redact_scan *s, size_t i,
                                          struct redact_quote quote);

/* To the end of the line; `soft`: or to an escaped one. */
struct redact_value redact_value_line(struct redact_scan *s, size_t i, bool soft);

/* [..] or {..}, with texts in it in that quote; one that does not end takes the rest. */
struct redact_value redact_value_brackets(struct redact_scan *s, size_t i,
                                          struct redact_quote quote);

/* The lines that are indented more than the line of i, which ends there. */
struct redact_value redact_value_block(struct redact_scan *s, size_t i);

/* What stands where a secret would, and is none: YES of "using password: YES". */
bool redact_is_harmless(const char *value, size_t len);

/* A variable of a shell, of which the text says nothing. */
bool redact_is_reference(const char *value, size_t len);

#endif
