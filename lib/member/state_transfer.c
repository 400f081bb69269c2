#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/state_transfer.h"
#include "engine/engine.h"
#include "engine/transfer.h"
#include "kubedb/checks.h"
#include "member/transfer_fate.h"
#include "run/emit.h"
#include "run/request.h"
#include "run/target.h"
#include "run/wait.h"

enum {
    TRANSFER_PATIENCE_MS = 60 * 1000,
    TRANSFER_PROBE_MS = 2000,
    TRANSFER_HELD = 10, /* percent of the time */
};

/* Whether the procedure itself copies the data of all members but one. */
static bool
state_transfer_is_planned(const struct cluster *cluster)
{
    return cluster->plan->procedure->converts;
}

/* -- before anything is changed -- */

static void
state_transfer_say_held(struct cluster *cluster, struct preflight_result *r)
{
    const struct member *worst = NULL;
    double most = 0;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        const struct transfer *t = cluster->pods[i].transfer;
        double held = t->then_ms == 0
                          ? 0
                          : transfer_held(&t->then, &t->now, t->now_ms - t->then_ms);

        if (held > most) {
            worst = &cluster->pods[i];
            most = held;
        }
    }
    *r = (struct preflight_result){ .id = "health.flow_control" };
    if (worst == NULL) {
        str_copy(r->text, sizeof r->text, "flow control is idle");
        return;
    }
    r->severity = most >= TRANSFER_HELD ? CHECK_ERROR : CHECK_WARNING;
    (void)snprintf(r->text, sizeof r->text,
                   "flow control blocks writes %.0f%% of the time, seen by %s: a member "
                   "cannot keep up",
                   most, worst->name);
    str_copy(r->hint, sizeof r->hint,
             "wait until there are fewer writes, or use --force");
}

/* What is said of a copy that needs a consent, and of a member that would not come back.
 */
static void
state_transfer_say_consent(struct cluster *cluster, const struct transfer_fate *fate,
                           struct preflight_result *r)
{
    bool dry = cluster->target->request->dry_run != DRY_RUN_NONE;

    r->severity = CHECK_WARNING;
    (void)transfer_avoid(cluster, fate, r->hint, sizeof r->hint);
    if (fate->way == TRANSFER_NONE) {
        r->severity = dry ? CHECK_WARNING : CHECK_ERROR;
        return;
    }
    if (fate->bytes <= cluster->target->request->limits.max_copy) {
        return;
    }
    if (cluster->target->request->consent.ask == NULL) {
        char avoid[160];

        r->severity = dry ? CHECK_WARNING : CHECK_ERROR;
        str_copy(avoid, sizeof avoid, r->hint);
        (void)snprintf(r->hint, sizeof r->hint,
                       "to allow it: --max-copy %lldGi (--yes does not cover it)%s%s",
                       (fate->bytes >> 30) + 1, avoid[0] != '\0' ? "; " : "", avoid);
    }
    cluster->progress.copy.to_consent = fate->bytes > cluster->progress.copy.to_consent
                                            ? fate->bytes
                                            : cluster->progress.copy.to_consent;
}

/* One row for all where all get what they missed, else one a member. */
static size_t
state_transfer_say_fates(struct cluster *cluster, struct preflight_result *out,
                         size_t max)
{
    struct transfer_fate fate;
    size_t n = 0;
    size_t late = 0;

    for (size_t i = 0; i < cluster->n_pods && n < max; i++) {
        struct member *p = &cluster->pods[i];
        char text[400];

        transfer_foretell(cluster, p, &fate);
        late += fate.way == TRANSFER_LATE ? 1 : 0;
        if (p->transfer->now_ms == 0 || (fate.way == TRANSFER_LATE && late > 1)) {
            continue;
        }
        (void)transfer_describe(cluster, p, &fate, text, sizeof text);
        out[n] = (struct preflight_result){ .id = "health.transfer" };
        (void)snprintf(out[n].text, sizeof out[n].text, "%s%s%s",
                       fate.way == TRANSFER_LATE ? "" : p->name,
                       fate.way == TRANSFER_LATE ? "" : ": ", text);
        if (fate.way == TRANSFER_WHOLE || fate.way == TRANSFER_NONE) {
            state_transfer_say_consent(cluster, &fate, &out[n]);
        }
        n++;
    }
    return n;
}

/* Where a procedure copies the data of all but one member, whoever wants it wants that.
 */
static size_t
state_transfer_say_copies(const struct cluster *cluster, struct preflight_result *out)
{
    const struct engine_transfer *t = cluster->target->engine->transfer;
    char bytes[32];

    *out = (struct preflight_result){ .id = "health.transfer" };
    (void)snprintf(out->text, sizeof out->text,
                   "%zu members are re-cloned (%s), about %s each, as a part of this "
                   "upgrade",
                   cluster->n_pods - 1, t->whole,
                   str_bytes(transfer_bytes(cluster), bytes, sizeof bytes));
    return 1;
}

/* The rate of the last copy to each member, where its server tells. */
static void
state_transfer_ask_rates(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct transfer_copy copy = { 0 };

        if (state_transfer_ask_own_copy(cluster, &cluster->pods[i], &copy) && copy.done &&
            transfer_rate(&copy) > 0) {
            cluster->progress.copy.rate = transfer_rate(&copy);
        }
    }
}

