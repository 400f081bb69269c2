#ifndef DOUBLE_CALL_H
#define DOUBLE_CALL_H

#include "base/sig.h"
#include "double_err.h"
#include "double_lease.h"
#include "double_pods.h"
#include "double_world.h"
#include "kube/client.h"
#include "kube/policy.h"
#include "kube/watch.h"

/*
 * What all calls of the double have in common: a number, a label, the rules of the test,
 * a little time that passes; and the mirrors, because a request serves the loop.
 */

enum { CALL_MS = 2, CALL_SLICE_MS = 50, CALL_TICK_MS = 200 };

struct kube_watch {
    struct kube *k;
    struct kube_watch *next;
    char *resource, *name, *labels;
    json_t *seen; /* name -> object */
    unsigned long version;
    unsigned long taken; /* world.versions when it was refreshed */
};

struct kube {
    struct policy policy;
    void (*tick)(void *ctx);
    void *tick_ctx;
    long long ticked;
    unsigned long requests;
    struct kube_watch *watches;
    long long until; /* no call is begun after it; 0: whenever */
    bool lose, die;  /* what will become of the present call's reply */
};

/* -- mirrors -- */

bool call_refresh(struct kube *k);

/* -- the rules -- */

/* Before a call is applied; -1: it is not. */
int __attribute__((format(printf, 3, 4)))
call_begin(struct kube *k, struct err *e, const char *fmt, ...);

/* After it was applied; -1: but nobody hears of it. e may be NULL. */
int call_end(struct kube *k, struct err *e);

/* -- changes: the mode, the guard, then the call -- */

int __attribute__((format(printf, 4, 5)))
change_begin(struct kube *k, const struct kube_ref *ref, struct err *e, const char *fmt,
             ...);
int change_refuse(struct kube *k, struct err *e, int status, const char *label);
int change_end(struct kube *k, const char *resource, const char *name, json_t **out,
               struct err *e);

#endif
