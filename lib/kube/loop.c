#include <openssl/rand.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/sig.h"
#include "kube/client_private.h"

enum {
    LOOP_TICK_MS = 200,
    LOOP_FDS = 48,
    LOOP_SLEPT_MS = 5000, /* a round of a tick that lasts so long: nobody was awake */
};

struct kube *
kube_new(const struct kube_target *t, struct err *e)
{
    struct kube *k = mem_alloc(sizeof *k);

    target_copy(&k->target, t);
    k->away_max_ms = KUBE_AWAY_MS;
    k->http = http_new(&k->target, e);
    if (k->http == NULL) {
        kube_free(k);
        return NULL;
    }
    return k;
}

void
kube_free(struct kube *k)
{
    if (k == NULL) {
        return;
    }
    while (k->sources != NULL) {
        struct kube_source *s = k->sources;

        k->sources = s->next;
        s->orphan(s);
    }
    http_free(k->http);
    kube_target_free(&k->target);
    free(k);
}

void
kube_set_tick(struct kube *k, void (*tick)(void *ctx), void *ctx)
{
    k->tick = tick;
    k->tick_ctx = ctx;
}

unsigned long
kube_requests(const struct kube *k)
{
    return http_requests(k->http);
}

const char *
kube_server(const struct kube *k)
{
    return k->target.server;
}

void
kube_set_away(struct kube *k, long ms)
{
    k->away_max_ms = ms;
}

long long
kube_away_ms(const struct kube *k)
{
    return policy_away_ms(&k->policy);
}

bool
kube_is_away(const struct kube *k)
{
    return k->policy.away_since != 0;
}

void
loop_heard(struct kube *k)
{
    policy_heard(&k->policy);
}

void
loop_missed(struct kube *k, long long began_ms)
{
    policy_missed(&k->policy, began_ms);
}

struct http *
loop_http(struct kube *k)
{
    return k->http;
}

unsigned
loop_random(void)
{
    unsigned n = 0;

    (void)RAND_bytes((unsigned char *)&n, sizeof n);
    return n;
}

void
loop_add(struct kube *k, struct kube_source *s)
{
    s->next = k->sources;
    k->sources = s;
}

void
loop_remove(struct kube *k, struct kube_source *s)
{
    struct kube_source **at = &k->sources;

    while (*at != NULL && *at != s) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = s->next;
    }
}

void
loop_wake(struct kube *k)
{
    k->woken = true;
}

void
kube_set_patience(struct kube *k, long each_ms, long long until)
{
    k->each_ms = each_ms;
    k->until = until;
}

long
loop_patience(const struct kube *k, long ms)
{
    long long left = k->until - clock_ms();
    long each = k->each_ms < ms ? k->each_ms : ms;

    if (k->each_ms == 0) {
        return ms;
    }
    if (left <= 0) {
        return 0;
    }
    return left < each ? (long)left : each;
}

/* How long a round may wait: until the next tick, or until a source is due. */
static long
loop_limit(const struct kube *k, long wait_ms)
{
    long long now = clock_ms();
    long long wait = wait_ms < LOOP_TICK_MS ? wait_ms : LOOP_TICK_MS;

    for (const struct kube_source *s = k->sources; s != NULL; s = s->next) {
        if (s->due_ms != 0 && s->due_ms - now < wait) {
            wait = s->due_ms - now;
        }
    }
    return wait > 0 ? (long)wait : 0;
}

/* While this machine slept, or this process was stopped, the server was not heard. */
static void
loop_count_sleep(struct kube *k, long long began_ms)
{
    long long gap = clock_ms() - began_ms;

    if (gap > LOOP_SLEPT_MS && k->policy.away_since == 0) {
        k->policy.away_before += gap;
    }
}

void
loop_round(struct kube *k, long wait_ms)
{
    long long began_ms = 0;
    struct http_fd fds[LOOP_FDS];
    size_t n = 0;
    struct kube_source *next = NULL;

    if (sig_fd() >= 0) {
        fds[n++] = (struct http_fd){ .fd = sig_fd() };
    }
    for (struct kube_source *s = k->sources; s != NULL; s = s->next) {
        n += s->fds != NULL ? s->fds(s, fds + n, LOOP_FDS - n) : 0;
    }
    began_ms = clock_ms();
    http_serve(k->http, fds, n, loop_limit(k, wait_ms));
    loop_count_sleep(k, began_ms);
    for (struct kube_source *s = k->sources; s != NULL; s = next) {
        next = s->next;
        s->serve(s);
    }
    if (k->tick != NULL) {
        k->tick(k->tick_ctx);
    }
}

/* Forgets the bytes in the signal pipe; whether there is more to know than before. */
static bool
loop_signalled(int *seen)
{
    int now = (int)sig_asked();
    bool more = now != *seen;

    sig_drain();
    *seen = now;
    return more;
}

int
loop_sleep(struct kube *k, long ms, struct err *e)
{
    long long end = clock_ms() + ms;
    int seen = (int)sig_asked();

    while (sig_asked() != SIG_STOP_NOW) {
        long long left = end - clock_ms();

        loop_round(k, left > 0 ? (long)left : 0);
        if (loop_signalled(&seen) || clock_ms() >= end) {
            break;
        }
    }
    return sig_asked() == SIG_STOP_NOW ? err_set(e, ERR_INTERRUPTED, "interrupted") : 0;
}

void
kube_pump(struct kube *k, long timeout_ms)
{
    long long end = clock_ms() + timeout_ms;
    int seen = (int)sig_asked();

    for (;;) {
        long long left = end - clock_ms();

        loop_round(k, left > 0 && !k->woken ? (long)left : 0);
        if (loop_signalled(&seen) || k->woken || clock_ms() >= end) {
            break;
        }
    }
    k->woken = false;
}
