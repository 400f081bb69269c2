#include "kube/exec.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/sig.h"
#include "kube/exec_private.h"
#include "kube/path.h"

enum {
    EXEC_STREAM = 8 * 1024 * 1024,
    EXEC_REPLY = 128 * 1024,
    EXEC_REQUEST = 1024 * 1024,
    EXEC_PIECE = 32 * 1024,        /* of standard input in one message */
    EXEC_UNSENT = 4 * 1024 * 1024, /* of standard input that waits */
    EXEC_ROUND_MS = 200,
    EXEC_OPEN_MS = 10 * 1000,
};

static struct kube_exec *
exec_new(struct kube *k, const struct kube_exec_spec *spec)
{
    struct kube_exec *x = mem_alloc(sizeof *x);
    struct kube_ref ref = { "", "v1", "pods", spec->name_space, spec->pod, NULL };
    char title[512];

    x->source = (struct kube_source){ .serve = exec_serve,
                                      .orphan = exec_orphan,
                                      .fds = exec_fds };
    x->k = k;
    x->title = mem_printf("exec in %s", path_title(&ref, title, sizeof title));
    x->with_stdin = spec->with_stdin;
    x->request.limit = EXEC_REQUEST;
    x->reply.limit = EXEC_REPLY;
    x->channels.out.limit = EXEC_STREAM;
    x->channels.err_out.limit = EXEC_STREAM;
    x->opened_ms = clock_ms();
    x->open_ms = loop_patience(k, EXEC_OPEN_MS);
    upgrade_new_key(x->key);
    return x;
}

/* Writes the request and starts to connect. */
static int
exec_start(struct kube_exec *x, const struct kube_exec_spec *spec, struct err *e)
{
    struct http *h = loop_http(x->k);
    struct buf headers auto_secret = BUF_LIMIT(EXEC_REQUEST / 2);
    struct upgrade_request u = {
        .spec = spec,
        .prefix = http_server(h)->prefix,
        .host = http_host(h),
        .key = x->key,
    };

    auth_headers(http_auth(h), &headers);
    u.headers = buf_text(&headers);
    if (upgrade_write(&u, &x->request, e) < 0) {
        return -1;
    }
    x->wire = exec_wire_open(h);
    x->source.due_ms = x->opened_ms; /* there is no descriptor to wait for yet */
    loop_add(x->k, &x->source);
    return 0;
}

static int
exec_wait_open(struct kube_exec *x, struct err *e)
{
    bool was_asked = sig_asked() == SIG_STOP_NOW;

    while (x->state < EXEC_OPEN) {
        if (sig_asked() == SIG_STOP_NOW && !was_asked) {
            return err_set(e, ERR_INTERRUPTED, "interrupted");
        }
        loop_round(x->k, EXEC_ROUND_MS);
        sig_drain();
    }
    if (x->ws == NULL) {
        *e = x->failure;
        return -1;
    }
    return 0;
}

static struct kube_exec *
exec_try(struct kube *k, const struct kube_exec_spec *spec, struct err *e)
{
    struct kube_exec *x auto_exec = exec_new(k, spec);

    if (exec_start(x, spec, e) < 0 || exec_wait_open(x, e) < 0) {
        return NULL;
    }
    return scope_steal(&x);
}

struct kube_exec *
kube_exec_open(struct kube *k, const struct kube_exec_spec *spec, struct err *e)
{
    struct http *h = loop_http(k);
    unsigned credentials = auth_generation(http_auth(h));
    struct kube_exec *x = exec_try(k, spec, e);

    if (x == NULL && e->status == 401 && http_refresh(h, credentials)) {
        x = exec_try(k, spec, e);
    }
    return x;
}

