#include "member/transfer_fate.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/state_transfer.h"
#include "engine/engine.h"
#include "engine/topology.h"
#include "kubedb/catalog.h"
#include "run/course.h"

enum {
    TRANSFER_FIRST_MS = 2 * 60 * 1000, /* a member's absence before one was seen: its
                                          image may have to be pulled */
};

/* How long a member is likely to be away. */
static long long
transfer_away_ms(const struct cluster *cluster)
{
    return cluster->progress.copy.away_ms > 0
               ? cluster->progress.copy.away_ms + cluster->progress.copy.away_ms / 2
               : TRANSFER_FIRST_MS;
}

/* -- who gives -- */

/* Where members know of each other each of them does; else whoever leads, and who leads
 * when that is the one that goes. */
static bool
transfer_gives(const struct cluster *cluster, const struct member *q,
               const struct member *p)
{
    bool leads = p->role == MEMBER_PRIMARY || q->role == MEMBER_PRIMARY;

    return q != p && q->transfer != NULL && q->transfer->now_ms != 0 &&
           (leads || engine_is_group(cluster->plan->topology) ||
            !engine_has_primary(cluster->plan->topology));
}

/* Why p, with the version that it is to have, cannot be copied to from q; false: it can.
 */
static bool
transfer_is_unable(const struct cluster *cluster, const struct member *p,
                   const struct member *q, char *out, size_t size)
{
    const char *to = catalog_version(course_goal_object(cluster->run));
    const struct member *lacks = !p->transfer->now.copies   ? p
                                 : !q->transfer->now.copies ? q
                                                            : NULL;

    if (!cluster->target->engine->transfer->needs_plugin) {
        return false;
    }
    if (lacks != NULL) {
        (void)snprintf(out, size, "the %s plugin is not active on %s",
                       cluster->target->engine->transfer->whole, lacks->name);
        return true;
    }
    if (!transfer_may_copy(cluster->target->engine, q->version, to)) {
        (void)snprintf(out, size, "a server of %s cannot %s from one of %s (%s)", to,
                       cluster->target->engine->transfer->whole, q->version, q->name);
        return true;
    }
    return false;
}

/* Adds a donor to the names, the best window to the fate. */
static void
transfer_add_donor(struct cluster *cluster, struct member *p, struct member *q,
                   const struct transfer_sample *own, struct transfer_fate *fate)
{
    const struct transfer *t = q->transfer;
    struct transfer_donor donor = {
        .then = t->then,
        .now = t->now,
        .ms = t->then_ms != 0 ? t->now_ms - t->then_ms : 0,
    };
    struct transfer_span span = { 0 };

    if (fate->span.ms <= transfer_away_ms(cluster)) { /* one that keeps enough will do */
        state_transfer_ask_kept(cluster, p, q, &donor.kept);
        span = transfer_span_of(own, &donor);
        fate->span =
            fate->donors[0] == '\0' || span.ms > fate->span.ms ? span : fate->span;
    }
    str_append(fate->donors, sizeof fate->donors, "%s%s",
               fate->donors[0] != '\0' ? " or " : "", q->name);
}

/* -- what follows -- */

static enum transfer_way
transfer_judge(const struct cluster *cluster, const struct transfer_fate *fate)
{
    bool unable = fate->unable[0] != '\0';

    return fate->span.limit == TRANSFER_LOST           ? TRANSFER_WHOLE
           : fate->span.ms < 0                         ? TRANSFER_UNKNOWN
           : fate->span.ms > transfer_away_ms(cluster) ? TRANSFER_LATE
           : unable                                    ? TRANSFER_NONE
                                                       : TRANSFER_WHOLE;
}

long long
transfer_bytes(const struct cluster *cluster)
{
    long long most = 0;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        const struct measure *bytes =
            engine_find_measure(&cluster->pods[i].before, "bytes", "");

        most = bytes != NULL && bytes->value > most ? bytes->value : most;
    }
    return most;
}

/* Whether some donor can be copied from; else `out` says why the last one cannot. */
static bool
transfer_is_able(const struct cluster *cluster, const struct member *p, char *out,
                 size_t size)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (transfer_gives(cluster, &cluster->pods[i], p) &&
            !transfer_is_unable(cluster, p, &cluster->pods[i], out, size)) {
            str_copy(out, size, "");
            return true;
        }
    }
    return false;
}

