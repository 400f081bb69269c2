#ifndef TEST_KUBE_CASE_H
#define TEST_KUBE_CASE_H

#include "kube/client.h"
#include "kube/exec.h"
#include "peer.h"

/* A client of a scripted peer. */
struct kube_case {
    struct peer peer;
    struct kube *k;
    struct err e;
};

void kube_case_start(struct kube_case *c, const struct peer_step *script);
void kube_case_start_as(struct kube_case *c, const struct peer_step *script,
                        const struct kube_target *t);

/* Closes the client, waits for the peer. */
void kube_case_finish(struct kube_case *c);

/* A configmap "c" in "demo", and the collection. */
extern const struct kube_ref kube_case_one;
extern const struct kube_ref kube_case_all;

/* Asks for the one, and patches it: as kube_get() and kube_patch() return. */
int kube_case_get(struct kube_case *c);
int kube_case_patch(struct kube_case *c);

/* A session that must open, and its end that must come. */
struct kube_exec *kube_case_exec(struct kube_case *c, const struct kube_exec_spec *spec);
void kube_case_wait_end(struct kube_case *c, struct kube_exec *x);

/* As bodies of replies. */
#define OBJECT(name, at) \
    "{\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" at "\"}}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define LIST(at, items) \
    "{\"metadata\":{\"resourceVersion\":\"" at "\"},\"items\":[" items "]}"
#define STATUS(code, reason)                                                    \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"it says " reason \
    "\",\"reason\":\"" reason "\",\"code\":" #code "}"

#endif
