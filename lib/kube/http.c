#include "kube/http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/scope.h"
#include "kube/auth.h"
#include "kube/config.h"
#include "kube/http_private.h"
#include "kube/target.h"

enum {
    HTTP_CONNECT_MS = 10 * 1000,
    /* A peer that is gone is noticed by the kernel: what it does not acknowledge, a
     * request or a keepalive probe, ends the connection after this time. */
    HTTP_DEAD_MS = 30 * 1000,
    HTTP_PROBE_S = 10,
};

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
