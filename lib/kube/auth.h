#ifndef KUBE_AUTH_H
#define KUBE_AUTH_H

#include "base/buf.h"
#include "kube/config.h"

/*
 * Who we are, as header lines: bearer token (read again from its file about every
 * minute), basic authentication, impersonation. Client certificates belong to the
 * TLS connection (http.c). Nothing of this is ever logged.
 */

struct auth;

/* The target is borrowed. ERR_CONFIG for values that no header can hold. */
struct auth *auth_new(const struct kube_target *t, struct err *e);
void auth_free(struct auth *a);

/* Appends "Name: value\r\n" lines. An unreadable token file leaves the last token. */
void auth_headers(struct auth *a, struct buf *out);

/* After a 401: reads the token file. Returns whether another token is there. */
bool auth_refresh(struct auth *a);

/* Overwrites a buffer that held credentials and releases it. */
void auth_wipe(struct buf *b);

#define auto_secret scope_cleanup(auth_wipe)

#endif
