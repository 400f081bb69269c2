#ifndef LOCK_LOCK_H
#define LOCK_LOCK_H

/*
 * The room "lock": the Lease that lets one run at a time work on a database, the journal
 * on it, its seal, and what is asked of a run from elsewhere. It may use the room "run"
 * and those below.
 */

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "kube/client.h"
#include "lock/steer.h"
#include "run/plan.h"
#include "run/run.h"
#include "run/target.h"

struct target;
struct plan;
struct run;
struct member;

/* The lock: a Lease, whose annotation is the journal. */
struct lock {
    const struct target *target;
    struct plan *plan;
    struct run *run;
    char name[300];
    char holder[192];  /* user@host/pid/random */
    char uid[64];      /* of the Lease */
    char version[64];  /* its resourceVersion */
    long long renewed; /* clock_ms() when the last renewal that succeeded was sent */
    json_t *journal;   /* of the upgrade that this run carries on or out; NULL: none */
    json_t *read;      /* what the Lease had when it was read first; NULL: none */
    bool rewrite;      /* the Lease has another journal than this */
    bool taken;        /* in this run */
    bool leaving;      /* the run ends: what it takes back is done although it was told to
                          stop */
    struct seal *seal; /* seal.h; owned; NULL: journals are not sealed */
    struct steer steer;
};

/* Reads the Lease, if there is one, with its journal. */
int lock_read(struct lock *lock, struct err *e);

/* Takes the lock and writes the journal (stolen; NULL: none, what is done needs nobody to
 * go on with it): at once where it is free, else after seeing for a whole lease time that
 * its holder does not renew it. ERR_LOCKED names a live holder. */
int lock_take(struct lock *lock, json_t *journal, struct err *e);

/* Renews it when it is time. ERR_LOCK_LOST when somebody else has it. */
int lock_renew(struct lock *lock, struct err *e);

/* Whether a mutation may be made; kube_guard. */
int lock_guard(void *ctx, const struct kube_ref *ref, long long *until, struct err *e);

/* The same for one that is made by a command or statement in a pod. The conversation for
 * a statement is open already (session_home): to open it takes time, too. */
int lock_guard_exec(struct lock *lock, const char *pod, struct err *e);

/* Writes another journal (stolen). It is there when this returns 0; whatever the error,
 * it may be there. */
int lock_store(struct lock *lock, json_t *journal, struct err *e);

/* Lets go: deletes the Lease, or (keep) leaves the journal for the next run. */
int lock_release(struct lock *lock, bool keep, struct err *e);

#endif
