#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/state_transfer.h"
#include "engine/engine.h"
#include "engine/transfer.h"
#include "kube/client.h"
#include "kubedb/pod.h"
#include "run/emit.h"
#include "run/request.h"
#include "run/target.h"

/*
 * A member that comes back: whether it is copied to, and how it came.
 */

enum {
    TRANSFER_LOG_MS = 5 * 1000,
    TRANSFER_LOG_MAX = 256 * 1024,
    TRANSFER_LOOK_MS = 2 * 1000,
    TRANSFER_ENDS_MAX = 3, /* copies, one after the other, that lead nowhere */
};

/* A part of its server's log: `which` is more of the query. It is for a word to the user,
 * and not waited for long. */
static void
transfer_read_log(const struct target *target, const struct member *p, const char *which,
                  struct buf *log)
{
    auto_free char *path = mem_printf("/api/v1/namespaces/%s/pods/%s/log?container=%s&%s",
                                      target->request->name_space, p->name,
                                      target->engine->container, which);
    int got = -1;

    for (unsigned n = 0; n < 2 && got < 0; n++) {
        struct err silent = { 0 };

        buf_reset(log);
        kube_set_patience(target->kube, TRANSFER_LOG_MS, clock_ms() + TRANSFER_LOG_MS);
        got = kube_get_raw(target->kube, path, log, &silent);
        kube_set_patience(target->kube, 0, 0);
    }
}

/* -- on the way -- */

/* Its own words: a copy that was not foretold is worth more than a note. */
static void
transfer_tell_begin(struct cluster *cluster, const struct member *p,
                    const struct transfer_copy *copy)
{
    const char *whole = cluster->target->engine->transfer->whole;

    if (p->transfer->foretold || cluster->plan->procedure->converts) {
        emit_note(cluster->run, "%s is being re-cloned (%s) from %s", p->name, whole,
                  copy->source);
    } else {
        emit_warning(cluster->run, "do not stop it: until it ends the member has no data",
                     "%s is being re-cloned (%s) from %s, which was not foretold",
                     p->name, whole, copy->source);
    }
}

/* Looks from time to time; in between what was seen last holds. */
static void
transfer_look(struct cluster *cluster, struct member *p)
{
    struct transfer_watch *w = &p->transfer->watch;
    bool was = w->copy.running;
    struct transfer_copy copy = { 0 };

    if (clock_ms() - w->looked_ms < TRANSFER_LOOK_MS) {
        return;
    }
    w->looked_ms = clock_ms();
    if (!state_transfer_ask_copy(cluster, p, &copy)) {
        w->copy.running = false;
        return;
    }
    w->copy = copy;
    if (copy.running && !was) {
        w->seen = true;
        transfer_tell_begin(cluster, p, &copy);
    }
}

static bool
transfer_is_up(const struct cluster *cluster, const struct member *p)
{
    const json_t *server = json_array_find(
        json_path(mirror_pod_object(cluster, p->name), "status.containerStatuses"),
        "name", cluster->target->engine->container, NULL);

    return json_path(server, "state.running") != NULL;
}

bool
state_transfer_watch(struct cluster *cluster, struct member *p, struct wait_state *s)
{
    const char *whole = cluster->target->engine->transfer != NULL
                            ? cluster->target->engine->transfer->whole
                            : "";
    const struct transfer_watch *w = NULL;

    if (!state_transfer_applies(cluster)) {
        return false;
    }
    w = &state_transfer_of(p)->watch;
    if (w->ended && !transfer_is_up(cluster, p)) {
        (void)snprintf(s->now, sizeof s->now,
                       "its server ended after a %s and is started again", whole);
        return true;
    }
    transfer_look(cluster, p);
    if (w->copy.running) {
        char text[96];

        (void)snprintf(s->now, sizeof s->now, "%s from %s: %s", whole, w->copy.source,
                       transfer_show_copy(&w->copy, text, sizeof text));
    }
    return w->copy.running;
}

/* -- its server ended -- */

static int
transfer_fail(struct cluster *cluster, const struct member *p, struct err *e)
{
    const struct engine_transfer *t = cluster->target->engine->transfer;

    err_set(
        e, ERR_UNHEALTHY,
        "%s: its server ended %u times after a %s: each time it starts, it lacks %lld "
        "transactions or more and is re-cloned",
        p->name, p->transfer->watch.ends, t->whole, p->transfer->now.threshold);
    err_reason(e, "COPY_AGAIN");
    return t->hint[TRANSFER_COUNT] != NULL
               ? err_hint(e, "stop the writes, or while it runs: %s",
                          t->hint[TRANSFER_COUNT])
               : -1;
}

int
state_transfer_ended(struct cluster *cluster, struct member *p, bool *ended,
                     struct err *e)
{
    const json_t *object = mirror_pod_object(cluster, p->name);
    struct transfer_watch *w = NULL;
    struct pod pod = { 0 };
    struct err silent = { 0 };

