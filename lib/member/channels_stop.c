#include "member/channels_stop.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/channels.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "engine/async_channel.h"
#include "engine/engine.h"
#include "engine/topology.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "member/drift.h"
#include "member/switchover.h"
#include "run/emit.h"
#include "run/request.h"

enum { CHANNELS_MOVES = 3 }; /* so often is the lead to go back */

static const struct engine_channels *
channels_words(const struct cluster *cluster)
{
    return cluster->target->engine->member.channels;
}

/* A change of the server's, as any other. */
static int
channels_order(struct cluster *cluster, struct member *p, const char *words,
               const char *hex, struct err *e)
{
    auto_free char *sql = engine_format(words, hex);
    struct err ignored = { 0 }; /* who asks it hears of that */

    (void)session_home(cluster, p, &ignored);
    return lock_guard_exec(cluster->lock, p->name, e) < 0
               ? -1
               : session_order(cluster, p, sql, e);
}

static struct async_channel *
channels_find(struct async_channels *list, const char *hex)
{
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq(list->at[i].hex, hex)) {
            return &list->at[i];
        }
    }
    return NULL;
}

/* -- stopping -- */

/* Whether any is in the way; ERR_REFUSED where one is not to be stopped. */
static int
channels_look(struct cluster *cluster, const struct member *p,
              const struct async_channels *list, bool *any, struct err *e)
{
    *any = false;
    for (size_t i = 0; i < list->n; i++) {
        const struct async_channel *c = &list->at[i];
        const char *refusal = channels_refusal(cluster, p, c);
        char text[2 * CHANNEL_TEXT + 128];

        if (!channel_is_in_the_way(list, c, cluster->plan->topology)) {
            continue;
        }
        *any = true;
        if (cluster->target->request->lead.stop_channels && refusal == NULL) {
            continue;
        }
        err_set(e, ERR_REFUSED, "%s%s%s", channels_say(p, c, text, sizeof text),
                refusal != NULL ? ": " : "", refusal != NULL ? refusal : "");
        err_reason(e, "replication.channels");
        return err_hint(e, "on %s: %s%s", p->name,
                        channel_advice(channels_words(cluster), list, c,
                                       p->session.version, text, sizeof text),
                        refusal == NULL ? ", or use --stop-channels" : "");
    }
    return 0;
}

/* What is to be started again: what an earlier run stopped, and what runs now. */
static void
channels_note(struct member *p, const struct async_channels *list)
{
    if (p->stopped == NULL) {
        p->stopped = mem_alloc(sizeof *p->stopped);
    }
    p->stopped->skips = p->stopped->skips || !list->skips;
    for (size_t i = 0; i < list->n && p->stopped->n < CHANNELS_MAX; i++) {
        if (list->at[i].runs && channels_find(p->stopped, list->at[i].hex) == NULL) {
            p->stopped->at[p->stopped->n++] = list->at[i];
        }
    }
}

