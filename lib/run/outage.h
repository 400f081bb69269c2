#ifndef RUN_OUTAGE_H
#define RUN_OUTAGE_H

#include <stdbool.h>

#include "base/err.h"

/*
 * An API server that is away, or does not let us in any more.
 */
struct run;

/* How long one request waits for it: the steps and waits look at their limits between
 * them. */
enum { OUTAGE_AWAY_MS = 10 * 1000 };

/* Whether waiting and trying again may help: as err_is_transient(), and while the lock
 * is held a denial (401, 403) for half a minute: a token that is replaced, an API server
 * that starts and does not know all roles yet. A denial that stays gets a hint. */
bool outage_may_pass(struct run *run, struct err *e);

/* Tells the user of trouble that is ridden out; every half minute while the API server is
 * away, else each time. */
void outage_tell(struct run *run, const struct err *trouble);

#endif
