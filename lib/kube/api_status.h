#ifndef KUBE_API_STATUS_H
#define KUBE_API_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * What the API server says when it says no: Kubernetes' Status object, or whatever
 * stands between us and it. Pure.
 */

/* Fills the error from a reply that is no success: code by HTTP status, the Status'
 * message and reason, its causes as details; of a reply that is no Status, the
 * first readable characters. `json_patch`: a 422 without causes then is a failed
 * `test` (ERR_CONFLICT). Returns -1. */
int status_error(long http, const char *body, size_t len, bool json_patch, struct err *e);

/* The same for a Status that came otherwise (watch ERROR event); its own `code` is
 * the HTTP status. */
int status_object_error(const json_t *status, struct err *e);

/* Copies text without control characters and runs of white space, cut at `size`. */
char *status_readable(const char *text, size_t len, char *out, size_t size);

#endif
