#define _GNU_SOURCE
#include "peer_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PEER_LIMIT_S = 60, PEER_WAIT_MS = 20000 };

struct peer_state peer_me;

void
peer_die(const char *fmt, ...)
{
    va_list ap;

    (void)fprintf(stderr, "# peer: step %d: ", peer_me.step);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
    _exit(1);
}

static void
nap(long ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

    (void)nanosleep(&t, NULL);
}

static int
listen_on(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 16) < 0) {
        (void)fprintf(stderr, "# peer: %s\n", strerror(errno));
        abort();
    }
    return fd;
}

static int
port_of(int fd)
{
    struct sockaddr_in a = { 0 };
    socklen_t len = sizeof a;

    (void)getsockname(fd, (struct sockaddr *)&a, &len);
    return ntohs(a.sin_port);
}

static bool
readable(int fd, long ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, (int)ms) > 0;
}

static ssize_t
take_in(int slot, void *data, size_t len)
{
    return peer_me.tls[slot] != NULL ? peer_tls_read(slot, data, len)
                                     : recv(peer_me.fd[slot], data, len, 0);
}

static ssize_t
give_out(int slot, const void *data, size_t len)
{
    return peer_me.tls[slot] != NULL ? peer_tls_write(slot, data, len)
                                     : send(peer_me.fd[slot], data, len, MSG_NOSIGNAL);
}

static bool
has_more(int slot, long ms)
{
    return (peer_me.tls[slot] != NULL && peer_tls_pending(slot)) ||
           readable(peer_me.fd[slot], ms);
}

/* Reads more into the slot's buffer; false at the end of the connection. */
bool
peer_more(int slot)
{
    char data[65536];
    ssize_t n = 0;

    if (!has_more(slot, PEER_WAIT_MS)) {
        peer_die("nothing came");
    }
    n = take_in(slot, data, sizeof data);
    return n > 0 && buf_add(&peer_me.in[slot], data, (size_t)n) == 0;
}

void
peer_need(int slot, size_t n)
{
    while (peer_me.in[slot].len < n) {
        if (!peer_more(slot)) {
            peer_die("the client hung up");
        }
    }
}

void
peer_put(int slot, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = give_out(slot, p, len);

        if (n <= 0) {
            peer_die("cannot send: %s", strerror(errno));
        }
        p += n;
        len -= (size_t)n;
    }
}

void
peer_take(int slot, struct buf *to, size_t n)
{
    buf_reset(to);
    peer_need(slot, n);
    (void)!buf_add(to, buf_text(&peer_me.in[slot]), n);
    buf_drop(&peer_me.in[slot], n);
}

void
peer_read_request(int slot)
{
    const char *end = NULL;
    const char *length = NULL;

    while ((end = strstr(buf_text(&peer_me.in[slot]), "\r\n\r\n")) == NULL) {
        if (!peer_more(slot)) {
            peer_die("the client hung up instead of asking");
        }
    }
    peer_take(slot, &peer_me.head, (size_t)(end - peer_me.in[slot].data) + 4);
    length = strcasestr(buf_text(&peer_me.head), "\r\ncontent-length:");
    peer_take(slot, &peer_me.body, length != NULL ? strtoul(length + 17, NULL, 10) : 0);
}

/* --- steps -------------------------------------------------------------------------- */

