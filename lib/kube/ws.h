#ifndef KUBE_WS_H
#define KUBE_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * A WebSocket's frames (RFC 6455), as a client, over a connection that the caller
 * reads and writes: libwslay behind three functions.
 */

struct ws;

struct ws_user {
    /* Bytes moved; 0: not now; -1: the connection has ended. */
    ssize_t (*recv)(void *ctx, void *data, size_t len);
    ssize_t (*send)(void *ctx, const void *data, size_t len);
    /* A whole message, put together from its fragments. */
    void (*message)(void *ctx, const char *data, size_t len);
    void *ctx;
};

struct ws *ws_new(const struct ws_user *user);
void ws_free(struct ws *w);

/* Queue a binary message, a ping, or the end. */
int ws_send(struct ws *w, const void *data, size_t len);
int ws_ping(struct ws *w);
int ws_close(struct ws *w);

/* Writes what is queued, as far as the connection takes it. -1: it has ended. */
int ws_flush(struct ws *w);

/* Reads and writes what can be, a bounded amount. Returns 1 when there may be more to
 * read at once, 0 when there is not, -1 when the connection or the WebSocket has ended;
 * `why` then says how. */
int ws_serve(struct ws *w, char *why, size_t size);

bool ws_wants_write(const struct ws *w);
size_t ws_queued(const struct ws *w); /* bytes not written yet */

#endif
