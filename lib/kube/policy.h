#ifndef KUBE_POLICY_H
#define KUBE_POLICY_H

#include "kube/client.h"

/*
 * What a client goes by, whoever carries its requests: which changes it refuses, what an
 * answer is, and since when the server is away. The tests' client in memory goes by the
 * same.
 */
struct policy {
    enum kube_mode mode;
    kube_guard *guard; /* NULL: nobody is asked */
    void *guard_ctx;
    long long heard_ms;    /* when the server last said something sensible */
    long long away_since;  /* 0: it is not away */
    long long away_before; /* all its absences before the present one */
};

/* Whether the mode allows a change ("evict", "pods/my-db-0 in demo"); -1 (ERR_REFUSED).
 */
int policy_may_change(const struct policy *p, const char *verb, const char *title,
                      struct err *e);

/* Asks the guard about a change; NULL: nothing is changed. -1: it must not be sent.
 * *send_by is clock_ms() by when it must be sent, 0: whenever. */
int policy_ask(const struct policy *p, const struct kube_ref *changes, long long *send_by,
               struct err *e);

/* Whether a status is an answer, and not the sign of trouble behind the server: 429 is
 * one to an eviction. */
bool policy_is_answer(long status, bool eviction);

/* What was learned of the server: something sensible; or, of an attempt begun at that
 * time, nothing. */
void policy_heard(struct policy *p);
void policy_missed(struct policy *p, long long began_ms);

/* What a request that was begun at that time learned of it by its status; 0: no reply
 * came. */
void policy_note(struct policy *p, long status, bool safe, bool eviction,
                 long long began_ms);

/* How long the server was away altogether. */
long long policy_away_ms(const struct policy *p);

#endif