static void
do_accept(const struct peer_step *s)
{
    int yes = 1;

    if (!readable(peer_me.listener, PEER_WAIT_MS)) {
        peer_die("nobody connects");
    }
    peer_me.fd[s->slot] = accept(peer_me.listener, NULL, NULL);
    (void)setsockopt(peer_me.fd[s->slot], IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    buf_reset(&peer_me.in[s->slot]);
}

static void
do_expect(const struct peer_step *s)
{
    peer_read_request(s->slot);
    if (strncmp(buf_text(&peer_me.head), s->text, strlen(s->text)) != 0) {
        peer_die("expected %s, got %.*s", s->text,
                 (int)strcspn(buf_text(&peer_me.head), "\r"), buf_text(&peer_me.head));
    }
}

static void
do_look(const struct peer_step *s)
{
    const struct buf *where = s->what == PEER_BODY ? &peer_me.body : &peer_me.head;
    bool there = strcasestr(buf_text(where), s->text) != NULL;

    if (there != (s->what != PEER_LACKS)) {
        peer_die("%s \"%s\" in:\n%s", there ? "unwanted" : "no", s->text,
                 buf_text(where));
    }
}

static void
do_say(const struct peer_step *s)
{
    size_t len = strlen(s->text);
    size_t piece = s->n > 0 ? (size_t)s->n : len;

    for (size_t at = 0; at < len; at += piece) {
        peer_put(s->slot, s->text + at, len - at < piece ? len - at : piece);
        nap(s->n > 0 ? 1 : 0);
    }
}

static void
do_reply(const struct peer_step *s)
{
    struct buf b auto_buf = BUF_LIMIT(1 << 24);

    (void)!buf_printf(&b,
                      "HTTP/1.1 %ld Whatever\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n%s",
                      s->n, strlen(s->text), s->text);
    peer_put(s->slot, b.data, b.len);
}

static void
do_stream(const struct peer_step *s)
{
    /* No length: the end of the connection ends it. */
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

    peer_put(s->slot, head, sizeof head - 1);
}

static void
do_repeat(const struct peer_step *s)
{
    for (long i = 0; i < s->n; i++) {
        if (give_out(s->slot, s->text, strlen(s->text)) < 0) {
            return;
        }
    }
}

static void
do_close(const struct peer_step *s)
{
    struct linger hard = { 1, 0 };

    if (s->what == PEER_RESET) {
        (void)setsockopt(peer_me.fd[s->slot], SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    peer_tls_end(s->slot, s->what == PEER_CLOSE);
    (void)close(peer_me.fd[s->slot]);
}

static void
do_gone(const struct peer_step *s)
{
    char c = 0;

    if (peer_me.in[s->slot].len > 0 || !has_more(s->slot, PEER_WAIT_MS) ||
        take_in(s->slot, &c, 1) > 0) {
        peer_die("the client goes on");
    }
}

static void
do_sleep(const struct peer_step *s)
{
    nap(s->n);
}

/* libcurl may connect again before it finds that it must not send again. */
static void
do_quiet(const struct peer_step *s)
{
    char c = 0;

    if (readable(peer_me.listener, s->n) &&
        recv(accept(peer_me.listener, NULL, NULL), &c, 1, 0) > 0) {
        peer_die("another request");
    }
}

static void
do_listen(const struct peer_step *s)
{
    if (s->what == PEER_DEAF) {
        (void)close(peer_me.listener);
    } else {
        peer_me.listener = listen_on(peer_me.port);
    }
}

static void
do_end(const struct peer_step *s)
{
    (void)s;
}

static void (*const steps[])(const struct peer_step *s) = {
    [PEER_END] = do_end,
    [PEER_ACCEPT] = do_accept,
    [PEER_TLS] = peer_do_tls,
    [PEER_NO_TLS] = peer_do_tls,
    [PEER_EXPECT] = do_expect,
    [PEER_BODY] = do_look,
    [PEER_HAS] = do_look,
    [PEER_LACKS] = do_look,
    [PEER_SAY] = do_say,
    [PEER_REPLY] = do_reply,
    [PEER_STREAM] = do_stream,
    [PEER_REPEAT] = do_repeat,
    [PEER_SLEEP] = do_sleep,
    [PEER_CLOSE] = do_close,
    [PEER_CUT] = do_close,
    [PEER_RESET] = do_close,
    [PEER_GONE] = do_gone,
    [PEER_QUIET] = do_quiet,
    [PEER_DEAF] = do_listen,
    [PEER_LISTEN] = do_listen,
    [PEER_UPGRADE] = peer_do_upgrade,
    [PEER_MESSAGE] = peer_do_message,
    [PEER_PART] = peer_do_message,
    [PEER_FRAME] = peer_do_frame,
    [PEER_GET] = peer_do_get,
    [PEER_GET_PING] = peer_do_get,
    [PEER_BYE] = peer_do_bye,
};

static void __attribute__((noreturn)) play(const struct peer_step *script)
{
    (void)alarm(PEER_LIMIT_S);
    (void)signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < PEER_SLOTS; i++) {
        peer_me.fd[i] = -1;
        peer_me.in[i].limit = 1 << 24;
    }
    peer_me.head.limit = peer_me.body.limit = 1 << 24;
    for (; script->what != PEER_END; script++) {
        peer_me.step++;
        steps[script->what](script);
    }
    _exit(0);
}

void
peer_start(struct peer *p, const struct peer_step *script)
{
    peer_me.listener = listen_on(0);
    peer_me.port = p->port = port_of(peer_me.listener);
    (void)snprintf(p->url, sizeof p->url, "http://127.0.0.1:%d", p->port);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        play(script);
    }
    (void)close(peer_me.listener);
}

void
peer_finish(struct peer *p)
{
    int status = 0;

    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    assert_int_equal(status, 0);
}

int
peer_dead_port(void)
{
    int fd = listen_on(0);
    int port = port_of(fd);

    (void)close(fd);
    return port;
}
