#ifndef MEMBER_SWITCHOVER_H
#define MEMBER_SWITCHOVER_H

#include <stdbool.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "engine/engine.h"
#include "run/run.h"

/*
 * Who leads, and how the lead goes to another member.
 */

/* How a member gives way between these versions, as the user chose or the best; NULL: it
 * does not. */
const struct engine_handover *switchover_for(const struct run *run, const char *from,
                                             const char *to);

/* Refuses a choice that the database's topology does not have (ERR_USAGE). */
int switchover_check(const struct run *run, struct err *e);

/* The primary p gives way to an upgraded member, where the engine knows how. */
int switchover_run(struct cluster *cluster, struct member *p, struct err *e);

/* The same, to a certain member; NULL: to none, and nothing is done. */
int switchover_to(struct cluster *cluster, struct member *p, struct member *next,
                  struct err *e);

/* Whether clients of the primary are led to this member, or are led otherwise than by
 * labels. */
bool switchover_is_labelled(const struct cluster *cluster, const struct member *p);

/* Moves a pod's role label, where it has one: not over what others wrote meanwhile. */
void switchover_relabel(struct cluster *cluster, const struct member *p,
                        enum member_role role);

/* The member p, one of several that all take writes, gives way, where the engine knows
 * how. */
int switchover_leave(struct cluster *cluster, struct member *p, struct err *e);

/* Has the primary Service lead to a member that nobody but it can lead by now. */
void switchover_label_primary(struct cluster *cluster, const struct member *p);

/* Which member writes now, by what the servers say, and how far its data go (of peers:
 * the one whose data go furthest); NULL if none could be found. */
struct member *switchover_primary(struct cluster *cluster, const struct member *except);

#endif
