#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/state_transfer.h"
#include "engine/engine.h"
#include "engine/transfer.h"
#include "kube/client.h"
#include "kubedb/checks.h"
#include "run/emit.h"
#include "run/request.h"
#include "run/target.h"
#include "run/wait.h"

enum {
    TRANSFER_FIRST_MS = 2 * 60 * 1000, /* a member's absence before one was seen: its
                                          image may have to be pulled */
    TRANSFER_PATIENCE_MS = 60 * 1000,
    TRANSFER_PROBE_MS = 2000,
    TRANSFER_LOG_MS = 5 * 1000,
    TRANSFER_LOG_MAX = 256 * 1024,
    TRANSFER_HELD = 10, /* percent of the time */
};

/* -- foretelling -- */

struct transfer_fate {
    enum transfer_way way;
    long long window_ms;
    char donors[128];
    long long bytes; /* of data */
};

static long long
state_transfer_away_ms(const struct cluster *cluster)
{
    return cluster->progress.away_ms > 0
               ? cluster->progress.away_ms + cluster->progress.away_ms / 2
               : TRANSFER_FIRST_MS;
}

/* Adds a donor to the names, the best window to the fate. */
static void
state_transfer_add_donor(const struct member *q, long long from,
                         struct transfer_fate *fate)
{
    const struct transfer *t = q->transfer;
    long long window = t->then_ms == 0 ? -1
                                       : transfer_window_ms(&t->then, &t->now,
                                                            t->now_ms - t->then_ms, from);

    fate->window_ms = window > fate->window_ms ? window : fate->window_ms;
    str_append(fate->donors, sizeof fate->donors, "%s%s",
               fate->donors[0] != '\0' ? " or " : "", q->name);
}

static void
state_transfer_foretell(struct cluster *cluster, struct member *p,
                        struct transfer_fate *fate)
{
    const struct transfer *own = state_transfer_of(p);
    const struct measure *bytes = engine_find_measure(&p->before, "bytes", "");

    *fate = (struct transfer_fate){ .window_ms = -1,
                                    .bytes = bytes != NULL ? bytes->value : 0 };
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (&cluster->pods[i] != p && state_transfer_of(&cluster->pods[i])->now_ms != 0) {
            state_transfer_add_donor(&cluster->pods[i], own->now.last, fate);
        }
    }
    if (own->now.donor[0] != '\0') {
        str_copy(fate->donors, sizeof fate->donors, own->now.donor);
    }
    if (own->now_ms == 0) {
        return;
    }
    fate->way = own->lost                                           ? TRANSFER_WHOLE
                : fate->window_ms < 0                               ? TRANSFER_UNKNOWN
                : fate->window_ms > state_transfer_away_ms(cluster) ? TRANSFER_LATE
                                                                    : TRANSFER_WHOLE;
}

/* "IST expected: ..." */
static void
state_transfer_describe(const struct cluster *cluster, const struct member *p,
                        const struct transfer_fate *fate, char *out, size_t size)
{
    const struct engine_transfer *t = cluster->target->engine->transfer;
    char window[32];
    char away[32];

    clock_duration(state_transfer_away_ms(cluster), away, sizeof away);
    clock_duration(fate->window_ms, window, sizeof window);
    out[0] = '\0';
    if (fate->way == TRANSFER_WHOLE) {
        char bytes[32];

        str_append(out, size, "%s expected, about %s from %s: ", t->whole,
                   str_bytes(fate->bytes, bytes, sizeof bytes), fate->donors);
    } else if (fate->way == TRANSFER_LATE) {
        str_append(out, size, "%s expected: ", t->late);
    }
    if (fate->way == TRANSFER_UNKNOWN) {
        str_append(out, size, "%s or %s: not known", t->late, t->whole);
    } else if (p->transfer->lost) {
        str_append(out, size, "%s", t->lost);
    } else if (fate->window_ms == LLONG_MAX) {
        str_append(out, size, "no writes at present");
    } else {
        str_append(out, size,
                   "the other members keep %s of writes; it is away for about %s", window,
                   away);
    }
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

/* So much was said of a copy that a consent is needed for it. */
static void
state_transfer_say_consent(struct cluster *cluster, const struct transfer_fate *fate,
                           struct preflight_result *r)
{
    long long gib = (fate->bytes >> 30) + 1;

    r->severity = CHECK_WARNING;
    if (fate->bytes <= cluster->target->request->limits.max_copy) {
        return;
    }
    if (cluster->target->request->consent.ask == NULL) {
        r->severity = cluster->target->request->dry_run == DRY_RUN_NONE ? CHECK_ERROR
                                                                        : CHECK_WARNING;
        (void)snprintf(r->hint, sizeof r->hint,
                       "to allow it: --max-copy %lldGi (--yes does not cover it)", gib);
    }
    cluster->progress.to_consent = fate->bytes > cluster->progress.to_consent
                                       ? fate->bytes
                                       : cluster->progress.to_consent;
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

        state_transfer_foretell(cluster, p, &fate);
        late += fate.way == TRANSFER_LATE ? 1 : 0;
        if (p->transfer->now_ms == 0 || (fate.way == TRANSFER_LATE && late > 1)) {
            continue;
        }
        state_transfer_describe(cluster, p, &fate, text, sizeof text);
        out[n] = (struct preflight_result){ .id = "health.transfer" };
        (void)snprintf(out[n].text, sizeof out[n].text, "%s%s%s",
                       fate.way == TRANSFER_LATE ? "" : p->name,
                       fate.way == TRANSFER_LATE ? "" : ": ", text);
        if (fate.way == TRANSFER_WHOLE) {
            state_transfer_say_consent(cluster, &fate, &out[n]);
        }
        n++;
    }
    return n;
}

