#ifndef KUBEDB_REDACT_NAMED_H
#define KUBEDB_REDACT_NAMED_H

#include "kubedb/redact_names.h"
#include "kubedb/redact_value.h"

/* Inside redaction: names, and what is joined to them. */

/* How a value is joined to its name. */
enum redact_join {
    REDACT_JOIN_NONE,
    REDACT_JOIN_EQUALS,
    REDACT_JOIN_COLON,
    REDACT_JOIN_LITERAL, /* a call, or SQL's PASSWORD 'x' */
    REDACT_JOIN_FLAG,
    REDACT_JOIN_CELL, /* of a table */
    REDACT_JOIN_XML,
    REDACT_JOIN_SENTENCE, /* its value goes to the end of the line */
};

/* A name in the text, and what it is joined to. */
struct redact_member {
    size_t at;
    size_t len;
    enum redact_name kind;
    struct redact_quote quote; /* around the name */
    bool open;                 /* there was one before it, and none behind */
    bool first;                /* in its line */
    bool soft;                 /* which begins with an escaped end of a line */
    enum redact_join join;
    size_t value; /* where it begins */
};

/* -- redact_join.c -- */

/* Whether something may be joined to a name that ends at i. */
bool redact_may_join(const struct redact_scan *s, size_t i);

/* Whether a value is; sets how, and where it begins. */
bool redact_join(struct redact_scan *s, struct redact_member *m);

#endif
