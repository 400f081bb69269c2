#include "kube/http_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#ifndef DBU_VERSION
#define DBU_VERSION "unknown"
#endif

enum { HTTP_DEFAULT_REPLY = 1024 * 1024, HTTP_HEADERS = 256 * 1024 };

static size_t
http_on_reply(char *data, size_t one, size_t n, void *ctx)
{
    struct http_call *c = ctx;
    size_t len = one * n;

    c->heard_ms = clock_ms();
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->reply.status);
    if (c->on_data != NULL && c->reply.status / 100 == 2) {
        if (c->on_data(c->ctx, data, len) < 0) {
            c->reply.end = HTTP_STOPPED;
            return 0;
        }
    } else if (buf_add(&c->reply.body, data, len) < 0) {
        c->reply.end = HTTP_TOO_LARGE;
        return 0;
    }
    return len;
}

static bool
http_is_header(const char *line, size_t len, const char *name)
{
    size_t n = strlen(name);

    return len >= n && strncasecmp(line, name, n) == 0;
}

static size_t
/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type */
http_on_header(char *data, size_t one, size_t n, void *ctx)
{
    struct http_call *c = ctx;

    if (http_is_header(data, one * n, "HTTP/")) { /* one after "100 Continue" */
        c->framed = http_is_header(data, one * n, "HTTP/2");
    }
    c->framed = c->framed || http_is_header(data, one * n, "Content-Length:") ||
                http_is_header(data, one * n, "Transfer-Encoding:");
    c->heard_ms = clock_ms();
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->reply.status);
    return one * n;
}

/* Asked at the last moment before libcurl writes to the connection: between the caller's
 * look at the clock and now the connection was made, or this machine slept. */
static bool
http_is_late(struct http_call *c)
{
    c->reply.late = c->reply.late || (c->send_by != 0 && clock_ms() > c->send_by);
    return c->reply.late;
}

static int
/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type */
http_on_connected(void *ctx, char *to, char *from, int to_port, int from_port)
{
    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    return http_is_late(ctx) ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t
http_on_body(char *out, size_t one, size_t n, void *ctx)
{
    struct http_call *c = ctx;
    size_t left = c->body.len - c->body_sent;
    size_t len = left < one * n ? left : one * n;

    if (len > 0 && http_is_late(c)) {
        return CURL_READFUNC_ABORT;
    }
    memcpy(out, c->body.data + c->body_sent, len);
    c->body_sent += len;
    return len;
}

/* libcurl sends a request again by itself when a connection that it used before turns
 * out to be cut. Refusing to rewind stops that once a part of the body went out, so a
 * change is made once or not at all. */
static int
http_refuse_rewind(void *ctx, curl_off_t offset, int origin)
{
    (void)ctx;
    (void)offset;
    (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

static void
http_add_header(struct http_call *c, const char *line)
{
    c->headers = mem_check(curl_slist_append(c->headers, line));
}

static void
http_set_headers(struct http_call *c, const struct http_request *rq)
{
    struct buf lines auto_secret = BUF_LIMIT(HTTP_HEADERS);
    struct http *h = c->http;

    http_add_header(c, "User-Agent: kubectl-dbupgrade/" DBU_VERSION);
    http_add_header(c, "Expect:");
    if (h->connect_to != NULL) {
        (void)!buf_printf(&lines, "Host: %s\r\n", h->host);
    }
    (void)!buf_printf(&lines, "Accept: %s\r\n",
                      rq->accept != NULL ? rq->accept : "application/json");
    if (rq->content_type != NULL) {
        (void)!buf_printf(&lines, "Content-Type: %s\r\n", rq->content_type);
    }
    auth_headers(h->auth, &lines);
    c->reply.credentials = auth_generation(h->auth);
    for (char *line = lines.data, *end = NULL; line != NULL; line = end + 2) {
        end = strstr(line, "\r\n");
        if (end == NULL) {
            break;
        }
        *end = '\0';
        http_add_header(c, line);
    }
    (void)curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
}

static void
http_set_body(struct http_call *c, const char *body)
{
    c->body.limit = strlen(body) + 1;
    (void)!buf_puts(&c->body, body);
    (void)curl_easy_setopt(c->easy, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(c->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->body.len);
    (void)curl_easy_setopt(c->easy, CURLOPT_READFUNCTION, http_on_body);
    (void)curl_easy_setopt(c->easy, CURLOPT_READDATA, c);
    (void)curl_easy_setopt(c->easy, CURLOPT_SEEKFUNCTION, http_refuse_rewind);
}

static void
http_set_call(struct http_call *c, const struct http_request *rq)
{
    CURL *easy = c->easy;

    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, c);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    (void)curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, rq->timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, c->reply.error);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_on_reply);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, c);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, c);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, http_on_connected);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, c);
    if (!c->http->target->disable_compression) {
        (void)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    if (rq->body != NULL) {
        http_set_body(c, rq->body);
    }
    (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, rq->method);
    http_set_headers(c, rq);
}

