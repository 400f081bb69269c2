#include "kube/ws.h"

#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <wslay/wslay.h>

#include "base/mem.h"
#include "base/str.h"

enum {
    WS_MESSAGE = 8 * 1024 * 1024, /* the longest that is accepted */
    WS_ROUND = 256 * 1024,        /* read in one go, so that others get their turn */
};

struct ws {
    struct ws_user user;
    wslay_event_context_ptr wslay;
    size_t budget; /* what may still be read in this go */
    char bye[160]; /* what the peer's close frame says */
    bool cut;      /* the connection has ended */
};

static ssize_t
ws_on_recv(wslay_event_context_ptr c, uint8_t *data, size_t len, int flags, void *ctx)
{
    struct ws *w = ctx;
    ssize_t n = 0;

    (void)flags;
    if (w->budget > 0) {
        n = w->user.recv(w->user.ctx, data, len < w->budget ? len : w->budget);
    }
    if (n > 0) {
        w->budget -= (size_t)n;
        return n;
    }
    w->cut = w->cut || n < 0;
    wslay_event_set_error(c, n == 0 ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t
ws_on_send(wslay_event_context_ptr c, const uint8_t *data, size_t len, int flags,
           void *ctx)
{
    struct ws *w = ctx;
    ssize_t n = w->user.send(w->user.ctx, data, len);

    (void)flags;
    if (n > 0) {
        return n;
    }
    w->cut = w->cut || n < 0;
    wslay_event_set_error(c, n == 0 ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static int
ws_on_mask(wslay_event_context_ptr c, uint8_t *data, size_t len, void *ctx)
{
    (void)c;
    (void)ctx;
    return RAND_bytes(data, (int)len) == 1 ? 0 : -1;
}

static void
ws_on_message(wslay_event_context_ptr c, const struct wslay_event_on_msg_recv_arg *m,
              void *ctx)
{
    struct ws *w = ctx;

    (void)c;
    if (m->opcode == WSLAY_BINARY_FRAME || m->opcode == WSLAY_TEXT_FRAME) {
        w->user.message(w->user.ctx, (const char *)m->msg, m->msg_length);
    } else if (m->opcode == WSLAY_CONNECTION_CLOSE) {
        int text = m->msg_length > 2 ? (int)m->msg_length - 2 : 0;

        (void)snprintf(w->bye, sizeof w->bye, "closed by the server (%u)%s%.*s",
                       (unsigned)m->status_code, text > 0 ? ": " : "", text,
                       text > 0 ? (const char *)m->msg + 2 : "");
    }
}

struct ws *
ws_new(const struct ws_user *user)
{
    static const struct wslay_event_callbacks calls = {
        .recv_callback = ws_on_recv,
        .send_callback = ws_on_send,
        .genmask_callback = ws_on_mask,
        .on_msg_recv_callback = ws_on_message,
    };
    struct ws *w = mem_alloc(sizeof *w);

    w->user = *user;
    if (wslay_event_context_client_init(&w->wslay, &calls, w) != 0) {
        (void)mem_check(NULL);
    }
    wslay_event_config_set_max_recv_msg_length(w->wslay, WS_MESSAGE);
    return w;
}

void
ws_free(struct ws *w)
{
    if (w != NULL) {
        wslay_event_context_free(w->wslay);
        free(w);
    }
}

static int
ws_queue(struct ws *w, uint8_t opcode, const void *data, size_t len)
{
    struct wslay_event_msg m = { .opcode = opcode, .msg = data, .msg_length = len };

    return wslay_event_queue_msg(w->wslay, &m) == 0 ? 0 : -1;
}

int
ws_send(struct ws *w, const void *data, size_t len)
{
    return ws_queue(w, WSLAY_BINARY_FRAME, data, len);
}

int
ws_ping(struct ws *w)
{
    return ws_queue(w, WSLAY_PING, "", 0);
}

int
ws_close(struct ws *w)
{
    return wslay_event_queue_close(w->wslay, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0) == 0
               ? 0
               : -1;
}

int
ws_flush(struct ws *w)
{
    return wslay_event_want_write(w->wslay) && wslay_event_send(w->wslay) != 0 ? -1 : 0;
}

int
ws_serve(struct ws *w, char *why, size_t size)
{
    int rc = 0;

    w->budget = WS_ROUND;
    rc = wslay_event_want_read(w->wslay) ? wslay_event_recv(w->wslay) : 0;
    if (rc == 0) {
        rc = ws_flush(w);
    }
    if (w->bye[0] != '\0') {
        str_copy(why, size, w->bye);
        return -1;
    }
    if (rc != 0 || !wslay_event_want_read(w->wslay)) {
        str_copy(why, size,
                 w->cut ? "the connection was closed" : "invalid WebSocket frames");
        return -1;
    }
    return w->budget == 0;
}

bool
ws_wants_write(const struct ws *w)
{
    return wslay_event_want_write(w->wslay) != 0;
}

size_t
ws_queued(const struct ws *w)
{
    return wslay_event_get_queued_msg_length(w->wslay);
}
