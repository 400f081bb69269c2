#ifndef LOCK_STEER_H
#define LOCK_STEER_H

#include <stdbool.h>

#include "base/err.h"

/*
 * What is asked of a run while it goes on, by a key or from elsewhere.
 */
struct lock;

/* What was asked of the run while it goes on, by a key or from elsewhere. */
struct steer {
    bool hold;      /* wait before the next member */
    bool turn;      /* walk back */
    bool tell;      /* the Lease does not say yet what is so now */
    char by[192];   /* who asked for the hold */
    char seen[512]; /* the request on the Lease, until it is taken away; "" */
};

/* Acts on the text of a request on the Lease; "" is none. */
void steer_see(struct lock *lock, const char *text);

/* Whether the Lease has to be written for what was asked; that it was. */
bool steer_has_news(const struct lock *lock);
void steer_told(struct lock *lock);

/* Waits while the run is held. */
int steer_hold(struct lock *lock, struct err *e);

/* Acts on what was typed; whether the run is asked to walk back. */
bool steer_turned(struct lock *lock);

#endif
