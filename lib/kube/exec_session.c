#include "kube/exec_private.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kube/api_status.h"

/* The state machine of a session, moved on in the client's loop. */

enum {
    EXEC_PING_MS = 15 * 1000,
    EXEC_DEAD_MS = 60 * 1000,
    EXEC_LINGER_MS = 1000, /* after the status, for the end of the output */
};

void
exec_end(struct kube_exec *x, const struct err *why)
{
    if (x->state == EXEC_ENDED) {
        return;
    }
    x->state = EXEC_ENDED;
    x->source.due_ms = 0;
    if (why != NULL) {
        x->failure = *why;
    }
    log_debug(1, "%s ended after %lld ms %s", x->title, clock_ms() - x->opened_ms,
              x->failure.msg);
    loop_wake(x->k);
}

/* --- opening ------------------------------------------------------------------------ */

void
exec_fail(struct kube_exec *x, enum err_code code, const char *why)
{
    struct err e = { 0 };

    (void)err_set(&e, code, "%s: %s", x->title, why);
    exec_end(x, &e);
}

/* A reply that is no upgrade. Its body holds a Status, perhaps in one chunk. */
static void
exec_refused(struct kube_exec *x)
{
    const char *body = buf_text(&x->reply) + x->head.head;
    const char *object = strchr(body, '{');
    const char *end = strrchr(body, '}');
    struct err e = { 0 };

    if (object != NULL && end != NULL && end > object) {
        (void)status_error(x->head.status, object, (size_t)(end - object) + 1, false, &e);
    } else {
        (void)status_error(x->head.status, body, strlen(body), false, &e);
    }
    (void)err_wrap(&e, "%s", x->title);
    exec_end(x, &e);
}

static ssize_t
exec_on_recv(void *ctx, void *data, size_t len)
{
    struct kube_exec *x = ctx;
    size_t n = x->reply.len < len ? x->reply.len : len;
    ssize_t got = 0;

    if (n > 0) {
        memcpy(data, x->reply.data, n);
        buf_drop(&x->reply, n);
        return (ssize_t)n;
    }
    got = exec_wire_recv(x->wire, data, len);
    if (got > 0) {
        x->heard_ms = clock_ms();
        loop_heard(x->k); /* it came through the API server */
    }
    return got;
}

static ssize_t
exec_on_send(void *ctx, const void *data, size_t len)
{
    return exec_wire_send(((struct kube_exec *)ctx)->wire, data, len);
}

static void
exec_on_message(void *ctx, const char *data, size_t len)
{
    struct kube_exec *x = ctx;

    if (x->state == EXEC_OPEN && channel_take(&x->channels, data, len) < 0) {
        x->channels.done = false;
        (void)err_wrap(&x->channels.failure, "%s", x->title);
        exec_end(x, &x->channels.failure);
    }
    if (x->channels.done && x->done_ms == 0) {
        x->done_ms = clock_ms();
    }
    loop_wake(x->k);
}

static void
exec_upgraded(struct kube_exec *x)
{
    const struct ws_user user = { exec_on_recv, exec_on_send, exec_on_message, x };

    if (!x->head.accepted || x->head.version == 0) {
        exec_fail(x, ERR_PROTOCOL, "the server does not speak v5 or v4.channel.k8s.io");
        return;
    }
    buf_drop(&x->reply, x->head.head);
    x->ws = ws_new(&user);
    x->state = EXEC_OPEN;
    x->heard_ms = x->pinged_ms = x->source.due_ms = clock_ms();
    log_debug(1, "%s 101 v%u %lld ms", x->title, x->head.version,
              clock_ms() - x->opened_ms);
}

/* Reads what there is of the reply; whether the connection has ended. */
static bool
exec_read_reply(struct kube_exec *x)
{
    char data[4096];
    ssize_t n = 0;

    while ((n = exec_wire_recv(x->wire, data, sizeof data)) > 0) {
        if (buf_add(&x->reply, data, (size_t)n) < 0) {
            return true;
        }
        if (x->head.status == 0 && upgrade_parse(&x->reply, x->key, &x->head) != 0 &&
            x->head.status == 101) {
            break; /* frames may follow: they are read by the WebSocket */
        }
    }
    return n < 0;
}

