#include "member/gates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "cluster/state_transfer.h"
#include "engine/engine.h"
#include "kubedb/catalog.h"
#include "member/member_state.h"
#include "run/course.h"
#include "run/run.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The gates that a restarted member must pass, asked of its server again and again. Each
 * gate that passes is told once; amounts of data are asked only when all before them
 * pass.
 */

enum { GATES_PROBE_MS = 500, GATES_EMPTY_MS = 10 * 1000, GATES_MAX = 16 };

struct gates {
    struct member *p;
    struct gate_want want;
    bool told[GATES_MAX];
    const struct engine_gate
        *waits; /* the one that did not pass when it was last asked */
    long long since;
    long long looked_ms; /* for data at all; clock_ms() */
};

static void
gates_tell(struct run *run, struct gates *g, const struct engine_gate *gate,
           enum gate_verdict verdict, const struct wait_state *s)
{
    static const enum ui_verdict verdicts[] = { [GATE_WAIT] = UI_GATE_WAITING,
                                                [GATE_OK] = UI_GATE_PASSED,
                                                [GATE_FAILED] = UI_GATE_FAILED };
    size_t i = (size_t)(gate - run->target->engine->member.gates);

    if (verdict != GATE_WAIT && g->told[i]) {
        return;
    }
    g->told[i] = verdict != GATE_WAIT;
    ui_emit(run->ui, &(struct ui_event){ .type = UI_GATE,
                                         .pod.name = g->p->name,
                                         .id = gate->id,
                                         .text = gate->title,
                                         .verdict = verdicts[verdict],
                                         .now = s->now,
                                         .want = s->want,
                                         .ms = clock_ms() - g->since });
}

/* What a gate needs beyond the member itself is asked here, just before it. */
static int
gates_ask(struct cluster *cluster, struct gates *g, const struct engine_gate *gate,
          struct gate_seen *seen, struct measures *now, struct err *e)
{
    if (gate->needs_position && g->want.position != NULL && *g->want.position != '\0' &&
        session_reached(cluster, g->p, g->want.position, &seen->position_reached, e) <
            0) {
        return -1;
    }
    if (gate->needs_measures && g->want.before != NULL) {
        if (measures_ask(cluster, g->p, g->want.before, now, e) < 0) {
            return -1;
        }
        seen->now = now;
    }
    return 0;
}

/* While a position is not reached, which one without data never does: whether it has any.
 * To measure takes time, so it is done now and then. */
static int
gates_look_empty(struct cluster *cluster, struct gates *g, const struct engine_gate *gate,
                 enum gate_verdict *verdict, struct wait_state *s, struct err *e)
{
    struct measures now = { 0 };

    if (!gate->needs_position || *verdict != GATE_WAIT || g->want.before == NULL ||
        clock_ms() - g->looked_ms < GATES_EMPTY_MS) {
        return 0;
    }
    g->looked_ms = clock_ms();
    if (measures_ask(cluster, g->p, g->want.before, &now, e) < 0) {
        return -1;
    }
    if (gate_empty(&g->want, &now, s->now, s->want, sizeof s->now) == GATE_FAILED) {
        *verdict = GATE_FAILED;
    }
    return 0;
}

/* What whoever reads of an empty database has to do at once: no other gate that looks at
 * data fails for good. */
static void
gates_hint_empty(const struct member *p, const char *flags, struct err *e)
{
    err_hint(
        e,
        "%s has none of the previous data: keep clients away from it, and restart no "
        "other member by hand",
        p->name);
    err_reason(e, "DATA_EMPTY");
    err_hint(e,
             "restore a backup, or look for the volume that it had: kubectl get pvc,pv%s",
             flags);
}

