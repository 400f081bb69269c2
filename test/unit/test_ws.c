/* A WebSocket over a connection in memory: how much is read in one go, and its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "kube/ws.h"

enum { MESSAGE = 1000, MANY = 2000 };

/* What the other end sends, and what came of it. */
struct wire {
    struct buf in;
    size_t at;
    bool ended;
    size_t messages;
};

static ssize_t
wire_recv(void *ctx, void *data, size_t len)
{
    struct wire *w = ctx;
    size_t n = w->in.len - w->at < len ? w->in.len - w->at : len;

    if (n == 0) {
        return w->ended ? -1 : 0;
    }
    memcpy(data, w->in.data + w->at, n);
    w->at += n;
    return (ssize_t)n;
}

static ssize_t
wire_send(void *ctx, const void *data, size_t len)
{
    (void)ctx;
    (void)data;
    return (ssize_t)len;
}

static void
wire_message(void *ctx, const char *data, size_t len)
{
    struct wire *w = ctx;

    assert_int_equal(len, MESSAGE);
    assert_int_equal(data[MESSAGE - 1], 'x');
    w->messages++;
}

/* So many messages of a server, each in a frame. */
static void
wire_fill(struct wire *w, size_t n)
{
    static const char head[] = { (char)0x82, 126, MESSAGE >> 8, (char)(MESSAGE & 0xff) };
    char body[MESSAGE];

    memset(body, 'x', sizeof body);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(buf_add(&w->in, head, sizeof head), 0);
        assert_int_equal(buf_add(&w->in, body, sizeof body), 0);
    }
}

static struct ws *
wire_open(struct wire *w)
{
    const struct ws_user user = { wire_recv, wire_send, wire_message, w };

    *w = (struct wire){ .in = BUF_LIMIT(4 << 20) };
    return ws_new(&user);
}

static void
wire_close(struct wire *w, struct ws *ws)
{
    ws_free(ws);
    buf_free(&w->in);
}

/* Only what is left of much is to be served again at once. */
static void
test_rounds(void **state)
{
    struct wire w = { 0 };
    struct ws *ws = wire_open(&w);
    char why[128] = "";
    int rounds = 0;
    int more = 0;

    (void)state;
    assert_int_equal(ws_serve(ws, why, sizeof why), 0);
    wire_fill(&w, 1);
    assert_int_equal(ws_serve(ws, why, sizeof why), 0);
    assert_int_equal(w.messages, 1);
    wire_fill(&w, MANY);
    while ((more = ws_serve(ws, why, sizeof why)) == 1) {
        rounds++;
    }
    assert_int_equal(more, 0);
    assert_true(rounds > 1);
    assert_int_equal(w.messages, 1 + MANY);
    wire_close(&w, ws);
}

static void
test_cut(void **state)
{
    struct wire w = { 0 };
    struct ws *ws = wire_open(&w);
    char why[128] = "";

    (void)state;
    wire_fill(&w, 2);
    w.ended = true;
    assert_int_equal(ws_serve(ws, why, sizeof why), -1);
    assert_string_equal(why, "the connection was closed");
    assert_int_equal(w.messages, 2);
    wire_close(&w, ws);
}

static void
test_broken(void **state)
{
    struct wire w = { 0 };
    struct ws *ws = wire_open(&w);
    char why[128] = "";

    (void)state;
    assert_int_equal(buf_add(&w.in, "\xff\xff\xff\xff", 4), 0);
    assert_int_equal(ws_serve(ws, why, sizeof why), -1);
    assert_string_equal(why, "invalid WebSocket frames");
    assert_int_equal(w.messages, 0);
    wire_close(&w, ws);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
