#include "member/drain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/emit_pod.h"
#include "cluster/session.h"
#include "engine/engine.h"
#include "lock/lock.h"
#include "member/drift.h"
#include "run/emit.h"
#include "run/wait.h"
#include "ui/ui.h"

enum { DRAIN_PROBE_MS = 250 };

struct drain {
    struct member *p;
    long long clients; /* when it was last asked; -1: never */
};

static int
drain_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct drain *d = ctx;
    auto_free char *answer = NULL;

    str_copy(s->want, sizeof s->want, "no clients");
    if (session_ask(cluster, d->p, cluster->target->engine->member.drain->clients_sql,
                    &answer, e) < 0) {
        return -1;
    }
    answer[strcspn(answer, "\n")] = '\0';
    if (!str_to_ll(answer, &d->clients)) {
        return err_set(e, ERR_PROTOCOL, "%s does not report its number of clients",
                       d->p->name);
    }
    (void)snprintf(s->now, sizeof s->now, "%lld client%s", d->clients,
                   d->clients == 1 ? "" : "s");
    s->done = d->clients == 0;
    return 0;
}

static bool
drain_is_paused(struct cluster *cluster, struct member *p)
{
    struct member_report m = { 0 };
    struct err ignored = { 0 };
    bool paused = session_member(cluster, p, &m, &ignored) == 0 &&
                  str_eq(m.state, cluster->target->engine->member.drain->paused_state);

    member_report_clear(&m);
    return paused;
}

/* It is a change as any other. */
static int
drain_ask(struct cluster *cluster, struct member *p, const char *sql, struct err *e)
{
    auto_free char *answer = NULL;

    return session_home(cluster, p, e) < 0 ||
                   lock_guard_exec(cluster->lock, p->name, e) < 0
               ? -1
               : session_ask(cluster, p, sql, &answer, e);
}

static int
drain_wait(struct cluster *cluster, struct member *p, struct err *e)
{
    struct drain d = { .p = p, .clients = -1 };
    struct wait w = { .id = "drain",
                      .pod = p->name,
                      .text = "its clients to disconnect",
                      .limit_ms = cluster->target->request->limits.drain_timeout_ms,
                      .probe_ms = DRAIN_PROBE_MS,
                      .watchful = true,
                      .check = drain_look,
                      .on = cluster,
                      .ctx = &d };

    if (wait_until(cluster->run, &w, e) == 0) {
        emit_pod(cluster->run, p, UI_POD_DRAINING, "no clients left");
        return 0;
    }
    if (e->code != ERR_TIMEOUT) {
        return -1;
    }
    err_clear(e);
    if (wait_check_stop(cluster->run, e) < 0) {
        return -1; /* it was the whole run's time that is over */
    }
    if (d.clients > 0) {
        emit_warning(cluster->run, "use --drain-timeout to give clients more time",
                     "%s still has %lld client%s, which will be disconnected", p->name,
                     d.clients, d.clients == 1 ? "" : "s");
    }
    return 0;
}

int
drain_run(struct cluster *cluster, struct member *p, struct err *e)
{
    if (cluster->target->engine->member.drain == NULL || cluster->n_pods < 2 ||
        cluster->target->request->limits.drain_timeout_ms == 0) {
        return 0;
    }
    if (drift_check(cluster, e) < 0) {
        return -1;
    }
    if (!drain_is_paused(cluster, p) &&
        drain_ask(cluster, p, cluster->target->engine->member.drain->pause_sql, e) < 0) {
        return -1;
    }
    emit_pod(cluster->run, p, UI_POD_DRAINING,
             "accepts no new clients; waiting for the others to disconnect");
    return drain_wait(cluster, p, e);
}

void
drain_end(struct cluster *cluster, struct member *p)
{
    struct err trouble = { 0 };

    if (cluster->target->engine->member.drain == NULL || !drain_is_paused(cluster, p)) {
        return;
    }
    if (drain_ask(cluster, p, cluster->target->engine->member.drain->resume_sql,
                  &trouble) < 0) {
        emit_warning(cluster->run, "",
                     "%s accepts no clients, and could not be reset: %s", p->name,
                     trouble.msg);
        return;
    }
    emit_note(cluster->run, "%s accepts clients again", p->name);
}
