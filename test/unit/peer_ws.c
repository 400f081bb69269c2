#include "peer_private.h"

#include <stdint.h>
#include <string.h>

#include "kube/http_upgrade.h"

void
peer_do_upgrade(const struct peer_step *s)
{
    struct buf b auto_buf = BUF_LIMIT(4096);
    char accept[UPGRADE_ACCEPT];
    char key[UPGRADE_KEY] = "";
    const char *at = NULL;

    peer_read_request(s->slot);
    at = strstr(buf_text(&peer_me.head), "Sec-WebSocket-Key: ");
    if (at == NULL || strstr(buf_text(&peer_me.head), "v5.channel.k8s.io, v4") == NULL) {
        peer_die("no WebSocket request: %s", buf_text(&peer_me.head));
    }
    memcpy(key, at + 19, 24);
    upgrade_accept(key, accept);
    (void)!buf_printf(&b,
                      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
                      "connection: upgrade\r\nsec-websocket-accept: %s\r\n"
                      "sec-websocket-protocol: v%ld.channel.k8s.io\r\n\r\n%s",
                      accept, s->n, s->text != NULL ? s->text : "");
    peer_put(s->slot, b.data, b.len);
}

static void
frame(int slot, unsigned first, const void *data, size_t len)
{
    unsigned char head[10] = { (unsigned char)first };
    size_t n = 2;

    if (len < 126) {
        head[1] = (unsigned char)len;
    } else if (len < 65536) {
        head[1] = 126;
        head[2] = (unsigned char)(len >> 8);
        head[3] = (unsigned char)len;
        n = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++) {
            head[2 + i] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
        }
        n = 10;
    }
    peer_put(slot, head, n);
    peer_put(slot, data, len);
}

void
peer_do_message(const struct peer_step *s)
{
    struct buf b auto_buf = BUF_LIMIT(1 << 24);
    char channel = (char)s->n;
    size_t half = 0;

    (void)!buf_add(&b, &channel, 1);
    (void)!buf_puts(&b, s->text);
    if (s->what == PEER_MESSAGE) {
        frame(s->slot, 0x82, b.data, b.len);
        return;
    }
    half = b.len / 2;
    frame(s->slot, 0x02, b.data, half);
    frame(s->slot, 0x89, "", 0);
    frame(s->slot, 0x80, b.data + half, b.len - half);
}

void
peer_do_frame(const struct peer_step *s)
{
    peer_put(s->slot, s->text, s->len);
}

/* Reads a frame of the client into peer_me.body; returns its first byte. */
static unsigned
read_frame(int slot)
{
    struct buf *in = &peer_me.in[slot];
    unsigned char mask[4];
    unsigned first = 0;
    size_t head = 6;
    size_t len = 0;

    peer_need(slot, 2);
    first = (unsigned char)in->data[0];
    len = (unsigned char)in->data[1] & 127U;
    if (((unsigned char)in->data[1] & 128U) == 0 || len == 127) {
        peer_die("a frame without mask, or too long");
    }
    if (len == 126) {
        peer_need(slot, 4);
        len = (size_t)(unsigned char)in->data[2] << 8 | (unsigned char)in->data[3];
        head = 8;
    }
    peer_need(slot, head);
    memcpy(mask, in->data + head - 4, 4);
    buf_drop(in, head);
    peer_take(slot, &peer_me.body, len);
    for (size_t i = 0; i < len; i++) {
        peer_me.body.data[i] = (char)((unsigned char)peer_me.body.data[i] ^ mask[i % 4]);
    }
    return first;
}

void
peer_do_get(const struct peer_step *s)
{
    unsigned first = 0;

    while ((first = read_frame(s->slot)) == 0x8a) {
        continue; /* pongs come when they come */
    }
    if (s->what == PEER_GET_PING) {
        if (first != 0x89) {
            peer_die("expected a ping, got %#x", first);
        }
        frame(s->slot, 0x8a, buf_text(&peer_me.body), peer_me.body.len);
        return;
    }
    if (first != 0x82 || peer_me.body.len == 0 ||
        (unsigned char)peer_me.body.data[0] != s->n ||
        strcmp(peer_me.body.data + 1, s->text) != 0) {
        peer_die("expected %ld \"%s\", got %#x %d \"%s\"", s->n, s->text, first,
                 peer_me.body.len > 0 ? peer_me.body.data[0] : -1,
                 peer_me.body.len > 1 ? peer_me.body.data + 1 : "");
    }
}

void
peer_do_bye(const struct peer_step *s)
{
    unsigned char code[2] = { (unsigned char)(s->n >> 8), (unsigned char)s->n };

    frame(s->slot, 0x88, code, sizeof code);
    while (peer_more(s->slot)) {
        continue;
    }
}
