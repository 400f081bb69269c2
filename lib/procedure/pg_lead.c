#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/coordinator.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "engine/engine.h"
#include "engine/postgres.h"
#include "engine/topology.h"
#include "member/switchover.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/wait.h"

/*
 * The lead belongs to the first member, and stays there while its data are converted: the
 * coordinators are told to leave everything as it is.
 */

enum { LEAD_PROBE_MS = 500, LEAD_READ_MS = 100, LEAD_LIMIT_MS = 2 * 60 * 1000 };

bool
pg_upgrade_has_standbys(const struct cluster *cluster)
{
    return cluster->plan->topology == TOPOLOGY_STANDBYS;
}

bool
pg_upgrade_is_standby(const struct cluster *cluster, const struct member *p)
{
    return p != &cluster->pods[0];
}

bool
pg_upgrade_commits_wait(const struct cluster *cluster)
{
    return pg_upgrade_has_standbys(cluster) &&
           str_eq(json_path_str(mirror_db(cluster), "spec.streamingMode"), "Synchronous");
}

int
pg_upgrade_failover(struct cluster *cluster, char **status, struct err *e)
{
    struct err last = { 0 };

    for (size_t i = cluster->sets[0].replicas; i-- > 0;) {
        err_clear(&last);
        if (coordinator_get(cluster->run, &cluster->pods[i], COORDINATOR_STATUS, status,
                            &last) == 0) {
            return 0;
        }
    }
    *e = last;
    return -1;
}

/* Tells whichever coordinator answers. */
static int
lead_tell(struct cluster *cluster, const char *status, struct err *e)
{
    struct err last = { 0 };

    for (size_t i = cluster->sets[0].replicas; i-- > 0;) {
        err_clear(&last);
        if (pg_upgrade_may(cluster, &cluster->pods[i], e) < 0) {
            return -1;
        }
        if (coordinator_set(cluster->run, &cluster->pods[i], COORDINATOR_STATUS, status,
                            &last) == 0) {
            pg_upgrade_forget(cluster);
            return 0;
        }
    }
    *e = last;
    return -1;
}

struct lead_status {
    const char *want;
    bool told;
};

static int
lead_look_status(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct lead_status *status = ctx;
    auto_free char *is = NULL;

    str_copy(s->want, sizeof s->want, status->want);
    if (!status->told && lead_tell(cluster, status->want, e) < 0) {
        return -1;
    }
    status->told = true;
    if (pg_upgrade_failover(cluster, &is, e) < 0) {
        return -1;
    }
    str_copy(s->now, sizeof s->now, is);
    s->done = str_eq(is, status->want);
    status->told = s->done;
    return 0;
}

int
pg_upgrade_set_failover(struct cluster *cluster, const char *status, struct err *e)
{
    struct lead_status told = { .want = status };
    struct wait w = { .id = "failover",
                      .pod = "",
                      .text = "the coordinators to report " COORDINATOR_STATUS,
                      .limit_ms = LEAD_LIMIT_MS,
                      .probe_ms = LEAD_READ_MS,
                      .watchful = true,
                      .check = lead_look_status,
                      .on = cluster,
                      .ctx = &told };

    return wait_until(cluster->run, &w, e);
}

/* -- the first member leads -- */

enum { LEAD_AGAIN_MS = 30 * 1000 };

struct lead_move {
    long long asked_ms; /* 0: not yet */
};

/* Every member takes part under the first one's lead. */
static int
lead_look_whole(struct cluster *cluster, struct wait_state *s, struct err *e)
{
    s->done = true;
    for (size_t i = 0; i < cluster->n_pods && s->done; i++) {
        struct member_report m = { 0 };

        if (session_member(cluster, &cluster->pods[i], &m, e) < 0) {
            return -1;
        }
        s->done = engine_member_serves(cluster->plan->topology, &m);
        if (!s->done) {
            (void)snprintf(s->now, sizeof s->now, "%s is %s", cluster->pods[i].name,
                           m.state);
        }
        member_report_clear(&m);
    }
    return 0;
}

