#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "kube/auth.h"
#include "kube/config.h"
#include "kube/http.h"
#include "kube/http_private.h"
#include "kube/target.h"

/*
 * The connections to one API server, shared by all requests.
 */

enum { HTTP_FDS = 64 }; /* of others, polled with our own */

static void
http_name_server(struct http *h)
{
    const struct server *s = &h->server;
    const char *name = h->target->tls_server_name;

    h->host = mem_printf("%s:%d", s->host, s->port);
    if (!s->tls || name == NULL || *name == '\0') {
        h->base = mem_printf("%s://%s%s", s->tls ? "https" : "http", h->host, s->prefix);
        return;
    }
    /* SNI and verification take the name in the URL; this maps it to the host. */
    auto_free char *map = mem_printf("%s:%d:%s", name, s->port, h->host);

    h->base = mem_printf("https://%s:%d%s", name, s->port, s->prefix);
    h->connect_to = mem_check(curl_slist_append(NULL, map));
}

struct http *
http_new(const struct kube_target *t, struct err *e)
{
    struct server server = { 0 };
    struct auth *auth = NULL;
    struct http *h = NULL;

    if (server_parse(t->server != NULL ? t->server : "", &server, e) < 0) {
        return NULL;
    }
    auth = auth_new(t, e);
    if (auth == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        server_free(&server);
        return NULL;
    }
    h = mem_alloc(sizeof *h);
    h->target = t;
    h->auth = auth;
    h->server = server;
    h->multi = mem_check(curl_multi_init());
    http_name_server(h);
    return h;
}

void
http_free(struct http *h)
{
    if (h == NULL) {
        return;
    }
    while (h->calls != NULL) {
        struct http_call *c = h->calls;

        http_call_cut(c, "the client was closed");
        c->http = NULL;
    }
    (void)curl_multi_cleanup(h->multi);
    curl_slist_free_all(h->connect_to);
    auth_free(h->auth);
    server_free(&h->server);
    free(h->base);
    free(h->host);
    free(h);
    curl_global_cleanup();
}

unsigned long
http_requests(const struct http *h)
{
    return h->requests;
}

void
http_count(struct http *h)
{
    h->requests++;
}

struct auth *
http_auth(struct http *h)
{
    return h->auth;
}

/* After silence the connections may be dead without anybody knowing: cuts what goes
 * over them and makes new ones. */
static void
http_renew(struct http *h)
{
    while (h->calls != NULL) {
        http_call_cut(h->calls, "the connection is no longer used");
    }
    (void)curl_multi_cleanup(h->multi);
    h->multi = mem_check(curl_multi_init());
    h->suspect = false;
}

bool
http_refresh(struct http *h, unsigned credentials)
{
    unsigned certificates = auth_certificate(h->auth)->changed;
    bool others = auth_refresh(h->auth, credentials);

    if (auth_certificate(h->auth)->changed != certificates) {
        http_renew(h);
    }
    return others;
}

static void
http_collect(struct http *h)
{
    int left = 0;
    CURLMsg *m = NULL;
    struct http_call *next = NULL;
    long long now = clock_ms();

    while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
        struct http_call *c = NULL;

        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
        http_call_finish(c, m->data.result);
    }
    for (struct http_call *c = h->calls; c != NULL; c = next) {
        next = c->next;
        if (c->idle_ms > 0 && now - c->heard_ms > c->idle_ms) {
            http_call_cut(c, "no data for too long");
        }
    }
}

void
http_serve(struct http *h, const struct http_fd *fds, size_t n, long timeout_ms)
{
    struct curl_waitfd extra[HTTP_FDS];
    size_t used = 0;
    int running = 0;

    for (; used < n && used < HTTP_FDS; used++) {
        extra[used] =
            (struct curl_waitfd){ .fd = fds[used].fd, .events = CURL_WAIT_POLLIN };
        if (fds[used].write) {
            extra[used].events |= CURL_WAIT_POLLOUT;
        }
    }
    (void)curl_multi_poll(h->multi, extra, (unsigned)used, (int)timeout_ms, NULL);
    (void)curl_multi_perform(h->multi, &running);
    http_collect(h);
    if (h->suspect) {
        http_renew(h);
    }
}
