#ifndef KUBEDB_REDACT_H
#define KUBEDB_REDACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Takes secrets out of what is kept for people who look for the cause of a failure. Where
 * it is in doubt it takes out too much: a log with a gap is worth more than a password in
 * a ticket. What it cannot know is a secret that looks like ordinary words.
 *
 * The text is anything that somebody else wrote. The work is in proportion to its size,
 * whatever it is; done again it changes nothing.
 */

#define REDACT_MARK "[removed]"

/*
 * Who waits for it, and how much work it was. After each 64 KiB it is asked whether to go
 * on; where not, or when its time is over, the rest is left out and a note says how much
 * that was. NULL instead of one: to the end, whatever it takes.
 */
struct redact_watch {
    int (*look)(void *ctx); /* not 0: stop; may be NULL */
    void *ctx;
    long long until; /* clock_ms(); 0: no end */
    size_t bytes;    /* since the last look */
    size_t steps;    /* how often a byte was looked at; counts on */
    bool stopped;    /* something was left out; nothing more is looked through */
};

/* A copy without:
 * - values of what is named like a secret (password, token, ...), however they are
 * joined: settings, flags, JSON, YAML, XML, columns, DSNs of ODBC, JDBC and libpq;
 * - literals of statements that set passwords, or fill tables of accounts;
 * - passwords in URLs and DSNs of Go, lines of .pgpass, -pPASSWORD of databases' clients;
 * - Authorization headers and cookies, tokens that are known by their looks, JWTs;
 * - private keys in PEM, cut off or in base64; hashes of passwords; data of Secrets.
 * The caller frees it. */
char *redact_text(const char *text, struct redact_watch *watch);

/* The same for every text in a JSON value, which is changed. Of Kubernetes' objects also:
 * values of variables whose name has PASS, TOKEN, SECRET, CRED or the like, whatever they
 * are; the arguments after such flags; the data of Secrets; managedFields, and kubectl's
 * last applied configuration. References (secretKeyRef, secretName) stay. */
void redact_json(json_t *value, struct redact_watch *watch);

#endif
