#ifndef KUBEDB_REDACT_SHELL_H
#define KUBEDB_REDACT_SHELL_H

#include "kubedb/redact_scan.h"

/* Inside redaction: commands and their arguments. */

/* Whether a command begins at i: what stood before it was a variable for it. */
bool redact_is_command(struct redact_scan *s, size_t i);

/* Whether the line has named a program of Percona's toolkit, with DSNs like h=..,p=.. */
bool redact_has_dsn(const struct redact_scan *s);

/* Whether a word names a program whose -pWORD is a password. */
bool redact_is_client(const char *word, size_t len);

#endif