static int
channels_stop_all(struct cluster *cluster, struct member *p,
                  const struct async_channels *list, struct err *e)
{
    if (!list->skips &&
        channels_order(cluster, p, channels_words(cluster)->skip_sql, "", e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < list->n; i++) {
        const struct async_channel *c = &list->at[i];

        if (!c->runs) {
            continue;
        }
        if (channels_order(cluster, p, channels_words(cluster)->stop_sql, c->hex, e) <
            0) {
            return -1;
        }
        emit_note(cluster->run, "%s: channel '%s' from %s is stopped", p->name, c->name,
                  c->source);
    }
    return 0;
}

int
channels_stop(struct cluster *cluster, struct member *p, struct err *e)
{
    auto_free struct async_channels *list = NULL;
    bool any = false;

    if (!channels_matter(cluster) || !mirror_pod_is_ready(cluster, p)) {
        return 0;
    }
    list = mem_alloc(sizeof *list);
    if (channels_ask(cluster, p, list, e) < 0 ||
        channels_look(cluster, p, list, &any, e) < 0) {
        return -1;
    }
    if (!any && !(cluster->target->request->lead.stop_channels &&
                  cluster->plan->topology == TOPOLOGY_PEERS && list->n > 0)) {
        return 0;
    }
    channels_note(p, list);
    return lock_store(cluster->lock, journal_new(cluster), e) < 0 ||
                   drift_check(cluster, e) < 0
               ? -1
               : channels_stop_all(cluster, p, list, e);
}

/* -- starting -- */

/* Whether a member may have channels that run by who it is, and knows this one. */
static bool
channels_may_run(struct cluster *cluster, struct member *at, const struct member *lead,
                 const struct async_channel *c)
{
    auto_free struct async_channels *list = mem_alloc(sizeof *list);
    struct err ignored = { 0 };

    return (engine_has_peers(cluster->plan->topology) || at == lead) &&
           channels_ask(cluster, at, list, &ignored) == 0 &&
           channels_find(list, c->hex) != NULL;
}

/* The member that is to have it; NULL: none can at present. */
static struct member *
channels_place(struct cluster *cluster, struct member *p, const struct async_channel *c)
{
    struct member *lead =
        engine_has_peers(cluster->plan->topology) ? p : switchover_primary(cluster, NULL);

    return lead != NULL && channels_may_run(cluster, lead, lead, c) ? lead : NULL;
}

/* The lead goes back to the member whose channels they are. */
static int
channels_lead_back(struct cluster *cluster, struct member *p, struct err *e)
{
    struct member *lead = switchover_primary(cluster, NULL);

    if (lead == NULL || lead == p) {
        return 0;
    }
    emit_note(cluster->run,
              "%s has channels that only the primary may run: it leads again", p->name);
    return switchover_to(cluster, lead, p, e);
}

static int
channels_start_one(struct cluster *cluster, struct member *at,
                   const struct async_channel *c, struct err *e)
{
    if (channels_order(cluster, at, channels_words(cluster)->start_sql, c->hex, e) < 0) {
        return err_wrap(e, "channel '%s'", c->name);
    }
    emit_note(cluster->run, "%s: channel '%s' is started", at->name, c->name);
    return 0;
}

/* A member's channels; those that are started are no longer noted. */
static int
channels_start_member(struct cluster *cluster, struct member *p, bool moves,
                      struct err *e)
{
    struct async_channels *stopped = p->stopped;

    while (stopped->n > 0) {
        const struct async_channel *c = &stopped->at[stopped->n - 1];
        struct member *at = channels_place(cluster, p, c);

        for (unsigned n = 0; at == NULL && moves && n < CHANNELS_MOVES; n++) {
            if (channels_lead_back(cluster, p, e) < 0) {
                return -1;
            }
            at = channels_place(cluster, p, c);
        }
        if (at == NULL) {
            return err_set(e, ERR_UNHEALTHY,
                           "channel '%s' of %s is stopped: the member does not lead",
                           c->name, p->name);
        }
        if (channels_start_one(cluster, at, c, e) < 0) {
            return -1;
        }
        stopped->n--;
    }
    return stopped->skips
               ? channels_order(cluster, p, channels_words(cluster)->unskip_sql, "", e)
               : 0;
}

static int
channels_start_all(struct cluster *cluster, bool moves, struct err *e)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];

        if (p->stopped == NULL) {
            continue;
        }
        if (channels_start_member(cluster, p, moves, e) < 0) {
            return -1;
        }
        free(p->stopped);
        p->stopped = NULL;
    }
    return 0;
}

int
channels_start(struct cluster *cluster, struct err *e)
{
    if (channels_start_all(cluster, true, e) < 0) {
        return -1;
    }
    return lock_store(cluster->lock, journal_new(cluster), e);
}

void
channels_leave(struct cluster *cluster)
{
    struct err trouble = { 0 };
    struct err ignored = { 0 };

    if (!channels_any_stopped(cluster) || !cluster->run->locked) {
        return;
    }
    cluster->lock->leaving = true;
    if (channels_start_all(cluster, false, &trouble) < 0) {
        emit_warning(cluster->run, "resume or abort starts it again", "%s", trouble.msg);
    }
    (void)lock_store(cluster->lock, journal_new(cluster), &ignored);
    cluster->lock->leaving = false;
}
