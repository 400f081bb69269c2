#ifndef KUBE_HTTP_PRIVATE_H
#define KUBE_HTTP_PRIVATE_H

#include <curl/curl.h>

#include "kube/http.h"

/* What http.c (server, connections, loop) and http_call.c (one request) share. */

struct http {
    const struct kube_target *target;
    struct auth *auth;
    struct server server;
    char *base;                    /* "https://name:port/prefix" */
    char *host;                    /* "host:port" */
    struct curl_slist *connect_to; /* NULL unless the name differs from the host */
    CURLM *multi;
    struct http_call *calls;
    unsigned long requests;
    bool suspect; /* the connections may be dead: make new ones */
};

struct http_call {
    struct http *http;
    struct http_call *next;
    CURL *easy; /* NULL: over */
    struct curl_slist *headers;
    char *label; /* "GET /path" */
    struct buf body;
    size_t body_sent;
    int (*on_data)(void *ctx, const char *data, size_t len);
    void *ctx;
    long idle_ms;
    long long send_by;
    bool framed; /* the reply's head says where its body ends */
    long long started_ms;
    long long heard_ms;
    struct http_reply reply;
};

/* Take a call off the loop: it ended by itself, or is ended for a reason. */
void http_call_finish(struct http_call *c, CURLcode code);
void http_call_cut(struct http_call *c, const char *why);

#endif
