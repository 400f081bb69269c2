#include "lock/lock.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "kube/client.h"
#include "lock/journal.h"
#include "lock/lease.h"
#include "lock/lock_private.h"
#include "lock/seal.h"
#include "run/emit.h"
#include "run/wait.h"

/*
 * The lock is a Lease, held like client-go's leader election holds one: whether a holder
 * is alive is judged by seeing it renew, for a whole lease time on our own clock, and
 * never by comparing its clock with ours. Here it is taken; lock_renew.c holds it.
 */

static void
lock_name_self(struct lock *l)
{
    char self[160];
    unsigned long long tick = (unsigned long long)clock_wall_ms();

    (void)snprintf(l->holder, sizeof l->holder, "%s/%llx", lease_self(self, sizeof self),
                   tick & 0xffffff);
}

void
lock_remember(struct lock *l, const json_t *lease)
{
    str_copy(l->uid, sizeof l->uid, json_path_str(lease, "metadata.uid"));
    str_copy(l->version, sizeof l->version,
             json_path_str(lease, "metadata.resourceVersion"));
}

int
lock_read(struct lock *lock, struct err *e)
{
    struct lock *l = lock;
    auto_json json_t *lease = NULL;
    const char *text = NULL;
    struct kube_ref ref;

    lease_name(lock->target->engine, lock->target->request->name, l->name,
               sizeof l->name);
    lock_name_self(l);
    ref = lease_ref(lock->target->request->name_space, l->name);
    if (seal_read_key(lock, e) < 0) {
        return -1;
    }
    if (kube_get(lock->target->kube, &ref, &lease, e) < 0) {
        return e->code == ERR_NOT_FOUND ? 0 : err_wrap(e, "the lock, Lease %s", l->name);
    }
    lock_remember(l, lease);
    text = lease_annotation(lease, LEASE_JOURNAL);
    if (text[0] == '\0') {
        return 0;
    }
    if (journal_read(lock, text, &l->journal, e) < 0 ||
        seal_check(lock, lease, text, l->journal, e) < 0) {
        return -1;
    }
    l->read = json_incref(l->journal);
    return 0;
}

/* What the Lease says while we hold it. */
static json_t *
lock_body(const struct lock *lock)
{
    char now[40];
    json_t *annotations = mem_check(json_pack("{s:s}", LEASE_STEP, "start"));

    clock_rfc3339_micro(clock_wall_ms(), now, sizeof now);
    if (lock->journal != NULL) {
        auto_free char *text = json_text(lock->journal);

        (void)json_object_set_new(annotations, LEASE_JOURNAL, json_string(text));
        seal_add(lock, annotations, text);
    }
    return mem_check(json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:{s:s}, s:o}, s:{s:s, s:i, s:s, s:s}}", "apiVersion",
        "coordination.k8s.io/v1", "kind", "Lease", "metadata", "name", lock->name,
        "namespace", lock->target->request->name_space, "labels",
        "app.kubernetes.io/managed-by", "kubectl-dbupgrade", "annotations", annotations,
        "spec", "holderIdentity", lock->holder, "leaseDurationSeconds", LEASE_SECONDS,
        "acquireTime", now, "renewTime", now));
}

void
lock_taken(struct lock *lock, const json_t *lease, long long sent)
{
    lock_remember(lock, lease);
    lock->run->locked = true;
    lock->renewed = sent;
}

/* Whether a read Lease is free, or its holder has been seen dead for long enough. */
struct lock_watch {
    char seen[128]; /* holder and renewTime as first seen */
    char holder[192];
    long long since; /* after that was seen */
    long long lease_ms;
    bool renewed; /* it changed meanwhile: the holder lives */
    bool other;   /* it carries another journal than the one that was read */
    bool gone;
};

/* Whether a Lease carries the upgrade that the checks knew of: none, or the same. */
static bool
lock_same_journal(const struct lock *lock, const json_t *lease)
{
    const char *text = lease_annotation(lease, LEASE_JOURNAL);
    auto_json json_t *journal = NULL;
    const json_t *read = lock->read;
    struct err unread = { 0 };

    if (text[0] != '\0' && journal_read(lock, text, &journal, &unread) < 0) {
        return false;
    }
    return str_eq(json_path_str(journal, "to"), json_path_str(read, "to")) &&
           str_eq(json_path_str(journal, "uid"), json_path_str(read, "uid")) &&
           journal_direction(journal) == journal_direction(read);
}

/* What is read was so at some time after it was asked for, and before the reply came. So
 * between two looks at the same record lies, at least, the time from the first one's
 * reply to the second one's question: this machine may sleep at any point between. */
