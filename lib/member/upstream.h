#ifndef MEMBER_UPSTREAM_H
#define MEMBER_UPSTREAM_H

#include <stdbool.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "engine/replication_source.h"

/*
 * Members that follow a server elsewhere: it is asked through them. What is done for one
 * of another topology is nothing.
 */

/* Asks what a member's source says, and how many transactions of it the member lacks (-1:
 * not known). False where it follows none, or the member itself cannot be asked. */
bool upstream_look(struct cluster *cluster, struct member *p, struct source *s,
                   long long *lacks);

/* Waits until the member's source answers, and has the member have to contain what both
 * have now: before it goes, and when it is back. A source that refuses to answer is told,
 * and not waited for. */
int upstream_await(struct cluster *cluster, struct member *p, struct err *e);

#endif
