#ifndef KUBE_AUTH_H
#define KUBE_AUTH_H

#include "base/buf.h"
#include "kube/config.h"

/*
 * Who we are: header lines for bearer token (read again from its file about every
 * minute), basic authentication, impersonation; and the client certificate for new TLS
 * connections. Both files are read again after a 401. Nothing of this is ever logged.
 */

struct auth;

/* The target is borrowed. ERR_CONFIG for values that no header can hold. */
struct auth *auth_new(const struct kube_target *t, struct err *e);
void auth_free(struct auth *a);

/* Appends "Name: value\r\n" lines. An unreadable token file leaves the last token. */
void auth_headers(struct auth *a, struct buf *out);

/* Which credentials are in use: another number after each change. */
unsigned auth_generation(const struct auth *a);

/* After a 401 to a request that was sent with the credentials of that number: reads the
 * files of token and client certificate. Returns whether there are others now; somebody
 * may have read them meanwhile. */
bool auth_refresh(struct auth *a, unsigned generation);

/* The client certificate and its key as PEM texts, NULL without one; `changed` counts
 * how often they were replaced. The texts live until the next auth_refresh(). */
struct auth_certificate {
    char *cert_pem;
    char *key_pem;
    unsigned changed;
};
const struct auth_certificate *auth_certificate(const struct auth *a);

/* Overwrites a buffer that held credentials and releases it. */
void auth_wipe(struct buf *b);

#define auto_secret scope_cleanup(auth_wipe)

#endif