static void
exec_ask(struct kube_exec *x)
{
    bool ended = false;

    while (x->request.len > 0) {
        ssize_t n = exec_wire_send(x->wire, x->request.data, x->request.len);

        if (n <= 0) {
            ended = n < 0;
            break;
        }
        buf_drop(&x->request, (size_t)n);
    }
    ended = exec_read_reply(x) || ended;
    if (x->head.status == 0 && upgrade_parse(&x->reply, x->key, &x->head) < 0) {
        exec_fail(x, ERR_PROTOCOL, "the reply is not HTTP");
    } else if (x->head.status == 101) {
        exec_upgraded(x);
    } else if (x->head.status != 0 &&
               (ended || x->reply.len - x->head.head >= x->head.body)) {
        exec_refused(x);
    } else if (ended) {
        exec_fail(x, ERR_NETWORK, "the connection was closed");
    }
}

static void
exec_connect(struct kube_exec *x)
{
    struct err e = { 0 };
    int rc = exec_wire_connect(x->wire, &e);
    long wait_ms = exec_wire_wait_ms(x->wire);

    x->source.due_ms = wait_ms >= 0 ? clock_ms() + wait_ms : 0;
    if (rc < 0) {
        (void)err_wrap(&e, "%s", x->title);
        exec_end(x, &e);
    } else if (rc > 0) {
        x->state = EXEC_ASKING;
        x->source.due_ms = 0;
        exec_ask(x);
    }
}

/* --- being open --------------------------------------------------------------------- */

static void
exec_keep_alive(struct kube_exec *x)
{
    long long now = clock_ms();

    if (now - x->heard_ms >= EXEC_DEAD_MS) {
        exec_fail(x, ERR_NETWORK, "the connection does not respond");
        return;
    }
    if (now - x->heard_ms >= EXEC_PING_MS && now - x->pinged_ms >= EXEC_PING_MS) {
        x->pinged_ms = now;
        (void)ws_ping(x->ws);
        (void)ws_flush(x->ws);
    }
    x->source.due_ms =
        (x->pinged_ms > x->heard_ms ? x->pinged_ms : x->heard_ms) + EXEC_PING_MS;
}

static void
exec_talk(struct kube_exec *x)
{
    char why[256] = "";
    int more = ws_serve(x->ws, why, sizeof why);

    if (x->state == EXEC_ENDED) {
        return;
    }
    if (x->channels.done && (more < 0 || clock_ms() - x->done_ms >= EXEC_LINGER_MS)) {
        exec_end(x, NULL);
    } else if (more < 0) {
        exec_fail(x, ERR_NETWORK, why);
    } else {
        exec_keep_alive(x);
    }
    if (x->state == EXEC_OPEN && (more > 0 || x->channels.done)) {
        x->source.due_ms = more > 0 ? clock_ms() : x->done_ms + EXEC_LINGER_MS;
    }
}

void
exec_serve(struct kube_source *s)
{
    static void (*const serve[])(struct kube_exec * x) = {
        [EXEC_CONNECTING] = exec_connect,
        [EXEC_ASKING] = exec_ask,
        [EXEC_OPEN] = exec_talk,
        [EXEC_ENDED] = NULL,
    };
    struct kube_exec *x = (struct kube_exec *)s;

    if (x->state < EXEC_OPEN && clock_ms() - x->opened_ms >= x->open_ms) {
        exec_fail(x, ERR_NETWORK, "no answer in time");
    }
    if (serve[x->state] != NULL) {
        serve[x->state](x);
    }
}

size_t
exec_fds(struct kube_source *s, struct http_fd *out, size_t max)
{
    struct kube_exec *x = (struct kube_exec *)s;

    if (x->state == EXEC_ENDED) {
        return 0;
    }
    return exec_wire_fds(x->wire, x->request.len > 0 || (x->ws && ws_wants_write(x->ws)),
                         out, max);
}

void
exec_orphan(struct kube_source *s)
{
    struct kube_exec *x = (struct kube_exec *)s;

    exec_fail(x, ERR_NETWORK, "the client was closed");
    exec_wire_close(x->wire);
    x->wire = NULL;
    x->k = NULL;
}