size_t
state_transfer_preflight(struct cluster *cluster, struct preflight_result *out,
                         size_t max)
{
    if (!state_transfer_applies(cluster) || max < 2) {
        return 0;
    }
    state_transfer_ask_all(cluster);
    for (size_t i = 0; i < cluster->n_pods; i++) {
        state_transfer_of(&cluster->pods[i])->lost =
            state_transfer_is_lost(cluster->run, &cluster->pods[i]);
    }
    state_transfer_say_held(cluster, &out[0]);
    return 1 + state_transfer_say_fates(cluster, out + 1, max - 1);
}

char *
state_transfer_question(struct cluster *cluster)
{
    char bytes[32];

    return cluster->progress.to_consent == 0
               ? NULL
               : mem_printf("up to %s will be re-cloned (%s)",
                            str_bytes(cluster->progress.to_consent, bytes, sizeof bytes),
                            cluster->target->engine->transfer->whole);
}

void
state_transfer_consent(struct cluster *cluster)
{
    cluster->progress.consented = cluster->progress.to_consent;
}

/* -- before a member goes -- */

struct transfer_wait {
    struct member *p;
    struct transfer_fate fate;
};

static bool
state_transfer_may(const struct cluster *cluster, const struct transfer_fate *fate)
{
    return fate->way != TRANSFER_WHOLE ||
           fate->bytes <= cluster->target->request->limits.max_copy ||
           fate->bytes <= cluster->progress.consented;
}

static int
state_transfer_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct transfer_wait *w = ctx;

    (void)e;
    state_transfer_ask_all(cluster);
    w->p->transfer->lost = state_transfer_is_lost(cluster->run, w->p);
    state_transfer_foretell(cluster, w->p, &w->fate);
    s->done = w->p->transfer->lost || state_transfer_may(cluster, &w->fate);
    state_transfer_describe(cluster, w->p, &w->fate, s->now, sizeof s->now);
    (void)snprintf(s->want, sizeof s->want, "%s",
                   cluster->target->engine->transfer->late);
    return 0;
}

static int
state_transfer_refuse(const struct cluster *cluster, const struct transfer_wait *w,
                      struct err *e)
{
    char text[400];

    state_transfer_describe(cluster, w->p, &w->fate, text, sizeof text);
    err_clear(e);
    err_set(e, ERR_REFUSED, "%s: %s", w->p->name, text);
    err_reason(e, "health.transfer");
    return err_hint(
        e, "to allow it: --max-copy %lldGi; without it the member is not restarted",
        (w->fate.bytes >> 30) + 1);
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
    char text[400];

    if (!state_transfer_applies(cluster) || !mirror_pod_is_ready(cluster, p)) {
        return 0;
    }
    if (wait_until(cluster->run, &w, e) < 0) {
        return e->code == ERR_TIMEOUT ? state_transfer_refuse(cluster, &ctx, e) : -1;
    }
    if (!state_transfer_may(cluster, &ctx.fate)) {
        return state_transfer_refuse(cluster, &ctx, e);
    }
    state_transfer_describe(cluster, p, &ctx.fate, text, sizeof text);
    emit_note(cluster->run, "%s leaves: %s", p->name, text);
    p->transfer->left_ms = clock_ms();
    return 0;
}

/* -- when it is back -- */

static void
state_transfer_measure_away(struct cluster *cluster, struct member *p)
{
    struct transfer *t = state_transfer_of(p);
    long long away = t->left_ms != 0 ? clock_ms() - t->left_ms : 0;

    cluster->progress.away_ms =
        away > cluster->progress.away_ms ? away : cluster->progress.away_ms;
    t->left_ms = 0;
}

/* The beginning of the log of its server; it is for a word to the user, and not waited
 * for long. */
static void
state_transfer_read_log(const struct target *target, const struct member *p,
                        struct buf *log)
{
    auto_free char *path =
        mem_printf("/api/v1/namespaces/%s/pods/%s/log?container=%s&limitBytes=%d",
                   target->request->name_space, p->name, target->engine->container,
                   (int)TRANSFER_LOG_MAX);
    int got = -1;

    for (unsigned n = 0; n < 2 && got < 0; n++) {
        struct err silent = { 0 };

        buf_reset(log);
        kube_set_patience(target->kube, TRANSFER_LOG_MS, clock_ms() + TRANSFER_LOG_MS);
        got = kube_get_raw(target->kube, path, log, &silent);
        kube_set_patience(target->kube, 0, 0);
    }
}

void
state_transfer_after(struct cluster *cluster, struct member *p)
{
    auto_buf struct buf log = BUF_LIMIT(2 * TRANSFER_LOG_MAX);
    struct transfer_told told = { 0 };
    char text[256];

    if (!state_transfer_applies(cluster)) {
        return;
    }
    state_transfer_measure_away(cluster, p);
    state_transfer_read_log(cluster->target, p, &log);
    transfer_by_log(cluster->target->engine->transfer, buf_text(&log), &told);
    if (told.way == TRANSFER_UNKNOWN) {
        emit_note(cluster->run, "%s is back; its log does not show whether by %s or %s",
                  p->name, cluster->target->engine->transfer->late,
                  cluster->target->engine->transfer->whole);
        return;
    }
    (void)snprintf(text, sizeof text, "%s rejoined by %s", p->name,
                   told.way == TRANSFER_LATE ? cluster->target->engine->transfer->late
                                             : cluster->target->engine->transfer->whole);
    if (told.donor[0] != '\0') {
        str_append(text, sizeof text, " from %s", told.donor);
    }
    if (told.missing >= 0) {
        str_append(text, sizeof text, ", %lld transactions", told.missing);
    }
    emit_note(cluster->run, "%s", text);
}
