#ifndef CLUSTER_STATE_TRANSFER_H
#define CLUSTER_STATE_TRANSFER_H

#include "engine/transfer.h"
#include "kubedb/checks.h"
#include "run/wait.h"

/*
 * Whether a member that comes back will get the late transactions only, or all data anew:
 * foretold before it goes, watched, and told when it is back. Of engines that know the
 * difference.
 */
struct run;
struct cluster;
struct member;

/* What is known of a member. */
struct transfer {
    struct transfer_sample then, now;
    long long then_ms, now_ms; /* clock_ms() of the samples, 0: there is none */
    char *ask;                 /* what it says of itself for kept_sql; owned */
    bool lost;                 /* its data are of no history that the others know */
    bool foretold;             /* that they come anew, and allowed */
    long long left_ms;         /* when it went */
    struct transfer_watch {
        bool knows;      /* `before` was asked */
        char before[40]; /* when the last copy began, before it went */
        bool seen;       /* a copy was under way since */
        struct transfer_copy copy;
        long long looked_ms; /* clock_ms() */
        long long restarts;  /* of its container, when its log was read last */
        unsigned ends;       /* so often did its server end after a copy */
        bool ended;          /* ... and its container has not started again since */
    } watch;
};
void transfer_free(struct transfer *t);

/* -- state_transfer_ask.c -- */

/* Whether the engine knows the difference, and there is somebody to get data from. */
bool state_transfer_applies(const struct cluster *cluster);

struct transfer *state_transfer_of(struct member *p);

/* A new sample of every member that is ready, and another one a second later where there
 * is none to compare with. */
void state_transfer_ask_all(struct cluster *cluster);

/* What q keeps for p; nothing is told where it cannot be asked. */
void state_transfer_ask_kept(struct cluster *cluster, struct member *p, struct member *q,
                             struct transfer_kept *out);

/* The copy to p that is under way, or the last one; false where there is none, or nobody
 * tells. */
bool state_transfer_ask_copy(struct cluster *cluster, struct member *p,
                             struct transfer_copy *out);

/* The same, where the server that is copied to tells of it itself, at any time. */
bool state_transfer_ask_own_copy(struct cluster *cluster, struct member *p,
                                 struct transfer_copy *out);

/* Whether a member's data are of no history, or of another one than its server says. What
 * cannot be asked is taken for well. */
bool state_transfer_is_lost(struct run *run, struct member *p);

/* -- state_transfer.c -- */

/* Asks all members twice; the checks of what they say. Returns how many. */
size_t state_transfer_preflight(struct cluster *cluster, struct preflight_result *out,
                                size_t max);

/* Before a member goes: tells what is to be expected. Where all its data would come anew,
 * and nobody consented to so much, it waits a while for the others to keep enough of what
 * is written; then ERR_REFUSED. */
int state_transfer_before(struct cluster *cluster, struct member *p, struct err *e);

/* "px-2 will copy 38.2 GiB anew", for who is asked to consent; NULL: nothing is to be
 * consented to. The caller frees it. */
char *state_transfer_question(struct cluster *cluster);

/* The person at the terminal consented to what the question said. */
void state_transfer_consent(struct cluster *cluster);

/* -- state_transfer_watch.c -- */

/* In a wait for a member that is not there yet: whether it is copied to, which is then
 * told in s->now, and to the user when it begins. */
bool state_transfer_watch(struct cluster *cluster, struct member *p,
                          struct wait_state *s);

/* Whether its container ended because all data are new, and is to start again;
 * ERR_UNHEALTHY (COPY_AGAIN) where that happened so often that it will not end. */
int state_transfer_ended(struct cluster *cluster, struct member *p, bool *ended,
                         struct err *e);

/* When it is back: tells how it came. */
void state_transfer_after(struct cluster *cluster, struct member *p);

#endif
