#ifndef KUBE_EXEC_WIRE_H
#define KUBE_EXEC_WIRE_H

#include <sys/types.h>

#include "kube/http.h"

/*
 * A connection of its own to the API server, with the client's TLS, that carries what
 * the caller writes (HTTP/1.1, then a WebSocket). Nothing blocks.
 */

struct exec_wire;

struct exec_wire *exec_wire_open(struct http *h);
void exec_wire_close(struct exec_wire *w);

/* Carries the connecting on: 1 connected, 0 not yet, -1 failed (ERR_NETWORK). */
int exec_wire_connect(struct exec_wire *w, struct err *e);

/* While it connects: when to carry it on, whatever the descriptors say; -1: no matter. */
long exec_wire_wait_ms(const struct exec_wire *w);

/* Bytes moved; 0: not now; -1: the connection has ended. */
ssize_t exec_wire_recv(struct exec_wire *w, void *data, size_t len);
ssize_t exec_wire_send(struct exec_wire *w, const void *data, size_t len);

/* What to wait for. */
size_t exec_wire_fds(struct exec_wire *w, bool write, struct http_fd *out, size_t max);

#endif