void
transfer_foretell(struct cluster *cluster, struct member *p, struct transfer_fate *fate)
{
    struct transfer_sample own = state_transfer_of(p)->now;

    *fate =
        (struct transfer_fate){ .span = { .ms = -1 }, .bytes = transfer_bytes(cluster) };
    if (!transfer_is_able(cluster, p, fate->unable, sizeof fate->unable)) {
        own.threshold = 0; /* it does not try */
    }
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (transfer_gives(cluster, &cluster->pods[i], p)) {
            transfer_add_donor(cluster, p, &cluster->pods[i], &own, fate);
        }
    }
    if (own.donor[0] != '\0') {
        str_copy(fate->donors, sizeof fate->donors, own.donor);
    }
    if (p->transfer->now_ms == 0) {
        fate->span = (struct transfer_span){ .ms = -1 };
        return;
    }
    fate->span.limit = p->transfer->lost ? TRANSFER_LOST : fate->span.limit;
    fate->way = transfer_judge(cluster, fate);
}

/* -- in words -- */

/* "about 4m10s at 41.0 MiB/s". */
static void
transfer_say_time(const struct cluster *cluster, const struct transfer_fate *fate,
                  char *out, size_t size)
{
    long long rate = cluster->progress.copy.rate;
    char time[32];
    char speed[32];

    if (rate <= 0) {
        str_copy(out, size, "rate not known");
        return;
    }
    (void)snprintf(out, size, "about %s at %s/s",
                   clock_duration((long long)((double)fate->bytes / (double)rate * 1000),
                                  time, sizeof time),
                   str_bytes(rate, speed, sizeof speed));
}

/* Why that is so, in numbers. */
static void
transfer_say_numbers(const struct cluster *cluster, const struct member *p,
                     const struct transfer_fate *fate, char *out, size_t size)
{
    long long away_ms = transfer_away_ms(cluster);
    const char *keeps = cluster->target->engine->transfer->keeps;
    char window[32];
    char away[32];

    clock_duration(away_ms, away, sizeof away);
    clock_duration(fate->span.ms, window, sizeof window);
    if (fate->span.limit == TRANSFER_COUNT) {
        str_append(out, size,
                   "it copies when it lacks %lld transactions, and about %.0f are "
                   "written in the %s that it is away",
                   p->transfer->now.threshold, fate->span.rate * (double)away_ms / 1000,
                   away);
    } else if (fate->span.limit == TRANSFER_AGE) {
        str_append(out, size, "the other members keep %s for %s; it is away for about %s",
                   keeps, window, away);
    } else {
        str_append(out, size, "the other members keep %s of %s; it is away for about %s",
                   window, keeps, away);
    }
}

static void
transfer_say_why(const struct cluster *cluster, const struct member *p,
                 const struct transfer_fate *fate, char *out, size_t size)
{
    const struct engine_transfer *t = cluster->target->engine->transfer;

    if (t->why[fate->span.limit] != NULL) {
        str_append(out, size, "%s", t->why[fate->span.limit]);
    } else if (fate->span.limit == TRANSFER_IDLE) {
        str_append(out, size, "no writes at present");
    } else {
        transfer_say_numbers(cluster, p, fate, out, size);
    }
}

char *
transfer_describe(const struct cluster *cluster, const struct member *p,
                  const struct transfer_fate *fate, char *out, size_t size)
{
    const struct engine_transfer *t = cluster->target->engine->transfer;

    out[0] = '\0';
    if (fate->way == TRANSFER_UNKNOWN) {
        (void)snprintf(out, size, "%s or %s: not known", t->late, t->whole);
        return out;
    }
    if (fate->way == TRANSFER_WHOLE) {
        char text[64];

        str_append(out, size, "%s expected, about %s from %s", t->whole,
                   str_bytes(fate->bytes, text, sizeof text), fate->donors);
        transfer_say_time(cluster, fate, text, sizeof text);
        str_append(out, size, " (%s): ", text);
    } else if (fate->way == TRANSFER_LATE) {
        str_append(out, size, "%s expected: ", t->late);
    } else {
        str_append(out, size, "it cannot come back: ");
    }
    transfer_say_why(cluster, p, fate, out, size);
    if (fate->way == TRANSFER_NONE) {
        str_append(out, size, "; and %s", fate->unable);
    }
    return out;
}

char *
transfer_avoid(const struct cluster *cluster, const struct transfer_fate *fate, char *out,
               size_t size)
{
    const char *hint = cluster->target->engine->transfer->hint[fate->span.limit];

    str_copy(out, size, "");
    if (hint != NULL) {
        (void)snprintf(out, size, "to avoid it: %s", hint);
    }
    return out;
}
