#include "kube/exec_wire.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/select.h>

#include "base/mem.h"

struct exec_wire {
    CURLM *multi;
    CURL *easy;
    const char *server; /* borrowed */
    bool connected;
    char error[CURL_ERROR_SIZE];
};

struct exec_wire *
exec_wire_open(struct http *h)
{
    struct exec_wire *w = mem_alloc(sizeof *w);

    w->multi = mem_check(curl_multi_init());
    w->easy = http_new_easy(h, "/");
    w->server = http_host(h);
    (void)curl_easy_setopt(w->easy, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(w->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(w->easy, CURLOPT_ERRORBUFFER, w->error);
    (void)curl_multi_add_handle(w->multi, w->easy);
    http_count(h);
    return w;
}

void
exec_wire_close(struct exec_wire *w)
{
    if (w == NULL) {
        return;
    }
    (void)curl_multi_remove_handle(w->multi, w->easy);
    curl_easy_cleanup(w->easy);
    (void)curl_multi_cleanup(w->multi);
    free(w);
}

int
exec_wire_connect(struct exec_wire *w, struct err *e)
{
    int running = 0;
    int left = 0;
    const CURLMsg *m = NULL;

    (void)curl_multi_perform(w->multi, &running);
    m = curl_multi_info_read(w->multi, &left);
    if (m == NULL) {
        return 0;
    }
    if (m->data.result != CURLE_OK) {
        return err_set(e, ERR_NETWORK, "cannot reach %s: %s", w->server,
                       w->error[0] != '\0' ? w->error
                                           : curl_easy_strerror(m->data.result));
    }
    w->connected = true;
    return 1;
}

long
exec_wire_wait_ms(const struct exec_wire *w)
{
    long ms = -1;

    (void)curl_multi_timeout(w->multi, &ms);
    return ms;
}

ssize_t
exec_wire_recv(struct exec_wire *w, void *data, size_t len)
{
    size_t n = 0;
    CURLcode code = curl_easy_recv(w->easy, data, len, &n);

    if (code == CURLE_AGAIN) {
        return 0;
    }
    return code == CURLE_OK && n > 0 ? (ssize_t)n : -1;
}

ssize_t
exec_wire_send(struct exec_wire *w, const void *data, size_t len)
{
    size_t n = 0;
    CURLcode code = curl_easy_send(w->easy, data, len, &n);

    if (code == CURLE_AGAIN) {
        return 0;
    }
    return code == CURLE_OK ? (ssize_t)n : -1;
}

/* While it connects: what libcurl waits for (the resolver, then the socket). */
static size_t
exec_wire_connecting_fds(struct exec_wire *w, struct http_fd *out, size_t max)
{
    fd_set in;
    fd_set outgoing;
    fd_set failed;
    int last = -1;
    size_t n = 0;

    FD_ZERO(&in);
    FD_ZERO(&outgoing);
    FD_ZERO(&failed);
    (void)curl_multi_fdset(w->multi, &in, &outgoing, &failed, &last);
    for (int fd = 0; fd <= last && n < max; fd++) {
        if (FD_ISSET(fd, &in) || FD_ISSET(fd, &outgoing)) {
            out[n++] = (struct http_fd){ .fd = fd, .write = FD_ISSET(fd, &outgoing) };
        }
    }
    return n;
}

size_t
exec_wire_fds(struct exec_wire *w, bool write, struct http_fd *out, size_t max)
{
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (!w->connected) {
        return exec_wire_connecting_fds(w, out, max);
    }
    (void)curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD || max == 0) {
        return 0;
    }
    out[0] = (struct http_fd){ .fd = fd, .write = write };
    return 1;
}
