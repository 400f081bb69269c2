#ifndef KUBE_CLIENT_H
#define KUBE_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "kube/config.h"

/*
 * The API server. One curl_multi loop serves requests, watches (kube/watch.h) and
 * exec sessions (kube/exec.h); a request is made by pumping that loop until its
 * reply is there, so watches go on meanwhile. Requests share one connection
 * (HTTP/2 where the server has it). Everything has a time limit.
 *
 * Retries are kubectl's: 429 and 5xx with Retry-After, at most 10 times; GETs also
 * when the connection was cut. A mutation whose connection was cut is NOT sent
 * again: its outcome is unknown, the error is ERR_NETWORK with the reason
 * "OUTCOME_UNKNOWN", and the caller looks. The same holds for a 2xx reply that cannot
 * be read, for a 5xx that is not the API server's own, and for one by which the API
 * server says that it lost its store (etcd) or ran out of time.
 *
 * A server that was reached once may go away (restart) for a minute, or as long as
 * kube_set_away() says: reads, and changes that could not be sent at all, wait for
 * it. A signal (base/sig.h) that comes meanwhile is the end of trying again. When the
 * user wants to stop at once, what waits ends with ERR_INTERRUPTED; a request begun
 * after that is sent once.
 *
 * Errors: Kubernetes' Status replies become readable text (code by HTTP status,
 * `status` set, `reason` the Status' own).
 */

struct kube;

/* What a mutation does: KUBE_DRY_SERVER sends it with dryRun=All, so that
 * admission and authorisation run and nothing is stored; KUBE_READ_ONLY refuses
 * every mutation. */
enum kube_mode { KUBE_LIVE, KUBE_DRY_SERVER, KUBE_READ_ONLY };

/* Names a resource or object. group "" is the core group. */
struct kube_ref {
    const char *group;
    const char *version;
    const char *resource;    /* plural */
    const char *name_space;  /* NULL: cluster-scoped */
    const char *name;        /* NULL: the collection */
    const char *subresource; /* NULL: the object itself */
};

enum kube_patch_type { KUBE_MERGE_PATCH, KUBE_JSON_PATCH };

/* The target is copied. NULL on error (ERR_CONFIG); nothing is sent yet. */
struct kube *kube_new(const struct kube_target *t, struct err *e);
void kube_free(struct kube *k);

static inline void
kube_scope_free(struct kube **k)
{
    kube_free(*k);
}
#define auto_kube scope_cleanup(kube_scope_free)

void kube_set_mode(struct kube *k, enum kube_mode mode);
enum kube_mode kube_get_mode(const struct kube *k);

/* From now on nothing takes longer than each_ms, and nothing is begun that could go on
 * after `until` (clock_ms()): requests are sent once. For what is done on the way out,
 * when the server may be what failed. 0, 0: the usual patience again. */
void kube_set_patience(struct kube *k, long each_ms, long long until);

/* How long a request waits for a server that is away; a minute until this is called. */
void kube_set_away(struct kube *k, long ms);

/* For how long, of the time since the client was made, the server could not be heard: no
 * connection, no answer; or 429 and 5xx for what only reads; or this machine slept. */
long long kube_away_ms(const struct kube *k);

/* Whether the last attempt of a request or a watch heard nothing of it. */
bool kube_is_away(const struct kube *k);

/* Asked before every mutation, with what it would change; -1 stops it. It may set *until,
 * a time of clock_ms() after which its word does not hold any more; 0 is for ever. */
typedef int kube_guard(void *ctx, const struct kube_ref *ref, long long *until,
                       struct err *e);
void kube_set_guard(struct kube *k, kube_guard *guard, void *ctx);

/* Called about every 200 ms while the loop waits for anything, and after each
 * round of it: to draw, and to look at the clock. It must not make requests. */
void kube_set_tick(struct kube *k, void (*tick)(void *ctx), void *ctx);

/* Requests sent so far, retries, watches and exec sessions included. */
unsigned long kube_requests(const struct kube *k);

/* "https://host:port" */
const char *kube_server(const struct kube *k);

/* Reads. *out is a new reference. kube_list follows `continue` and returns one
 * list object with all items; selectors may be NULL. */
int kube_get(struct kube *k, const struct kube_ref *ref, json_t **out, struct err *e);
/* The same without what the object holds: its metadata only, as a PartialObjectMetadata.
 * Of a Secret no value is sent. */
int kube_get_meta(struct kube *k, const struct kube_ref *ref, json_t **out,
                  struct err *e);
int kube_list(struct kube *k, const struct kube_ref *ref, const char *labels,
              json_t **out, struct err *e);

/* GET of any path ("/apis/kubedb.com", ".../log?tailLines=20") as text. */
int kube_get_raw(struct kube *k, const char *path, struct buf *out, struct err *e);

/* Mutations. `out`, if not NULL, gets the new object. A conflict (409, or 422
 * for a JSON patch whose `test` failed) is ERR_CONFLICT. */
int kube_patch(struct kube *k, const struct kube_ref *ref, enum kube_patch_type type,
               const json_t *patch, json_t **out, struct err *e);
int kube_create(struct kube *k, const struct kube_ref *ref, const json_t *body,
                json_t **out, struct err *e);
int kube_replace(struct kube *k, const struct kube_ref *ref, const json_t *body,
                 json_t **out, struct err *e);

/* Deletes; uid and resource_version are preconditions, each may be NULL. */
int kube_delete(struct kube *k, const struct kube_ref *ref, const char *uid,
                const char *resource_version, struct err *e);

/* Evicts a pod (policy/v1) if it still has this uid and resourceVersion, which may be
 * NULL. 429 from a disruption budget is ERR_API with status 429 and is not retried here;
 * 409 is ERR_CONFLICT. */
int kube_evict(struct kube *k, const char *name_space, const char *pod, const char *uid,
               const char *resource_version, struct err *e);

/* POST of a review (SelfSubjectRulesReview, ...): stores nothing, allowed in every mode.
 */
int kube_review(struct kube *k, const struct kube_ref *ref, const json_t *body,
                json_t **out, struct err *e);

/* A creation with dryRun=All in every mode, for which no guard is asked: admission says
 * what it would make of the object, or why it refuses it; nothing is stored. */
int kube_try_create(struct kube *k, const struct kube_ref *ref, const json_t *body,
                    json_t **out, struct err *e);

/* Serves the loop until a watch changed, an exec session got something, a signal
 * came, or `timeout_ms` passed. */
void kube_pump(struct kube *k, long timeout_ms);

#endif
