#ifndef CLUSTER_REPLACEMENT_H
#define CLUSTER_REPLACEMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "cluster/sets.h"
#include "engine/new_set.h"
#include "kubedb/checks.h"
#include "run/plan.h"
#include "run/target.h"

/*
 * An upgrade by a new set: members of a set with the new images join those of the old
 * one, take the lead, and the old ones leave. Both ways walk the same steps: the goal is
 * the set that the run is to end with, the other one goes.
 */

/* -- replacement_sets.c: which sets they are -- */

/* Of an upgrade that begins: the set of members in a list, and the name of the one that
 * is to be made; of one that goes on: both as the journal names them, there or not. */
int replacement_choose(struct cluster *cluster, const json_t *list, struct err *e);

struct member_set *replacement_goal(struct cluster *cluster);
struct member_set *replacement_other(struct cluster *cluster);
const struct member_set *replacement_made(const struct cluster *cluster);

/* The pods of one of them. */
bool replacement_is_goal_pod(const struct cluster *cluster, const struct member *p);
bool replacement_is_other_pod(const struct cluster *cluster, const struct member *p);

/* Adds to a journal what a run that goes on has to know. */
void replacement_to_journal(const struct cluster *cluster, json_t *journal);

/* Adds to the text of why there is not one set of members which of the two in a list an
 * upgrade made whose journal is gone, and what can be done. */
void replacement_explain_two(struct cluster *cluster, const json_t *list);

/* ERR_REFUSED where the database has a set of members besides those of the run: the
 * operator made it. */
int replacement_check_alone(struct cluster *cluster, struct err *e);

/* In the end: which claims have the old data. */
void replacement_tell_kept(struct cluster *cluster);

/* A way back that has become impossible goes forward again, when it is gone on with. */
void replacement_reconsider(struct cluster *cluster);

/* Whether the old and the new version are the same to a group. */
bool replacement_is_same_version(const struct plan *plan);

/* -- replacement_change.c: one mutation each -- */

int replacement_make(struct cluster *cluster, struct err *e);

/* Sets a set's replicas, if they are others. */
int replacement_scale(const struct target *target, struct member_set *s, size_t replicas,
                      struct err *e);
int replacement_remove(const struct target *target, struct member_set *s, struct err *e);

/* The set as the API server has it; *out is NULL if it is not there, or another one of
 * its name. New reference. */
int replacement_get(const struct target *target, struct member_set *s, json_t **out,
                    struct err *e);

/* The claims of this database that a set's pods have, or had, but for those that are on
 * their way out; `all`: also others, and other databases' of such a name. New reference.
 */
int replacement_claims(struct cluster *cluster, const struct member_set *s, bool all,
                       json_t **out, struct err *e);

/* ERR_CONFLICT where a set has places for members still, or a pod has one of its claims.
 */
int replacement_check_unused(struct cluster *cluster, struct member_set *s,
                             struct err *e);

/* Deletes them all; *left says how many were there. */
int replacement_delete_claims(struct cluster *cluster, const struct member_set *s,
                              size_t *left, struct err *e);

/* -- replacement_check.c: the preflight -- */

struct replacement_facts {
    struct preflight_new_set facts;
    struct new_set_donor donors[MEMBERS_MAX];
    json_t *quotas;
};

/* Gathers them; nothing for another procedure. `may_ask`: the members. */
void replacement_ask(struct cluster *cluster, bool may_ask,
                     struct replacement_facts *out);
void replacement_facts_clear(struct replacement_facts *facts);

/* Why a run cannot turn round, or 0. */
int replacement_check_return(struct cluster *cluster, struct err *e);

#endif
