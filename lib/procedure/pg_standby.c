#include <jansson.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/scope.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "engine/postgres.h"
#include "kubedb/pod.h"
#include "procedure/pg.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/pod_exec.h"

/*
 * A standby copies the new primary's data: its own, of the old version, and its part of
 * the tablespaces have to go first.
 */

enum { STANDBY_TOLD = 12, STANDBY_EACH_MS = 500 };

static int
standby_clear(struct cluster *cluster, struct member *p, struct err *e)
{
    auto_free char *hex = NULL;
    auto_free char *places = NULL;
    auto_said struct pod_said said = { 0 };
    struct pg_upgrade_call call = { .from = pg_upgrade_from(cluster->plan),
                                    .to = pg_upgrade_to(cluster->plan),
                                    .command = "rebuild" };

    if (session_ask(cluster, pg_upgrade_first(cluster), pg_places_sql, &hex, e) < 0) {
        return -1;
    }
    places = pg_places(hex, e);
    if (places == NULL || pg_upgrade_may(cluster, p, e) < 0) {
        return -1;
    }
    call.before = places;
    return pg_upgrade_run_call(cluster->run, p, &call, &said, e);
}

void
pg_upgrade_tend_standby(struct cluster *cluster, struct member *p)
{
    const json_t *object = mirror_pod_object(cluster, p->name);
    struct err trouble = { 0 };

    if (!course_is_forward(cluster->run) || p == pg_upgrade_first(cluster) ||
        p->tending.done || clock_ms() - p->tending.tried_ms < STANDBY_EACH_MS ||
        object == NULL || !pod_has_run(cluster->target->engine, object)) {
        return;
    }
    p->tending.tried_ms = clock_ms();
    p->tending.done = standby_clear(cluster, p, &trouble) == 0;
    /* Its own script may clear the same files at the same time: the next try tells. */
    if (!p->tending.done && ++p->tending.in_vain == STANDBY_TOLD) {
        emit_note(cluster->run,
                  "the old data cannot be removed yet to make room for the re-clone: %s",
                  trouble.msg);
    }
}