/* The checkpoint keeps the old primary's shutdown short. */
static int
lead_ask(struct cluster *cluster, struct member *primary, struct lead_move *move,
         struct err *e)
{
    if (pg_upgrade_may(cluster, primary, e) < 0 ||
        session_order(cluster, primary, pg_checkpoint_sql, e) < 0 ||
        pg_upgrade_may(cluster, primary, e) < 0 ||
        coordinator_transfer(cluster->run, primary, pg_upgrade_first(cluster)->ordinal,
                             e) < 0) {
        return -1;
    }
    pg_upgrade_forget(cluster);
    move->asked_ms = clock_ms();
    return 0;
}

static int
lead_look_moved(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct lead_move *move = ctx;
    struct member *primary = switchover_primary(cluster, NULL);

    (void)snprintf(s->want, sizeof s->want,
                   "%s is primary, and all other members follow it",
                   pg_upgrade_first(cluster)->name);
    str_copy(s->now, sizeof s->now, "no primary");
    if (primary == NULL) {
        return 0;
    }
    if (primary == pg_upgrade_first(cluster)) {
        return lead_look_whole(cluster, s, e);
    }
    /* The old primary would stop while its heir lags behind. */
    if (lead_look_whole(cluster, s, e) < 0 || !s->done) {
        return e->code == ERR_NONE ? 0 : -1;
    }
    s->done = false;
    (void)snprintf(s->now, sizeof s->now, "%s is primary", primary->name);
    return move->asked_ms == 0 || clock_ms() - move->asked_ms > LEAD_AGAIN_MS
               ? lead_ask(cluster, primary, move, e)
               : 0;
}

int
step_lead_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };
    struct member_report m = { 0 };
    auto_free char *status = NULL;

    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0 ||
        pg_upgrade_failover(cluster, &status, e) < 0) {
        return -1;
    }
    /* Failover was stopped when it led. */
    *done = pg_state_is_begun(&s, pg_upgrade_to(cluster->plan)) ||
            str_eq(status, COORDINATOR_PAUSE) || str_eq(status, COORDINATOR_STAY);
    if (*done || !s.up) {
        return 0;
    }
    if (session_member(cluster, pg_upgrade_first(cluster), &m, e) < 0) {
        return -1;
    }
    *done = m.role == MEMBER_PRIMARY;
    member_report_clear(&m);
    return 0;
}

int
step_lead_run(struct cluster *cluster, struct err *e)
{
    struct lead_move move = { 0 };
    struct wait w = { .id = "lead",
                      .pod = pg_upgrade_first(cluster)->name,
                      .text = "the primary to move there",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = LEAD_PROBE_MS,
                      .watchful = true,
                      .check = lead_look_moved,
                      .on = cluster,
                      .ctx = &move };

    return wait_until(cluster->run, &w, e);
}

/* -- nobody else may lead -- */

int
step_hold_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct pg_state s = { 0 };
    auto_free char *status = NULL;

    if (pg_upgrade_state(cluster, pg_upgrade_first(cluster), &s, e) < 0) {
        return -1;
    }
    *done = pg_state_is_begun(&s, pg_upgrade_to(cluster->plan));
    if (*done || !pg_upgrade_has_standbys(cluster)) {
        *done = *done || s.held;
        return 0;
    }
    if (pg_upgrade_failover(cluster, &status, e) < 0) {
        return -1;
    }
    *done = str_eq(status, COORDINATOR_PAUSE);
    return 0;
}

int
step_hold_run(struct cluster *cluster, struct err *e)
{
    return pg_upgrade_has_standbys(cluster)
               ? pg_upgrade_set_failover(cluster, COORDINATOR_PAUSE, e)
               : pg_upgrade_change(cluster, pg_upgrade_first(cluster), "hold", NULL, e);
}

int
step_failover_done(struct cluster *cluster, bool *done, struct err *e)
{
    auto_free char *status = NULL;

    if (pg_upgrade_failover(cluster, &status, e) < 0) {
        return -1;
    }
    *done = str_eq(status, COORDINATOR_RESUME) || status[0] == '\0';
    return 0;
}

int
step_failover_run(struct cluster *cluster, struct err *e)
{
    return pg_upgrade_set_failover(cluster, COORDINATOR_RESUME, e);
}
