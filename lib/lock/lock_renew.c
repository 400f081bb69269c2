#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/sig.h"
#include "base/str.h"
#include "kube/client.h"
#include "lock/lease.h"
#include "lock/lock.h"
#include "lock/lock_private.h"
#include "lock/seal.h"
#include "lock/steer.h"
#include "run/outage.h"
#include "run/wait.h"

/*
 * Holding the lock: renewals, and what rides on them (the journal, the step, what others
 * ask of this run); the guard before every mutation; letting go.
 */

enum {
    LOCK_RENEW_MS = 4000,
    LOCK_RELEASE_TRIES = 10,
    LOCK_RELEASE_PAUSE_MS = 1000,
    LOCK_RELEASE_EACH_MS = 5000,
    LOCK_RELEASE_MS = 15 * 1000, /* after that it has run out by itself */
    LOCK_GUARD_MS = 10 * 1000,   /* older than that, no mutation is begun */
    LOCK_SEND_MS = 12 * 1000,    /* ... and none is sent any more */
};

/*
 * From the last look at the lock to a change's bytes on their way. All times count from
 * when the last renewal that succeeded was sent (lock.renewed), on a clock that counts
 * sleep (base/clock.h):
 *
 *      0 s  the renewal is sent; the server stores it later
 *      4 s  from here on the guard renews before it agrees (LOCK_RENEW_MS)
 *     10 s  the guard refuses (LOCK_GUARD_MS): so it leaves 2 s at least, and where it
 *           could renew 8 s, to find or make a connection
 *     12 s  the client hands nothing over to the connection any more (LOCK_SEND_MS); what
 *           took longer, a connection may take 10 s, is not sent: the guard is asked anew
 *     15 s  the earliest that another run may take the lock (LEASE_SECONDS), since it has
 *           to see the renewal, or what was before it, unchanged for so long; what the
 *           Lease says of its length never makes that less
 *
 * So 3 s are left for the way and for the server's admission. A network that keeps the
 * bytes for longer (TCP gives up after 30 s, kube/http.c) cannot be bounded from here:
 * what arrives then meets the uid or resourceVersion that the change carries.
 */
_Static_assert((int)LOCK_RENEW_MS < (int)LOCK_GUARD_MS &&
                   (int)LOCK_GUARD_MS < (int)LOCK_SEND_MS &&
                   (int)LOCK_SEND_MS + 3000 <= LEASE_SECONDS * 1000,
               "a change must be sent before another run can take the lock");

static int
lock_lost(struct lock *lock, const char *holder, struct err *e)
{
    lock->run->locked = false;
    err_set(e, ERR_LOCK_LOST,
            "the lock (Lease %s) was lost%s%s; no further changes will be made",
            lock->name, holder[0] != '\0' ? "; it is now held by " : "", holder);
    return err_reason(e, "LOCK_LOST");
}

/* After a conflict: still ours? Then the next write has the new version. ERR_NOT_FOUND:
 * it is nobody's. */
static int
lock_whose(struct lock *lock, struct err *e)
{
    struct kube_ref ref = lease_ref(lock->target->request->name_space, lock->name);
    auto_json json_t *lease = NULL;

    if (kube_get(lock->target->kube, &ref, &lease, e) < 0) {
        return -1;
    }
    if (!str_eq(json_path_str(lease, "spec.holderIdentity"), lock->holder)) {
        return lock_lost(lock, json_path_str(lease, "spec.holderIdentity"), e);
    }
    lock_remember(lock, lease);
    steer_see(lock, lease_annotation(lease, LEASE_CTL));
    return 0;
}

static int
lock_recheck(struct lock *lock, struct err *e)
{
    int got = lock_whose(lock, e);

    return got < 0 && e->code == ERR_NOT_FOUND ? lock_lost(lock, "", e) : got;
}

/* What a renewal writes: the step, who holds the run back, the journal where it changed;
 * and what was asked of this run is taken away once it was seen. */
static json_t *
lock_annotations(const struct lock *lock)
{
    char step[96];
    json_t *o = NULL;

    (void)snprintf(step, sizeof step, "%u/%u %.70s", lock->run->step.number,
                   lock->run->step.of,
                   lock->run->step.title != NULL ? lock->run->step.title : "start");
    o = mem_check(json_pack("{s:s}", LEASE_STEP, step));
    if (lock->steer.seen[0] != '\0') {
        (void)json_object_set_new(o, LEASE_CTL, json_null());
    }
    if (lock->steer.tell) {
        (void)json_object_set_new(
            o, LEASE_HELD, lock->steer.hold ? json_string(lock->steer.by) : json_null());
    }
    if (lock->rewrite) {
        auto_free char *text = json_text(lock->journal);

        (void)json_object_set_new(o, LEASE_JOURNAL, json_string(text));
        seal_add(lock, o, text);
    }
    return o;
}

static int
lock_patch(struct lock *lock, const char *holder, struct err *e)
{
    char now[40];
    auto_json json_t *patch = NULL;
    auto_json json_t *lease = NULL;
    struct kube_ref ref = lease_ref(lock->target->request->name_space, lock->name);
    long long sent = clock_ms();

    patch = mem_check(json_pack(
        "{s:{s:s, s:o}, s:{s:s, s:s}}", "metadata", "resourceVersion", lock->version,
        "annotations", lock_annotations(lock), "spec", "renewTime",
        clock_rfc3339_micro(clock_wall_ms(), now, sizeof now), "holderIdentity", holder));
    if (kube_patch(lock->target->kube, &ref, KUBE_MERGE_PATCH, patch, &lease, e) < 0) {
        return -1;
    }
    lock_taken(lock, lease, sent);
    lock->rewrite = false;
    steer_told(lock);
    steer_see(lock, lease_annotation(lease, LEASE_CTL));
    return 0;
}