int
kube_exec_write(struct kube_exec *x, const char *data, size_t len, struct err *e)
{
    char message[1 + EXEC_PIECE] = { CHANNEL_STDIN };

    if (x->state != EXEC_OPEN) {
        return err_set(e, ERR_NETWORK, "%s: the session has ended", x->title);
    }
    if (!x->with_stdin || ws_queued(x->ws) + len > EXEC_UNSENT) {
        return err_set(e, ERR_PROTOCOL, "%s: the command does not read its input",
                       x->title);
    }
    while (len > 0) {
        size_t n = len < EXEC_PIECE ? len : EXEC_PIECE;

        memcpy(message + 1, data, n);
        if (ws_send(x->ws, message, n + 1) < 0) {
            return err_set(e, ERR_NETWORK, "%s: the session is closing", x->title);
        }
        data += n;
        len -= n;
    }
    (void)ws_flush(x->ws); /* a cut shows when the loop reads */
    return 0;
}

size_t
kube_exec_unsent(const struct kube_exec *x)
{
    return x->state == EXEC_OPEN ? ws_queued(x->ws) : 0;
}

struct buf *
kube_exec_stdout(struct kube_exec *x)
{
    return &x->channels.out;
}

struct buf *
kube_exec_stderr(struct kube_exec *x)
{
    return &x->channels.err_out;
}

bool
kube_exec_ended(const struct kube_exec *x)
{
    return x->state == EXEC_ENDED;
}

int
kube_exec_result(const struct kube_exec *x, int *exit_code, struct err *e)
{
    if (x->state != EXEC_ENDED) {
        return err_set(e, ERR_INTERNAL, "%s: the session has not ended", x->title);
    }
    if (x->failure.code != ERR_NONE) {
        *e = x->failure;
        return -1;
    }
    if (x->channels.failure.code != ERR_NONE) {
        *e = x->channels.failure;
        return err_wrap(e, "%s", x->title);
    }
    *exit_code = x->channels.exit_code;
    return 0;
}

/* Tells the server that there is nothing more, as far as the connection takes it. */
static void
exec_say_bye(struct kube_exec *x)
{
    static const unsigned char no_more_input[] = { CHANNEL_CLOSE, CHANNEL_STDIN };

    if (x->state != EXEC_OPEN) {
        return;
    }
    if (x->head.version >= 5 && x->with_stdin) {
        (void)ws_send(x->ws, no_more_input, sizeof no_more_input);
        (void)ws_flush(x->ws); /* the close frame would overtake it */
    }
    (void)ws_close(x->ws);
    (void)ws_flush(x->ws);
}

void
kube_exec_close(struct kube_exec *x)
{
    if (x == NULL) {
        return;
    }
    exec_say_bye(x);
    if (x->k != NULL) {
        loop_remove(x->k, &x->source);
    }
    ws_free(x->ws);
    exec_wire_close(x->wire);
    auth_wipe(&x->request);
    buf_free(&x->reply);
    channel_clear(&x->channels);
    free(x->title);
    free(x);
}

/* Moves what came to the caller's buffer; NULL throws it away. */
static int
exec_move(const struct kube_exec *x, struct buf *from, struct buf *to, struct err *e)
{
    if (to != NULL && buf_add(to, buf_text(from), from->len) < 0) {
        return err_set(e, ERR_PROTOCOL, "%s: the command prints too much", x->title);
    }
    buf_reset(from);
    return 0;
}

int
/* NOLINTNEXTLINE(readability-function-size): seven parameters, of four kinds */
kube_exec_run(struct kube *k, const struct kube_exec_spec *spec, long timeout_ms,
              struct buf *out, struct buf *err_out, int *exit_code, struct err *e)
{
    long long end = clock_ms() + timeout_ms;
    struct kube_exec *x auto_exec = kube_exec_open(k, spec, e);
    bool was_asked = sig_asked() == SIG_STOP_NOW;

    if (x == NULL) {
        return -1;
    }
    for (;;) {
        bool ended = kube_exec_ended(x);

        if (exec_move(x, &x->channels.out, out, e) < 0 ||
            exec_move(x, &x->channels.err_out, err_out, e) < 0) {
            return -1;
        }
        if (ended) {
            return kube_exec_result(x, exit_code, e);
        }
        if (clock_ms() >= end) {
            return err_set(e, ERR_TIMEOUT, "%s: the command did not end in time",
                           x->title);
        }
        if (sig_asked() == SIG_STOP_NOW && !was_asked) {
            return err_set(e, ERR_INTERRUPTED, "interrupted");
        }
        kube_pump(k, EXEC_ROUND_MS);
    }
}
