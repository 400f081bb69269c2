#ifndef MEMBER_DIAGNOSE_H
#define MEMBER_DIAGNOSE_H

#include "base/err.h"

struct run;
struct cluster;
struct member;
struct wait_state;

/* Add to an error's detail: the last lines of a container's log, of its end before the
 * last restart if there was one; what the other members say. */
void diagnose_log(struct run *run, const struct member *p, const char *container,
                  struct err *e);
void diagnose_members(struct cluster *cluster, const struct member *down, struct err *e);

/* In a wait for a pod whose server runs and is not ready: adds the last error in its log
 * to s->now, asked now and then. Fails with reason POD_SERVER when that error is repeated
 * and the engine says that no server gets well of it. */
int diagnose_silence(struct cluster *cluster, struct member *p, struct wait_state *s,
                     struct err *e);

#endif
