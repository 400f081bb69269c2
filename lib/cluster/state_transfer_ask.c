#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/sig.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/session.h"
#include "cluster/state_transfer.h"
#include "engine/topology.h"
#include "engine/transfer.h"
#include "kube/client.h"
#include "run/pod_exec.h"
#include "run/run.h"

/*
 * What members say of the late transactions that they keep, and of their own data.
 */

enum {
    TRANSFER_APART_MS = 1000, /* between two samples at least */
    TRANSFER_COMMAND_MS = 10 * 1000,
};

bool
state_transfer_applies(const struct cluster *cluster)
{
    return cluster->target->engine->transfer != NULL && cluster->n_pods > 1 &&
           !engine_is_alone(cluster->plan->topology) &&
           !engine_follows(cluster->plan->topology) &&
           !cluster->plan->procedure->two_sets;
}

struct transfer *
state_transfer_of(struct member *p)
{
    if (p->transfer == NULL) {
        p->transfer = mem_alloc(sizeof *p->transfer);
    }
    return p->transfer;
}

void
transfer_free(struct transfer *t)
{
    if (t != NULL) {
        free(t->ask);
    }
    free(t);
}

/* A new sample; the one before it stays, unless the server is another one since. */
static bool
state_transfer_ask(struct cluster *cluster, struct member *p)
{
    struct transfer *t = state_transfer_of(p);
    struct transfer_sample s = { 0 };
    auto_free char *answer = NULL;
    struct err silent = { 0 };

    if (!mirror_pod_is_ready(cluster, p) ||
        session_ask_row(cluster, p, cluster->target->engine->transfer->sql, "", &answer,
                        &silent) < 0 ||
        transfer_parse(answer, &s, &silent) < 0) {
        t->now_ms = t->then_ms = 0;
        return false;
    }
    if (t->now_ms == 0 || s.bytes < t->now.bytes) {
        t->then_ms = 0;
    } else if (t->then_ms == 0 || clock_ms() - t->now_ms >= TRANSFER_APART_MS) {
        t->then = t->now;
        t->then_ms = t->now_ms;
    }
    t->now = s;
    t->now_ms = clock_ms();
    free(t->ask);
    t->ask = transfer_parse_ask(answer);
    return true;
}

/* Whether a member that answers lacks two samples that are far enough apart. */
static bool
state_transfer_needs_more(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        const struct transfer *t = state_transfer_of(&cluster->pods[i]);

        if (t->now_ms != 0 &&
            (t->then_ms == 0 || t->now_ms - t->then_ms < TRANSFER_APART_MS)) {
            return true;
        }
    }
    return false;
}

void
state_transfer_ask_all(struct cluster *cluster)
{
    for (unsigned n = 0; n < 2 && (n == 0 || state_transfer_needs_more(cluster)); n++) {
        long long until = clock_ms() + (n > 0 ? TRANSFER_APART_MS : 0);

        while (clock_ms() < until && sig_asked() == SIG_STOP_NONE) {
            kube_pump(cluster->target->kube, TRANSFER_APART_MS);
        }
        for (size_t i = 0; i < cluster->n_pods; i++) {
            (void)state_transfer_ask(cluster, &cluster->pods[i]);
        }
    }
}

void
state_transfer_ask_kept(struct cluster *cluster, struct member *p, struct member *q,
                        struct transfer_kept *out)
{
    const struct engine_sql *rows = cluster->target->engine->transfer->kept_sql;
    const char *ask = state_transfer_of(p)->ask;
    auto_free char *answer = NULL;
    struct err silent = { 0 };

    *out = (struct transfer_kept){ 0 };
    if (rows != NULL && ask != NULL && *ask != '\0' &&
        session_ask_row(cluster, q, rows, ask, &answer, &silent) == 0) {
        transfer_parse_kept(answer, out);
    }
}

/* One member's answer about a copy to the address. */
static bool
state_transfer_ask_copy_of(struct cluster *cluster, struct member *asked, const char *to,
                           struct transfer_copy *out)
{
    auto_free char *answer = NULL;
    struct err silent = { 0 };

    return mirror_pod_object(cluster, asked->name) != NULL &&
           session_ask_row(cluster, asked, cluster->target->engine->transfer->copy_sql,
                           to, &answer, &silent) == 0 &&
           transfer_parse_copy(answer, out);
}

bool
state_transfer_ask_copy(struct cluster *cluster, struct member *p,
                        struct transfer_copy *out)
{
    const struct engine_transfer *t = cluster->target->engine->transfer;
    const json_t *object = mirror_pod_object(cluster, p->name);
    auto_free char *ip = mem_strdup(json_path_str(object, "status.podIP"));

    *out = (struct transfer_copy){ 0 };
    if (t->copy_sql == NULL || object == NULL) {
        return false;
    }
    if (!t->copy_of_donor) {
        return state_transfer_of(p)->now.copies &&
               state_transfer_ask_copy_of(cluster, p, "", out);
    }
    for (size_t i = 0; i < cluster->n_pods && *ip != '\0'; i++) {
        struct member *q = &cluster->pods[i];

        if (q != p && q->role == MEMBER_PRIMARY &&
            state_transfer_ask_copy_of(cluster, q, ip, out)) {
            str_copy(out->source, sizeof out->source, q->name);
            return true;
        }
    }
    return false;
}

bool
state_transfer_ask_own_copy(struct cluster *cluster, struct member *p,
                            struct transfer_copy *out)
{
    *out = (struct transfer_copy){ 0 };
    return !cluster->target->engine->transfer->copy_of_donor &&
           state_transfer_ask_copy(cluster, p, out);
}

bool
state_transfer_is_lost(struct run *run, struct member *p)
{
    auto_said struct pod_said said = { 0 };
    const struct transfer *t = state_transfer_of(p);
    struct err silent = { 0 };
    size_t len = 0;

    if (t->now_ms == 0 || run->target->engine->transfer->history_argv == NULL ||
        pod_exec(
            run, p->name,
            &(struct pod_command){ .argv = run->target->engine->transfer->history_argv,
                                   .what = "reading the history of its data",
                                   .limit_ms = TRANSFER_COMMAND_MS },
            &said, &silent) < 0) {
        return false;
    }
    len = strcspn(said.out, "\r\n");
    return said.code == 0 ? len > 0 && strspn(said.out, "0-") < len &&
                                (strlen(t->now.history) != len ||
                                 strncmp(said.out, t->now.history, len) != 0)
                          : said.code != 127; /* the image has no such command */
}
