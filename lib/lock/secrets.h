#ifndef LOCK_SECRETS_H
#define LOCK_SECRETS_H

#include "kubedb/redact.h"
#include "run/run.h"

/*
 * Taking secrets out of what the cluster said, while the lock is held and somebody may
 * press ^C: the lock is renewed meanwhile; another signal, or the end of the time for it,
 * ends the work, and what was not looked through is left out.
 */
struct secrets {
    struct run *run;
    int asked;                 /* sig_asked() when it began */
    struct redact_watch watch; /* .stopped: something was left out */
};

/* Begins; it may go on for so long. `s` stays where it is as long as it is used. */
void secrets_begin(struct secrets *s, struct run *run, long ms);

/* Once more for so long, after it was stopped or not. */
void secrets_go_on(struct secrets *s, long ms);

#endif