    *ended = false;
    if (!state_transfer_applies(cluster) ||
        cluster->target->engine->transfer->ends == NULL || object == NULL ||
        pod_parse(cluster->target->engine, object, &pod, &silent) < 0) {
        return 0;
    }
    w = &state_transfer_of(p)->watch;
    if (cluster->target->engine->transfer->needs_plugin && !p->transfer->now.copies) {
        return 0;
    }
    if (pod.restarts == 0) {
        w->restarts = 0;
        w->ended = false;
        return 0;
    }
    if (pod.restarts != w->restarts) {
        auto_buf struct buf log = BUF_LIMIT(2 * TRANSFER_LOG_MAX);

        w->restarts = pod.restarts;
        transfer_read_log(cluster->target, p, "previous=true&tailLines=200", &log);
        w->ended =
            strstr(buf_text(&log), cluster->target->engine->transfer->ends) != NULL;
        w->seen = w->seen || w->ended;
        w->ends += w->ended ? 1 : 0;
    }
    *ended = w->ended;
    return w->ended && w->ends >= TRANSFER_ENDS_MAX ? transfer_fail(cluster, p, e) : 0;
}

/* -- when it is back -- */

static void
transfer_measure_away(struct cluster *cluster, struct member *p)
{
    struct transfer *t = state_transfer_of(p);
    long long away = t->left_ms != 0 ? clock_ms() - t->left_ms : 0;

    cluster->progress.copy.away_ms =
        away > cluster->progress.copy.away_ms ? away : cluster->progress.copy.away_ms;
}

/* At least so fast is a copy: in the time that the member was away. */
static void
transfer_measure_rate(struct cluster *cluster, const struct member *p,
                      const struct transfer_copy *copy)
{
    const struct measure *bytes = engine_find_measure(&p->before, "bytes", "");
    struct transfer_copy whole = {
        .bytes = bytes != NULL ? bytes->value : 0,
        .ms = p->transfer->left_ms != 0 ? clock_ms() - p->transfer->left_ms : 0,
    };
    long long rate = transfer_rate(copy != NULL && copy->ms > 0 ? copy : &whole);

    cluster->progress.copy.rate = rate > 0 ? rate : cluster->progress.copy.rate;
}

/* By its log. */
static void
transfer_tell_logged(struct cluster *cluster, struct member *p)
{
    const struct engine_transfer *t = cluster->target->engine->transfer;
    auto_free char *which = mem_printf("limitBytes=%d", (int)TRANSFER_LOG_MAX);
    auto_buf struct buf log = BUF_LIMIT(2 * TRANSFER_LOG_MAX);
    struct transfer_told told = { 0 };
    char text[256];

    transfer_read_log(cluster->target, p, which, &log);
    transfer_by_log(t->log, buf_text(&log), &told);
    if (told.way == TRANSFER_UNKNOWN) {
        emit_note(cluster->run, "%s is back; its log does not show whether by %s or %s",
                  p->name, t->late, t->whole);
        return;
    }
    (void)snprintf(text, sizeof text, "%s rejoined by %s", p->name,
                   told.way == TRANSFER_LATE ? t->late : t->whole);
    if (told.donor[0] != '\0') {
        str_append(text, sizeof text, " from %s", told.donor);
    }
    if (told.missing >= 0) {
        str_append(text, sizeof text, ", %lld transactions", told.missing);
    }
    if (told.way == TRANSFER_WHOLE) {
        transfer_measure_rate(cluster, p, NULL);
    }
    emit_note(cluster->run, "%s", text);
}

/* By what its server, or who gave to it, says of copies: nothing is said where there was
 * none. */
static void
transfer_tell_copied(struct cluster *cluster, struct member *p)
{
    const struct engine_transfer *t = cluster->target->engine->transfer;
    const struct transfer_watch *w = &p->transfer->watch;
    struct transfer_copy copy = { 0 };
    bool asked = state_transfer_ask_own_copy(cluster, p, &copy);

    if (asked && copy.done && (w->seen || (w->knows && !str_eq(copy.begun, w->before)))) {
        char bytes[32], time[32];

        transfer_measure_rate(cluster, p, &copy);
        emit_note(cluster->run, "%s rejoined by %s from %s, %s in %s", p->name, t->whole,
                  copy.source, str_bytes(copy.bytes, bytes, sizeof bytes),
                  clock_duration(copy.ms, time, sizeof time));
    } else if (w->seen) {
        transfer_measure_rate(cluster, p, NULL);
        emit_note(cluster->run, "%s rejoined by %s", p->name, t->whole);
    }
}

void
state_transfer_after(struct cluster *cluster, struct member *p)
{
    if (!state_transfer_applies(cluster)) {
        return;
    }
    transfer_measure_away(cluster, p);
    if (cluster->target->engine->transfer->log != NULL) {
        transfer_tell_logged(cluster, p);
    } else {
        transfer_tell_copied(cluster, p);
    }
    p->transfer->left_ms = 0;
    p->transfer->watch = (struct transfer_watch){ 0 };
}
