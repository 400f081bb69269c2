#include <stdlib.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "engine/postgres.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "member/gates.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/emit.h"

/*
 * The later steps of a major upgrade: from the start of the new server on.
 */

/* -- start: the point of no return -- */

int
step_start_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    *done = false;
    if (!pg_upgrade_first(cluster)->verified) {
        return 0; /* its gates are passed in each run */
    }
    if (pg_upgrade_look_first(cluster, &s, done, e) < 0) {
        return -1;
    }
    *done = *done && s.up;
    return 0;
}

/* The journal says first that the new server may write: whoever comes next need not ask
 * the volume to know that there is no way back. */
static int
pg_upgrade_write_begun(struct cluster *cluster, struct err *e)
{
    if (pg_upgrade_is_begun(cluster)) {
        return 0;
    }
    cluster->progress.major.begun = true;
    return lock_store(cluster->lock, journal_new(cluster), e);
}

int
step_start_run(struct cluster *cluster, struct err *e)
{
    struct pg_state s = { 0 };
    bool begun = false;

    if (pg_upgrade_look_first(cluster, &s, &begun, e) < 0) {
        return -1;
    }
    cluster->progress.major.estimates = s.analyzed;
    if (!begun &&
        (pg_upgrade_write_begun(cluster, e) < 0 ||
         pg_upgrade_change(cluster, pg_upgrade_first(cluster), "started", NULL, e) < 0)) {
        return -1;
    }
    return pg_upgrade_serve(cluster, e);
}

/* -- afterwards -- */

static bool
pg_upgrade_is_analyzed(const struct pg_state *s)
{
    return s->analyzed || !s->kept;
}

int
step_analyze_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (pg_upgrade_look_first(cluster, &s, done, e) < 0) {
        return -1;
    }
    *done = cluster->progress.major.analyzed || pg_upgrade_is_analyzed(&s);
    return 0;
}

/* That there are no statistics makes queries slow, but loses nothing. With them the first
 * member passes its gates again: rows can be compared only now. A run that ends between
 * is followed by one that passes them when it starts the server. */
int
step_analyze_run(struct cluster *cluster, struct err *e)
{
    static const struct pg_upgrade_job job = { "analyze", "collecting planner statistics",
                                               NULL, NULL, pg_upgrade_is_analyzed };
    struct err trouble = { 0 };

    if (pg_upgrade_do_job(cluster, &job, &trouble) < 0) {
        if (trouble.code != ERR_UNHEALTHY) {
            *e = trouble;
            return -1;
        }
        emit_warning(cluster->run, "the end of the run names all that have none",
                     "could not collect planner statistics: %s", trouble.msg);
    }
    cluster->progress.major.estimates = trouble.code == 0;
    cluster->progress.major.analyzed = true;
    return cluster->progress.major.estimates
               ? gates_wait(cluster, pg_upgrade_first(cluster), e)
               : 0;
}

int
step_delete_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        return -1;
    }
    *done = !s.kept; /* what `delete` removes last */
    return 0;
}

int
step_delete_run(struct cluster *cluster, struct err *e)
{
    return pg_upgrade_change(cluster, pg_upgrade_first(cluster), "delete", NULL, e);
}
