#ifndef KUBE_CLIENT_PRIVATE_H
#define KUBE_CLIENT_PRIVATE_H

#include "kube/loop.h"
#include "kube/policy.h"

/* What loop.c, request.c and client.c share. */

enum {
    KUBE_REPLY_LIMIT = 64 * 1024 * 1024,
    KUBE_REQUEST_MS = 30 * 1000,
    KUBE_AWAY_MS = 60 * 1000, /* for an API server that restarts */
    KUBE_UNKNOWN_MS = 1500,   /* for one that never answered: a typo is told soon */
};

struct kube {
    struct kube_target target;
    struct http *http;
    struct policy policy;
    void (*tick)(void *ctx);
    void *tick_ctx;
    struct kube_source *sources;
    long each_ms;     /* of kube_set_patience; 0: the usual */
    long long until;  /* the same; clock_ms() */
    bool woken;       /* something came that kube_pump has not told yet */
    bool reached;     /* the server has answered */
    long away_max_ms; /* of kube_set_away */
};

struct client_request {
    const char *verb;  /* for people: "patch" */
    const char *title; /* for people: "pods/mysql-0 in demo" */
    const char *method;
    const char *path;
    const char *content_type;
    const char *accept; /* NULL: JSON */
    const char *body;   /* NULL: none */
    size_t reply_limit; /* 0: 64 MiB */
    bool safe;          /* changes nothing: may be sent twice */
    bool json_patch;
    bool eviction;                  /* 429 is an answer, not an overload */
    const struct kube_ref *changes; /* the guard is asked about it; NULL: nothing */
};

/* Sends a request, again where that is right, and waits for a 2xx reply. Before each
 * attempt of a change the guard is asked, which may serve the loop and make requests of
 * its own. Errors are put into words, with what was tried. */
int client_send(struct kube *k, const struct client_request *rq, struct buf *out,
                struct err *e);

/* The error of a change that may or may not have been made. Returns -1. */
int client_unknown_outcome(const struct client_request *rq, enum err_code code,
                           const char *why, struct err *e);

/* Sends a request that changes nothing and parses the reply, an object. */
int client_read(struct kube *k, const struct client_request *rq, json_t **out,
                struct err *e);

/* GET of a collection, page by page; `path` has the selectors already. */
int client_list(struct kube *k, const char *title, const char *path, json_t **out,
                struct err *e);

#endif
