#ifndef KUBEDB_REDACT_NAMES_H
#define KUBEDB_REDACT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Inside redaction: what holds a secret, by its name. */

enum redact_name {
    REDACT_PLAIN,
    REDACT_REFERENCE, /* it names a secret: an object under it stays */
    REDACT_SECRET,
    REDACT_PASSWORD, /* a literal behind it is one also without "=" or ":" */
    REDACT_LINE,     /* a header: its value goes to the end of the line */
};

/* A member, flag, variable, column or setting; "secretName" is plain. */
enum redact_name redact_name_of(const char *name, size_t len);

/* Whether an environment variable of this name, in capitals, holds a secret. */
bool redact_is_secret_variable(const char *name, size_t len);

/* Whether a name looks like such a variable: "S3_KEY", but not "KEY". */
bool redact_is_secret_capitals(const char *name, size_t len);

/* What of an object that refers to a secret stays. */
bool redact_is_reference_key(const char *name, size_t len);

/* Whether a word, in any case, is one of these, which are separated by spaces. */
bool redact_is_one_of(const char *word, size_t len, const char *words);

#endif
