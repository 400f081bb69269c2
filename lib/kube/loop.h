#ifndef KUBE_LOOP_H
#define KUBE_LOOP_H

#include "kube/client.h"
#include "kube/http.h"

/*
 * The client's loop, for those who live on it beside requests: watches and exec
 * sessions are sources. A round waits for something to happen, carries the transfers
 * on and serves every source.
 */

struct kube_source {
    struct kube_source *next;
    /* Called in each round, outside libcurl's callbacks; may start and close calls. */
    void (*serve)(struct kube_source *s);
    /* The client is freed: let go of all that belongs to it. */
    void (*orphan)(struct kube_source *s);
    /* Descriptors to wait for; may be NULL. Returns how many it wrote. */
    size_t (*fds)(struct kube_source *s, struct http_fd *out, size_t max);
    long long due_ms; /* clock_ms() at which it wants to be served; 0: no matter */
};

void loop_add(struct kube *k, struct kube_source *s);
void loop_remove(struct kube *k, struct kube_source *s);

/* One round of at most wait_ms. */
void loop_round(struct kube *k, long wait_ms);

/* Somebody who waits in kube_pump should look. */
void loop_wake(struct kube *k);

/* Serves the loop for a while, or until a signal comes; -1 (ERR_INTERRUPTED) once the
 * user wants to stop now. */
int loop_sleep(struct kube *k, long ms, struct err *e);

/* How long something may take that usually may take `ms`, by kube_set_patience. */
long loop_patience(const struct kube *k, long ms);

/* What a request, a watch or a session learned of the server: something sensible; or, of
 * an attempt begun at that time, nothing. */
void loop_heard(struct kube *k);
void loop_missed(struct kube *k, long long began_ms);

struct http *loop_http(struct kube *k);

/* A number to spread pauses with. */
unsigned loop_random(void);

#endif