static int
lock_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct lock *lock = on;
    struct lock_watch *w = ctx;
    struct kube_ref ref = lease_ref(lock->target->request->name_space, lock->name);
    long long asked = clock_ms();
    auto_json json_t *lease = NULL;
    char now[128];
    char left[32];

    if (kube_get(lock->target->kube, &ref, &lease, e) < 0) {
        w->gone = e->code == ERR_NOT_FOUND;
        s->done = w->gone;
        return w->gone ? 0 : -1;
    }
    lock_remember(lock, lease);
    str_copy(w->holder, sizeof w->holder, json_path_str(lease, "spec.holderIdentity"));
    (void)snprintf(now, sizeof now, "%.80s %.40s", w->holder,
                   json_path_str(lease, "spec.renewTime"));
    if (w->since == 0) {
        str_copy(w->seen, sizeof w->seen, now);
        w->since = clock_ms();
        w->lease_ms = lease_duration_ms(lease);
    }
    w->other = !lock_same_journal(lock, lease);
    w->renewed = !str_eq(w->seen, now) && w->holder[0] != '\0';
    s->done = w->renewed || w->holder[0] == '\0' || asked - w->since > w->lease_ms;
    (void)snprintf(s->now, sizeof s->now, "held by %.150s, expires in %s", w->holder,
                   clock_duration(w->lease_ms - (asked - w->since), left, sizeof left));
    str_copy(s->want, sizeof s->want, "not renewed for its whole duration");
    return 0;
}

/* Waits until the Lease is free; says whose it is when that one lives. */
static int
lock_outwait(struct lock *lock, struct lock_watch *seen, struct err *e)
{
    struct wait w = {
        .id = "lock",
        .pod = "",
        .text = "another run to release the lock",
        .limit_ms = 10LL * LEASE_SECONDS * 1000,
        .probe_ms = 1000,
        .check = lock_look,
        .on = lock,
        .ctx = seen,
    };

    if (wait_until(lock->run, &w, e) < 0) {
        return -1;
    }
    if (seen->renewed) {
        err_set(e, ERR_LOCKED,
                "%s holds the lock of %s/%s (Lease %s) and is still running",
                seen->holder, lock->target->engine->name, lock->target->request->name,
                lock->name);
        err_reason(e, "LOCKED");
        return err_hint(e,
                        "wait for that run to end, stop it with ^C, or:  kubectl "
                        "dbupgrade ctl %s %s pause|abort%s",
                        lock->target->engine->name, lock->target->request->name,
                        lock->target->request->command_flags);
    }
    if (seen->other || (seen->gone && lock->plan->resuming)) {
        err_set(e, ERR_LOCKED, "another run of %s/%s started or ended in the meantime",
                lock->target->engine->name, lock->target->request->name);
        err_reason(e, "LOCKED");
        return err_hint(e, "run the command again");
    }
    if (seen->holder[0] != '\0' && !seen->gone) {
        emit_note(lock->run, "took over the lock of %s, which did not renew it for %llds",
                  seen->holder, seen->lease_ms / 1000);
    }
    return 0;
}

/* After a write that may have been made although no good reply came: whether it was. The
 * holder's name is this run's alone. */
static bool
lock_is_ours(struct lock *lock, const struct err *trouble, json_t **lease)
{
    struct kube_ref ref = lease_ref(lock->target->request->name_space, lock->name);
    struct err ignored = { 0 };

    return err_is_transient(trouble) &&
           kube_get(lock->target->kube, &ref, lease, &ignored) == 0 &&
           str_eq(json_path_str(*lease, "spec.holderIdentity"), lock->holder);
}

/* Writes the Lease with this run as its holder: a new one, or over the one that was read.
 */
static int
lock_write(struct lock *lock, bool is_new, json_t **lease, struct err *e)
{
    auto_json json_t *body = lock_body(lock);
    struct kube_ref ref =
        lease_ref(lock->target->request->name_space, is_new ? NULL : lock->name);
    struct err trouble = { 0 };

    if (!is_new) {
        (void)json_object_set_new(json_object_get(body, "metadata"), "resourceVersion",
                                  json_string(lock->version));
    }
    if ((is_new ? kube_create(lock->target->kube, &ref, body, lease, &trouble)
                : kube_replace(lock->target->kube, &ref, body, lease, &trouble)) == 0 ||
        lock_is_ours(lock, &trouble, lease)) {
        return 0;
    }
    if (trouble.code == ERR_CONFLICT) {
        err_set(&trouble, ERR_LOCKED,
                "another run took the lock of %s/%s at the same moment",
                lock->target->engine->name, lock->target->request->name);
        err_reason(&trouble, "LOCKED");
    }
    *e = trouble;
    return err_wrap(e, "the lock, Lease %s", lock->name);
}

int
lock_take(struct lock *lock, json_t *journal, struct err *e)
{
    struct lock_watch seen = { .gone = lock->uid[0] == '\0' };
    auto_json json_t *lease = NULL;
    long long sent = 0;

    if (!seen.gone && lock_outwait(lock, &seen, e) < 0) {
        json_decref(journal);
        return -1;
    }
    json_decref(lock->journal);
    lock->journal = journal;
    sent = clock_ms();
    if (lock_write(lock, seen.gone, &lease, e) < 0) {
        return -1;
    }
    lock_taken(lock, lease, sent);
    return 0;
}