static int
gates_failed(const struct gates *g, const struct engine_gate *gate,
             const struct wait_state *s, struct err *e)
{
    char reason[48];

    (void)snprintf(reason, sizeof reason, "GATE_%.40s", gate->id);
    for (char *c = reason; *c != '\0'; c++) {
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
    err_set(e, ERR_UNHEALTHY, "%s did not pass gate %s: %s; expected: %s", g->p->name,
            gate->title, s->now, s->want);
    return err_reason(e, reason);
}

/* The size of the group that the member must see: members that the run is to take away
 * or whose turn is still to come, and that are out of it, do not count, because an
 * earlier run ended between leaving and restarting, or because they are broken. It is
 * asked each time: such a member may come back by itself. */
static unsigned
gates_expected(struct cluster *cluster, const struct member *p)
{
    unsigned expected = sets_count_pods(cluster);

    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *q = &cluster->pods[i];
        struct member_report m = { 0 };
        struct err ignored = { 0 };

        if (q == p || !sets_has_pod(q) || mirror_pod_is_there(cluster, q)) {
            continue;
        }
        if (session_member(cluster, q, &m, &ignored) == 0
                ? engine_member_is_out(&m)
                : !mirror_pod_is_ready(cluster, q)) {
            expected--;
        }
        member_report_clear(&m);
    }
    return expected;
}

/* A member that all data are copied to does not answer as usual, and need not. */
static int
gates_look_copy(struct cluster *cluster, struct member *p, struct wait_state *s, int got,
                struct err *e)
{
    if (s->done || (got < 0 && !err_is_transient(e)) ||
        !state_transfer_watch(cluster, p, s)) {
        return got;
    }
    err_clear(e);
    return 0;
}

static int
gates_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct gates *g = ctx;
    struct member_report m = { 0 };
    struct measures now = { 0 };
    struct gate_seen seen = { .member = &m };
    int got = member_check_broken(cluster, g->p, e);

    if (got < 0) {
        return -1;
    }
    got = session_member(cluster, g->p, &m, e);
    g->want.members = gates_expected(cluster, g->p);
    s->done = got == 0;
    for (const struct engine_gate *gate = cluster->target->engine->member.gates;
         s->done && gate->id != NULL; gate++) {
        enum gate_verdict verdict = GATE_WAIT;

        got = gates_ask(cluster, g, gate, &seen, &now, e);
        if (got < 0) {
            break;
        }
        verdict = gate->eval(&g->want, &seen, s->now, s->want, sizeof s->now);
        got = gates_look_empty(cluster, g, gate, &verdict, s, e);
        if (got < 0) {
            break;
        }
        gates_tell(cluster->run, g, gate, verdict, s);
        s->done = verdict == GATE_OK;
        g->waits = verdict == GATE_WAIT ? gate : NULL;
        if (verdict == GATE_FAILED) {
            got = gates_failed(g, gate, s, e);
            if (gate->needs_position || gate->needs_measures) {
                gates_hint_empty(g->p, cluster->target->request->command_flags, e);
            }
        }
    }
    if (s->done && now.n > 0) {
        g->p->after = now;
    }
    member_report_clear(&m);
    return gates_look_copy(cluster, g->p, s, got, e);
}

/* Whether the data is of another major version than when it was measured. */
static bool
gates_crosses(const struct run *run)
{
    return engine_crosses(run->target->engine, catalog_version(run->plan->from),
                          catalog_version(course_goal_object(run)));
}

int
gates_wait(struct cluster *cluster, struct member *p, struct err *e)
{
    char text[128];
    struct gates g = {
        .p = p,
        .want = { .topology = cluster->plan->topology,
                  .version = catalog_version(course_goal_object(cluster->run)),
                  .position = p->storage.given_up ? NULL : p->position,
                  .before = p->before.n > 0 && !p->storage.given_up ? &p->before : NULL,
                  .size_tolerance = cluster->target->request->limits.size_tolerance,
                  .may_be_empty = cluster->target->request->checks.accept_data_loss,
                  .another_major = gates_crosses(cluster->run),
                  .no_estimates =
                      gates_crosses(cluster->run) && !cluster->progress.major.estimates },
        .since = clock_ms(),
        .looked_ms = clock_ms(),
    };
    struct wait w = { .id = "gates",
                      .pod = p->name,
                      .text = text,
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = GATES_PROBE_MS,
                      .watchful = true,
                      .check = gates_look,
                      .on = cluster,
                      .ctx = &g };

    (void)snprintf(text, sizeof text, "joined, caught up, data complete");
    if (wait_until(cluster->run, &w, e) == 0) {
        return 0;
    }
    if (e->code == ERR_TIMEOUT && g.waits != NULL && g.waits->needs_measures) {
        err_hint(e, "if clients deleted that much data, or an earlier estimate was "
                    "outdated, resume with --size-tolerance 100");
    }
    return -1;
}
