#include <stdlib.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/coordinator.h"
#include "cluster/procedure.h"
#include "engine/postgres.h"
#include "member/member.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/plan.h"

/*
 * The way back of a major upgrade, while the new server has not written: the old data are
 * whole, and go back to their place under the old server.
 */

bool
pg_upgrade_is_begun(const struct cluster *cluster)
{
    return cluster->progress.major.begun;
}

/* The mark is written before the new server is let start, and after the journal has it.
 */
static bool
pg_upgrade_has_started(const struct plan *plan, const struct pg_state *s)
{
    return s->started && s->data == pg_upgrade_to(plan);
}

void
pg_upgrade_learn_begun(struct cluster *cluster)
{
    struct pg_state s = { 0 };
    struct err silent = { 0 };

    if (cluster->plan->procedure->converts && cluster->plan->resuming &&
        cluster->n_pods > 0 &&
        pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, &silent) == 0) {
        cluster->progress.major.begun =
            pg_upgrade_has_started(cluster->plan, &s) ||
            (cluster->progress.major.begun &&
             (s.swapped || s.data != pg_upgrade_from(cluster->plan)));
    }
}

/* Before data that are swapped go back: where the pod could not be asked earlier. */
static int
pg_upgrade_check_unswap(struct cluster *cluster, const struct pg_state *s, struct err *e)
{
    if (!pg_upgrade_has_started(cluster->plan, s)) {
        return 0;
    }
    cluster->progress.major.begun = true;
    err_set(e, ERR_REFUSED,
            "the new server has started, and data written since then exist only in the "
            "new data directory");
    return err_reason(e, "return.members");
}

void
pg_upgrade_explain(struct cluster *cluster, struct err *e)
{
    struct pg_state s = { 0 };
    struct err ignored = { 0 };
    auto_free char *status = NULL;

    if (!cluster->plan->procedure->converts || !cluster->lock->taken ||
        cluster->run->walked_back) {
        return;
    }
    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, &ignored) < 0 || !s.up) {
        err_detail(e, "the database is DOWN until the upgrade is resumed or rolled back");
    }
    if (pg_upgrade_has_standbys(cluster) &&
        pg_upgrade_failover(cluster, &status, &ignored) == 0 &&
        (str_eq(status, COORDINATOR_PAUSE) || str_eq(status, COORDINATOR_STAY))) {
        err_detail(e, "failover is disabled (%s=%s): no standby takes over",
                   COORDINATOR_STATUS, status);
    }
}

/* -- giveback: the first member's pod has its old images -- */

int
step_giveback_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    *done = pg_upgrade_has_pod(cluster, pg_upgrade_first(cluster));
    if (*done && pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        *done = false;
        return err_is_transient(e) ? (err_clear(e), 0) : -1;
    }
    return 0;
}

/* Data that are swapped go back to their place before their pod goes, if that can be: an
 * old server that finds none might make new ones. */
static int
turn_unswap_early(struct cluster *cluster, struct member *p, struct err *e)
{
    struct pg_state s = { 0 };
    struct err ignored = { 0 };

    if (pg_upgrade_state(cluster, p, &s, &ignored) == 0 &&
        s.data != pg_upgrade_from(cluster->plan)) {
        if (pg_upgrade_check_unswap(cluster, &s, e) < 0) {
            return -1;
        }
        (void)pg_upgrade_change(cluster, p, "unswap", NULL, &ignored);
    }
    return 0;
}

int
step_giveback_run(struct cluster *cluster, struct err *e)
{
    struct member *p = pg_upgrade_first(cluster);

    if (!pg_upgrade_has_pod(cluster, p)) {
        if (turn_unswap_early(cluster, p, e) < 0 ||
            member_evict(cluster, p, true, e) < 0) {
            return -1;
        }
    }
    return pg_upgrade_wait_pod(cluster, "the pod with the old images", e);
}

/* -- restore: the old data are in their place, whole -- */

int
step_restore_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        return -1;
    }
    *done = s.up || (s.data == pg_upgrade_from(cluster->plan) && !s.swapped && !s.linked);
    return 0;
}

int
step_restore_run(struct cluster *cluster, struct err *e)
{
    struct member *p = pg_upgrade_first(cluster);
    struct pg_state s = { 0 };

    if (pg_upgrade_state(cluster, p, &s, e) < 0 ||
        pg_upgrade_check_unswap(cluster, &s, e) < 0) {
        return -1;
    }
    if (!pg_upgrade_has_standbys(cluster) &&
        pg_upgrade_change(cluster, p, "hold", NULL, e) < 0) {
        return -1;
    }
    return pg_upgrade_change(cluster, p, "unswap", NULL, e);
}

/* -- serve: the old server runs -- */

int
step_serve_done(struct cluster *cluster, bool *done, struct err *e)
{
    (void)e;
    *done = pg_upgrade_first(cluster)->verified;
    return 0;
}

int
step_serve_run(struct cluster *cluster, struct err *e)
{
    return pg_upgrade_serve(cluster, e);
}

/* -- tidy -- */

int
step_tidy_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        return -1;
    }
    *done = !s.kept && s.fresh == PG_NEW_ABSENT && s.job.name[0] == '\0';
    return 0;
}

int
step_tidy_run(struct cluster *cluster, struct err *e)
{
    return pg_upgrade_change(cluster, pg_upgrade_first(cluster), "tidy", NULL, e);
}