size_t
state_transfer_preflight(struct cluster *cluster, struct preflight_result *out,
                         size_t max)
{
    size_t n = 0;

    if (!state_transfer_applies(cluster) || max < 2) {
        return 0;
    }
    if (state_transfer_is_planned(cluster)) {
        return state_transfer_say_copies(cluster, out);
    }
    state_transfer_ask_all(cluster);
    for (size_t i = 0; i < cluster->n_pods; i++) {
        state_transfer_of(&cluster->pods[i])->lost =
            state_transfer_is_lost(cluster->run, &cluster->pods[i]);
    }
    state_transfer_ask_rates(cluster);
    if (cluster->target->engine->transfer->throttles) {
        state_transfer_say_held(cluster, &out[n++]);
    }
    return n + state_transfer_say_fates(cluster, out + n, max - n);
}

char *
state_transfer_question(struct cluster *cluster)
{
    char bytes[32];

    return cluster->progress.copy.to_consent == 0
               ? NULL
               : mem_printf(
                     "up to %s will be re-cloned (%s)",
                     str_bytes(cluster->progress.copy.to_consent, bytes, sizeof bytes),
                     cluster->target->engine->transfer->whole);
}

void
state_transfer_consent(struct cluster *cluster)
{
    cluster->progress.copy.consented = cluster->progress.copy.to_consent;
}

/* -- before a member goes -- */

struct transfer_wait {
    struct member *p;
    struct transfer_fate fate;
};

static bool
state_transfer_may(const struct cluster *cluster, const struct transfer_fate *fate)
{
    return fate->way != TRANSFER_NONE &&
           (fate->way != TRANSFER_WHOLE ||
            fate->bytes <= cluster->target->request->limits.max_copy ||
            fate->bytes <= cluster->progress.copy.consented);
}

/* What is gone does not come back by waiting. */
static int
state_transfer_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct transfer_wait *w = ctx;

    (void)e;
    state_transfer_ask_all(cluster);
    w->p->transfer->lost = state_transfer_is_lost(cluster->run, w->p);
    transfer_foretell(cluster, w->p, &w->fate);
    s->done = w->fate.span.limit == TRANSFER_LOST ||
              w->fate.span.limit == TRANSFER_GONE ||
              state_transfer_may(cluster, &w->fate);
    (void)transfer_describe(cluster, w->p, &w->fate, s->now, sizeof s->now);
    (void)snprintf(s->want, sizeof s->want, "%s",
                   cluster->target->engine->transfer->late);
    return 0;
}

static int
state_transfer_refuse(const struct cluster *cluster, const struct transfer_wait *w,
                      struct err *e)
{
    char text[400];
    char avoid[160];

    (void)transfer_describe(cluster, w->p, &w->fate, text, sizeof text);
    (void)transfer_avoid(cluster, &w->fate, avoid, sizeof avoid);
    err_clear(e);
    err_set(e, ERR_REFUSED, "%s: %s", w->p->name, text);
    err_reason(e, "health.transfer");
    if (w->fate.way == TRANSFER_NONE) {
        return err_hint(e, "the member is not restarted%s%s",
                        avoid[0] != '\0' ? "; " : "", avoid);
    }
    return err_hint(e,
                    "to allow it: --max-copy %lldGi; without it the member is not "
                    "restarted%s%s",
                    (w->fate.bytes >> 30) + 1, avoid[0] != '\0' ? "; " : "", avoid);
}

/* It goes: what is remembered of it until it is back. */
static void
state_transfer_leave(struct cluster *cluster, struct member *p,
                     const struct transfer_fate *fate)
{
    struct transfer *t = state_transfer_of(p);
    struct transfer_copy copy = { 0 };
    char text[400];

    t->watch = (struct transfer_watch){ .knows = true };
    if (state_transfer_ask_own_copy(cluster, p, &copy)) {
        str_copy(t->watch.before, sizeof t->watch.before, copy.begun);
    }
    t->foretold = fate->way == TRANSFER_WHOLE;
    t->left_ms = clock_ms();
    emit_note(cluster->run, "%s leaves: %s", p->name,
              transfer_describe(cluster, p, fate, text, sizeof text));
}

int
state_transfer_before(struct cluster *cluster, struct member *p, struct err *e)
{
    struct transfer_wait ctx = { .p = p };
    struct wait w = { .id = "transfer",
                      .pod = p->name,
                      .text = "the other members to keep enough of the recent writes",
                      .limit_ms = TRANSFER_PATIENCE_MS,
                      .probe_ms = TRANSFER_PROBE_MS,
                      .watchful = true,
                      .check = state_transfer_look,
                      .on = cluster,
                      .ctx = &ctx };

    if (!state_transfer_applies(cluster) || state_transfer_is_planned(cluster) ||
        !mirror_pod_is_ready(cluster, p)) {
        return 0;
    }
    if (wait_until(cluster->run, &w, e) < 0) {
        return e->code == ERR_TIMEOUT ? state_transfer_refuse(cluster, &ctx, e) : -1;
    }
    if (!state_transfer_may(cluster, &ctx.fate)) {
        return state_transfer_refuse(cluster, &ctx, e);
    }
    state_transfer_leave(cluster, p, &ctx.fate);
    return 0;
}
