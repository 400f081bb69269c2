#ifndef TEST_PEER_PRIVATE_H
#define TEST_PEER_PRIVATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "peer.h"

/* What peer.c (HTTP) and peer_ws.c (WebSocket) share: the child's state and its means. */

enum { PEER_SLOTS = 8 };

struct peer_state {
    int step;
    int port;
    int listener;
    int fd[PEER_SLOTS];
    struct buf in[PEER_SLOTS];      /* read, and not used yet */
    struct ssl_st *tls[PEER_SLOTS]; /* NULL: plain */
    struct buf head;                /* of the last request */
    struct buf body;                /* of the last request or frame */
};
extern struct peer_state peer_me;

void peer_die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Read more into the slot's buffer (false at the end of the connection); until it has n
 * bytes; move n bytes out of it. */
bool peer_more(int slot);
void peer_need(int slot, size_t n);
void peer_take(int slot, struct buf *to, size_t n);

void peer_put(int slot, const void *data, size_t len);

/* Reads a request into peer_me.head and body. */
void peer_read_request(int slot);

/* As recv() and send(), once there is TLS on the slot; the end of it, with or without
 * saying so. */
long peer_tls_read(int slot, void *data, size_t len);
long peer_tls_write(int slot, const void *data, size_t len);
bool peer_tls_pending(int slot);
void peer_tls_end(int slot, bool politely);

void peer_do_tls(const struct peer_step *s);
void peer_do_upgrade(const struct peer_step *s);
void peer_do_message(const struct peer_step *s);
void peer_do_frame(const struct peer_step *s);
void peer_do_get(const struct peer_step *s);
void peer_do_bye(const struct peer_step *s);

#endif