struct http_call *
http_start(struct http *h, const struct http_request *rq)
{
    struct http_call *c = mem_alloc(sizeof *c);

    c->http = h;
    c->on_data = rq->on_data;
    c->ctx = rq->ctx;
    c->idle_ms = rq->idle_ms;
    c->send_by = rq->send_by;
    c->started_ms = c->heard_ms = clock_ms();
    c->label = mem_printf("%s %s", rq->method, rq->path);
    c->reply.body.limit = rq->reply_limit > 0 ? rq->reply_limit : HTTP_DEFAULT_REPLY;
    c->easy = http_new_easy(h, rq->path);
    http_set_call(c, rq);
    (void)curl_multi_add_handle(h->multi, c->easy);
    c->next = h->calls;
    h->calls = c;
    h->requests++;
    return c;
}

const struct http_reply *
http_reply(struct http_call *c)
{
    return &c->reply;
}

/* Takes the transfer off the loop; what came so far stays. */
static void
http_call_stop(struct http_call *c)
{
    struct http_call **at = &c->http->calls;

    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    (void)curl_multi_remove_handle(c->http->multi, c->easy);
    curl_easy_cleanup(c->easy);
    curl_slist_free_all(c->headers);
    c->easy = NULL;
    c->headers = NULL;
    log_debug(1, "%s %ld %lld ms%s%s", c->label, c->reply.status,
              clock_ms() - c->started_ms, c->reply.end == HTTP_REPLIED ? "" : " ",
              c->reply.error);
}

void
http_call_cut(struct http_call *c, const char *why)
{
    (void)snprintf(c->reply.error, sizeof c->reply.error, "%s", why);
    c->reply.end = HTTP_CUT;
    c->reply.sent = true;
    http_call_stop(c);
}

static enum http_end
http_end_of(CURLcode code, bool began)
{
    switch ((int)code) {
    case CURLE_OK:
        return HTTP_REPLIED;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_SSL_CONNECT_ERROR:
        return HTTP_UNREACHABLE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return HTTP_UNTRUSTED;
    case CURLE_OPERATION_TIMEDOUT:
        return began ? HTTP_SILENT : HTTP_UNREACHABLE;
    default:
        return began ? HTTP_CUT : HTTP_UNREACHABLE;
    }
}

/* A text that just goes on until the connection ends is whole if its sender says so in
 * TLS, whom nobody between can imitate; but libcurl takes a mere cut for the same. The
 * API server, as every server of HTTP/1.1, says how long a text is, or sends it in
 * chunks. */
static bool
http_may_be_cut(const struct http_call *c)
{
    const struct http_reply *r = &c->reply;

    return r->end == HTTP_REPLIED && c->http->server.tls && !c->framed &&
           c->on_data == NULL && r->status != 204 && r->status != 304;
}

void
http_call_finish(struct http_call *c, CURLcode code)
{
    struct http_reply *r = &c->reply;
    curl_off_t began_us = 0;
    curl_off_t wait_s = 0;

    (void)curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &began_us);
    (void)curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &wait_s);
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &r->status);
    r->retry_after = (long)wait_s;
    if (r->end == HTTP_RUNNING) {
        r->end = http_end_of(code, began_us > 0);
    }
    if (http_may_be_cut(c)) {
        (void)snprintf(r->error, sizeof r->error,
                       "the reply has no length: it may be incomplete");
        r->end = HTTP_CUT;
    }
    if (c->body.data != NULL) {
        /* Of a change, whatever went wrong last: libcurl may have connected again. A
         * change of which the server got no byte of the body cannot have been made. */
        r->sent = c->body_sent > 0;
        r->end = r->sent && r->end == HTTP_UNREACHABLE ? HTTP_CUT : r->end;
    } else {
        r->sent = r->end != HTTP_UNREACHABLE && r->end != HTTP_UNTRUSTED;
    }
    if (r->late) {
        (void)snprintf(r->error, sizeof r->error,
                       "the request could not be sent in time");
        r->end = r->sent ? HTTP_CUT : HTTP_UNREACHABLE;
    }
    if (code == CURLE_SEND_FAIL_REWIND) {
        (void)snprintf(r->error, sizeof r->error, "the connection was closed");
    }
    if (code != CURLE_OK && r->error[0] == '\0') {
        (void)snprintf(r->error, sizeof r->error, "%s", curl_easy_strerror(code));
    }
    if (r->end == HTTP_SILENT && r->status == 0) {
        c->http->suspect = true;
    }
    http_call_stop(c);
}

void
http_close(struct http_call *c)
{
    if (c == NULL) {
        return;
    }
    if (c->easy != NULL) {
        http_call_cut(c, "closed");
    }
    buf_free(&c->body);
    buf_free(&c->reply.body);
    free(c->label);
    free(c);
}
