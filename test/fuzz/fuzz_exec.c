/* What a server sends over an exec connection: the reply to the upgrade, then frames, in
 * pieces as long as the first byte says.
 * parsers: lib/kube/channel.c lib/kube/http_upgrade.c lib/kube/ws.c */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kube/channel.h"
#include "kube/http_upgrade.h"
#include "kube/ws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
    const char *data;
    size_t left;
    size_t piece;
    bool pause; /* nothing comes every other time */
    struct channels channels;
};

static ssize_t
on_recv(void *ctx, void *data, size_t len)
{
    struct stream *s = ctx;
    size_t n = s->left < s->piece ? s->left : s->piece;

    s->pause = !s->pause;
    if (s->pause) {
        return 0;
    }
    n = n < len ? n : len;
    memcpy(data, s->data, n);
    s->data += n;
    s->left -= n;
    return n > 0 ? (ssize_t)n : -1;
}

static ssize_t
on_send(void *ctx, const void *data, size_t len)
{
    (void)ctx;
    (void)data;
    return (ssize_t)len;
}

static void
on_message(void *ctx, const char *data, size_t len)
{
    struct stream *s = ctx;

    (void)channel_take(&s->channels, data, len);
}

static void
talk(const char *data, size_t size, size_t piece)
{
    struct stream s = { .data = data, .left = size, .piece = piece };
    const struct ws_user user = { on_recv, on_send, on_message, &s };
    struct ws *w = ws_new(&user);
    char why[64];

    (void)ws_ping(w);
    (void)ws_send(w, "\0ls\n", 4);
    while (ws_serve(w, why, sizeof why) >= 0) {
        continue;
    }
    if (why[0] == '\0' || strnlen(why, sizeof why) == sizeof why) {
        __builtin_trap();
    }
    (void)ws_queued(w);
    (void)ws_wants_write(w);
    (void)ws_close(w);
    ws_free(w);
    channel_clear(&s.channels);
}

/* What a command says is a part of one line of the request. */
static void
ask(const char *command)
{
    const char *const argv[] = { "sh", "-c", command, NULL };
    const struct kube_exec_spec spec = { "demo", "my-db-0", "mysql", argv, true };
    const struct upgrade_request u = { &spec, "/api", "host", "key", "" };
    struct buf out auto_buf = BUF_LIMIT(1 << 20);
    struct err e = { 0 };
    char key[UPGRADE_KEY];
    const char *line = NULL;

    upgrade_new_key(key);
    if (upgrade_write(&u, &out, &e) < 0) {
        return;
    }
    line = strstr(buf_text(&out), " HTTP/1.1\r\nHost: host\r\n");
    if (line == NULL || strcspn(buf_text(&out), "\r") != (size_t)(line - out.data) + 9) {
        __builtin_trap();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text auto_buf = BUF_LIMIT(1 << 20);
    struct upgrade_reply reply = { 0 };

    if (size < 1 || buf_add(&text, data + 1, size - 1) < 0) {
        return 0;
    }
    if (data[0] % 16 == 0) {
        ask(buf_text(&text));
    }
    if (upgrade_parse(&text, "dGhlIHNhbXBsZSBub25jZQ==", &reply) > 0 &&
        (reply.head > text.len || reply.status < 100)) {
        __builtin_trap();
    }
    talk(buf_text(&text) + reply.head, text.len - reply.head, (size_t)data[0] + 1);
    return 0;
}
