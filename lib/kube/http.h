#ifndef KUBE_HTTP_H
#define KUBE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kube/auth.h"
#include "kube/target.h"

/*
 * HTTP requests to one server, many at a time, over as few connections as possible
 * (HTTP/2). It knows nothing of Kubernetes: retries, modes and meanings are
 * client.c's. A request goes to the server at most once, as far as HTTP lets one say
 * so: a body that was sent is never sent again on another connection.
 */

struct http;
struct http_call;

enum http_end {
    HTTP_RUNNING,
    HTTP_REPLIED,
    HTTP_UNREACHABLE, /* no connection; nothing was sent */
    HTTP_UNTRUSTED,   /* TLS: the certificate is not what it should be */
    HTTP_CUT,         /* the connection ended before the whole reply came, or may have */
    HTTP_SILENT,      /* the time limit passed */
    HTTP_TOO_LARGE,   /* the reply passed its limit */
    HTTP_STOPPED,     /* on_data returned -1 */
};

struct http_request {
    const char *method;
    const char *path;         /* and query; the server's prefix is put before it */
    const char *content_type; /* of the body */
    const char *accept;       /* NULL: JSON */
    const char *body;         /* copied; NULL: none */
    size_t reply_limit;       /* 0: 1 MiB */
    long timeout_ms;          /* for all of it; 0: none */
    long idle_ms;             /* without a byte from the server; 0: none */
    /* clock_ms() after which nothing of it is handed to the connection any more, however
     * long that took to be made; 0: whenever. It then ends as HTTP_UNREACHABLE. */
    long long send_by;
    /* Gets the body of a 2xx reply as it comes, instead of http_reply.body; -1 ends it.
     * It must not call this module. */
    int (*on_data)(void *ctx, const char *data, size_t len);
    void *ctx;
};

struct http_reply {
    enum http_end end;
    bool sent;            /* the server may have read some of it */
    bool late;            /* not all of it was sent, because of send_by */
    long status;          /* HTTP status, as soon as it is known; else 0 */
    long retry_after;     /* seconds; 0: the reply does not say */
    unsigned credentials; /* auth_generation() of those that it was sent with */
    struct buf body;
    char error[256]; /* why there is no reply */
};

/* The target and what it holds are borrowed. */
struct http *http_new(const struct kube_target *t, struct err *e);
void http_free(struct http *h);

/* Starts a request; never fails at once. The caller closes it, running or not. */
struct http_call *http_start(struct http *h, const struct http_request *rq);
const struct http_reply *http_reply(struct http_call *c);
void http_close(struct http_call *c); /* NULL is allowed */

/* Waits until something happened on a connection or on one of the descriptors, at
 * most timeout_ms; then carries all transfers on. */
struct http_fd {
    int fd;
    bool write; /* wait until it can be written, too */
};
void http_serve(struct http *h, const struct http_fd *fds, size_t n, long timeout_ms);

/* Requests started so far; http_count adds one that was made elsewhere (exec.c). */
unsigned long http_requests(const struct http *h);
void http_count(struct http *h);

struct auth *http_auth(struct http *h);

/* After a 401 to a request that was sent with the credentials of that number: whether
 * there are others now. A new client certificate needs new connections: all that runs is
 * cut, so no reply may be looked at after this. */
bool http_refresh(struct http *h, unsigned credentials);
const struct server *http_server(const struct http *h);

/* "host:port" as the Host header has it; lives as long as h. */
const char *http_host(const struct http *h);

/* A new CURL handle that connects to the server: URL, TLS, time limit of the
 * connection. For exec.c; never NULL. */
void *http_new_easy(struct http *h, const char *path);

#endif
