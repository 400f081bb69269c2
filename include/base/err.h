#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/*
 * Errors are values: a function that can fail takes `struct err *e` as its last
 * argument and returns 0 or -1. The text is fixed storage, so an error needs no
 * release and may be ignored. On success the error is left as it was.
 */

enum err_code {
    ERR_NONE,
    ERR_USAGE,       /* the command line is wrong */
    ERR_CONFIG,      /* kubeconfig, credentials, files of the user */
    ERR_NETWORK,     /* the API server could not be reached or hung up; `status` is 0 */
    ERR_API,         /* the API server said no; `status` is the HTTP status */
    ERR_NOT_FOUND,   /* HTTP 404 */
    ERR_CONFLICT,    /* HTTP 409, or a failed JSON patch `test` (422) */
    ERR_FORBIDDEN,   /* HTTP 401 and 403 */
    ERR_REFUSED,     /* a check says that this must not be done */
    ERR_LOCKED,      /* another run holds the lock */
    ERR_LOCK_LOST,   /* our lease ran out or was taken: nothing may be changed any more */
    ERR_UNHEALTHY,   /* a pod or member will not get well by waiting */
    ERR_TIMEOUT,     /* a time limit passed */
    ERR_INTERRUPTED, /* the user asked us to stop */
    ERR_PROTOCOL,    /* a peer said what it must not say */
    ERR_INTERNAL,
};

struct err {
    enum err_code code;
    int status;        /* HTTP status where there was one, else 0 */
    int retry_after;   /* seconds the server asked us to wait, else 0 */
    char reason[48];   /* stable id for scripts, e.g. "POD_CRASHLOOP"; may be "" */
    char msg[1024];    /* what happened, with the numbers; no full stop, no newline */
    char detail[1536]; /* more lines, each ended by '\n'; may be "" */
    char hint[1536];   /* what to do next, lines ended by '\n'; may be "" */
};

/* Fills the error, clearing reason, detail and hint. Returns -1. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "CONTEXT: " before the message. Returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Set the stable id; append a line to detail or hint, in which line ends are spaces: a
 * text of others makes no second one. What has no room is cut, and ends with " ...".
 * Return -1. */
int err_reason(struct err *e, const char *reason);
int err_detail(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *e);

/* Whether waiting and trying again may help. */
bool err_is_transient(const struct err *e);

#endif
