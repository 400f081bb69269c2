#ifndef CLUSTER_ROUTERS_H
#define CLUSTER_ROUTERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "cluster/sets.h"
#include "engine/router.h"
#include "kubedb/checks.h"
#include "run/run.h"
#include "run/wait.h"

/*
 * The programs in front of the members (engine_front): a set of their own, without data.
 * They are upgraded before the members and go back behind them, because the newer of them
 * know the older servers, and not the other way round.
 */

enum { FRONT_PODS_MAX = 32 };

struct routers {
    struct member_set set;
    struct member *pods; /* FRONT_PODS_MAX, of which routers_count() are to be there */
    bool imaged;         /* this run has set the set's images ... */
    enum direction way;  /* ... on this way */
};

/* Finds their set among the database's ({"items": [...]}); none is no error.
 * ERR_REFUSED: they are too many. */
int routers_choose(struct cluster *cluster, const json_t *list, struct err *e);
void routers_free(struct cluster *cluster);

/* How many pods their set is to have now, 0 where there is none: they may be scaled as
 * one likes. */
size_t routers_count(const struct cluster *cluster);

/* Another direction: what was seen counts no more. */
void routers_forget(struct cluster *cluster);

/* What sets_want, sets_guess, sets_recall and sets_to_journal do for the members' set. A
 * journal that does not know them leaves them as they are. */
int routers_want(struct cluster *cluster, const json_t *catalog, struct err *e);
int routers_guess(struct cluster *cluster, const json_t *catalog, struct err *e);
int routers_recall(struct cluster *cluster, const json_t *journal, bool back,
                   struct err *e);
void routers_to_journal(const struct cluster *cluster, json_t *journal);

/* The step that restarts them one by one. */
bool routers_is_there(const struct cluster *cluster);
bool routers_has(const struct cluster *cluster, const struct member *p);
int step_front_done(struct cluster *cluster, bool *done, struct err *e);
int step_front_run(struct cluster *cluster, struct err *e);

/* In the end: whether their set and all its pods have the wanted images, and are ready.
 */
bool routers_is_right(const struct cluster *cluster, struct wait_state *s);

/* Whether clients that come by way of one reach the primary: 1 or 0 and what it leads to
 * instead, in `said`. Errors as pod_exec. */
int routers_ask(struct cluster *cluster, const struct member *p, char *said, size_t size,
                struct err *e);

/* Adds their set to what the checks look at. */
void routers_add_facts(const struct cluster *cluster, struct preflight_facts *facts);

/* Before an upgrade: whether they lead to the primary. Returns how many results were
 * written. `asked`: commands may be run in pods. */
size_t routers_preflight(struct cluster *cluster, bool asked,
                         struct preflight_result *out, size_t max);

#endif
