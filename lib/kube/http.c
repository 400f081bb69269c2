#include "kube/http_private.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    HTTP_CONNECT_MS = 10 * 1000,
    HTTP_FDS = 64,
    /* A peer that is gone is noticed by the kernel: what it does not acknowledge, a
     * request or a keepalive probe, ends the connection after this time. */
    HTTP_DEAD_MS = 30 * 1000,
    HTTP_PROBE_S = 10,
};

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

const struct server *
http_server(const struct http *h)
{
    return &h->server;
}

const char *
http_host(const struct http *h)
{
    return h->host;
}

static int
http_tune_socket(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
    unsigned dead = HTTP_DEAD_MS;

    (void)ctx;
    (void)purpose;
#ifdef TCP_USER_TIMEOUT
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead, sizeof dead);
#endif
    return CURL_SOCKOPT_OK;
}

/* libcurl keeps a copy: the certificate may be replaced while it connects. */
static void
http_set_blob(CURL *easy, CURLoption option, char *pem)
{
    struct curl_blob blob = { .data = pem, .flags = CURL_BLOB_COPY };

    if (pem != NULL) {
        blob.len = strlen(pem);
        (void)curl_easy_setopt(easy, option, &blob);
    }
}

static void
http_set_tls(CURL *easy, const struct kube_target *t, const struct auth_certificate *mine)
{
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
    (void)curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    http_set_blob(easy, CURLOPT_SSLCERT_BLOB, mine->cert_pem);
    http_set_blob(easy, CURLOPT_SSLKEY_BLOB, mine->key_pem);
    if (t->insecure) {
        (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    } else if (t->ca_pem != NULL) {
        http_set_blob(easy, CURLOPT_CAINFO_BLOB, t->ca_pem);
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* this CA, no other */
    }
}

void *
http_new_easy(struct http *h, const char *path)
{
    CURL *easy = mem_check(curl_easy_init());
    auto_free char *url = mem_printf("%s%s", h->base, path);

    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, h->connect_to);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)HTTP_PROBE_S);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)HTTP_PROBE_S);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, http_tune_socket);
    http_set_tls(easy, h->target, auth_certificate(h->auth));
    return easy;
}

/* After silence the connections may be dead without anybody knowing: cuts what goes
 * over them and makes new ones. */
static void
http_renew(struct http *h)
{
    while (h->calls != NULL) {
        http_call_cut(h->calls, "the connection is not used any more");
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
            http_call_cut(c, "nothing came for too long");
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