/* Renews now. -1: it is lost, *e says to whom; 1: it could not be done this time. */
static int
lock_try_renew(struct lock *lock, struct err *trouble, struct err *e)
{
    if (lock_patch(lock, lock->holder, trouble) == 0) {
        return 0;
    }
    if (trouble->code == ERR_NOT_FOUND) {
        return lock_lost(lock, "", e);
    }
    if (trouble->code == ERR_CONFLICT || trouble->code == ERR_NETWORK) {
        struct err look = { 0 };

        if (lock_recheck(lock, &look) < 0 && look.code == ERR_LOCK_LOST) {
            *e = look;
            return -1;
        }
    }
    return 1;
}

int
lock_renew(struct lock *lock, struct err *e)
{
    struct err trouble = { 0 };
    bool due = clock_ms() - lock->renewed >= LOCK_RENEW_MS || steer_has_news(lock);

    if (!lock->run->locked || !due) {
        return 0;
    }
    if (lock_try_renew(lock, &trouble, e) < 0) {
        return -1;
    }
    /* Not renewed this time: once it is too old the guard stops all mutations. */
    if (trouble.code == ERR_FORBIDDEN && !outage_may_pass(lock->run, &trouble)) {
        *e = trouble;
        return err_wrap(e, "the lock can no longer be renewed");
    }
    return 0;
}

int
lock_store(struct lock *lock, json_t *journal, struct err *e)
{
    json_decref(lock->journal);
    lock->journal = journal;
    lock->rewrite = true;
    for (;;) {
        struct err trouble = { 0 };
        int got = lock_try_renew(lock, &trouble, e);

        if (got <= 0) {
            return got;
        }
        if (!err_is_transient(&trouble)) {
            *e = trouble;
            return err_wrap(e, "the journal, on Lease %s", lock->name);
        }
        if (wait_check_stop(lock->run, e) < 0) {
            return -1;
        }
        kube_pump(lock->target->kube, LOCK_RELEASE_PAUSE_MS);
    }
}

int
lock_guard(void *ctx, const struct kube_ref *ref, long long *until, struct err *e)
{
    struct lock *lock = ctx;

    *until = 0;

    if (str_eq(ref->resource, "leases") ||
        kube_get_mode(lock->target->kube) != KUBE_LIVE) {
        return 0;
    }
    if (!lock->run->locked) {
        return lock_lost(lock, "", e);
    }
    /* Questions may be between the last look and this change. */
    if (lock_renew(lock, e) < 0 ||
        (!lock->leaving && wait_check_stop(lock->run, e) < 0)) {
        return -1;
    }
    if (clock_ms() - lock->renewed > LOCK_GUARD_MS) {
        return err_set(e, ERR_NETWORK, "the lock could not be renewed for %ds",
                       LOCK_GUARD_MS / 1000);
    }
    *until = lock->renewed + LOCK_SEND_MS;
    lock->run->changed = true;
    return 0;
}

int
lock_guard_exec(struct lock *lock, const char *pod, struct err *e)
{
    const struct kube_ref ref = { .group = "",
                                  .version = "v1",
                                  .resource = "pods",
                                  .name_space = lock->target->request->name_space,
                                  .name = pod,
                                  .subresource = "exec" };
    long long until = 0;

    return lock_guard(lock, &ref, &until, e);
}

/* The uid alone does not say that the Lease is this run's: who takes a lock over writes
 * to the same object. After a conflict the next try is for what is there then, if that
 * is ours still. */
static int
lock_let_go(struct lock *lock, bool keep, struct err *e)
{
    struct kube_ref ref = lease_ref(lock->target->request->name_space, lock->name);

    struct err look = { 0 };
    int got = 0;

    got = keep ? lock_patch(lock, "", e)
               : kube_delete(lock->target->kube, &ref, lock->uid, lock->version, e);
    if (got < 0 && e->code == ERR_CONFLICT && lock_whose(lock, &look) < 0 &&
        (look.code == ERR_LOCK_LOST || look.code == ERR_NOT_FOUND)) {
        *e = look;
    }
    return got;
}

int
lock_release(struct lock *lock, bool keep, struct err *e)
{
    int got = 0;

    kube_set_patience(lock->target->kube, LOCK_RELEASE_EACH_MS,
                      clock_ms() + LOCK_RELEASE_MS);
    for (int try = 0; lock->run->locked && try < LOCK_RELEASE_TRIES; try++) {
        got = lock_let_go(lock, keep, e);
        if (got == 0 || !err_is_transient(e) || sig_asked() == SIG_STOP_NOW) {
            break;
        }
        kube_pump(lock->target->kube, LOCK_RELEASE_PAUSE_MS);
    }
    kube_set_patience(lock->target->kube, 0, 0);
    lock->run->locked = false;
    return got < 0 && e->code == ERR_NOT_FOUND ? 0 : got;
}
