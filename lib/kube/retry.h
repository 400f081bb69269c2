#ifndef KUBE_RETRY_H
#define KUBE_RETRY_H

#include <stdbool.h>

/*
 * Whether a request is sent again, and when. Pure. kubectl's rules (client-go
 * rest/with_retry.go): 429 and 5xx with Retry-After for every method, a cut
 * connection for reads. Beyond them: what could not be sent at all is sent again
 * whatever its method, and reads survive the restart of an API server.
 */

enum { RETRY_MAX = 10 };

struct retry {
    long status;        /* HTTP status; 0: no whole reply came */
    long retry_after;   /* seconds that the server asked for; 0: none */
    bool safe;          /* sending it twice changes nothing */
    bool sent;          /* the server may have read it */
    long patience_ms;   /* how long to wait for a server that is away */
    unsigned attempt;   /* how many went before this one */
    long long spent_ms; /* since the first was sent */
    unsigned random;    /* any number, spreads clients */
};

/* Milliseconds to wait before the next attempt, or -1: give up. */
long retry_wait(const struct retry *r);

/* Growing pauses: 100 ms, doubled each time up to 5 s, plus up to a quarter. */
long retry_pause(unsigned attempt, unsigned random);

#endif
