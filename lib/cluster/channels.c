#include "cluster/channels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "engine/name.h"
#include "engine/topology.h"
#include "lock/lock.h"
#include "run/request.h"
#include "run/target.h"

static const struct engine_channels *
channels_row(const struct cluster *cluster)
{
    return cluster->target->engine->member.channels;
}

bool
channels_matter(const struct cluster *cluster)
{
    enum engine_topology topology = cluster->plan->topology;

    return channels_row(cluster) != NULL && cluster->n_pods > 1 &&
           (engine_is_group(topology) || topology == TOPOLOGY_SEMISYNC);
}

int
channels_ask(struct cluster *cluster, struct member *p, struct async_channels *list,
             struct err *e)
{
    auto_free char *answer = NULL;

    if (session_ask_row(cluster, p, channels_row(cluster)->sql, "", &answer, e) < 0) {
        return -1;
    }
    channels_parse(answer, list);
    return 0;
}

const char *
channels_refusal(const struct cluster *cluster, const struct member *p,
                 const struct async_channel *c)
{
    return cluster->plan->procedure->two_sets
               ? "the member leaves for good, and the new ones do not have it"
               : channel_refusal(channels_row(cluster), c, p->session.version);
}

char *
channels_say(const struct member *p, const struct async_channel *c, char *out,
             size_t size)
{
    (void)snprintf(out, size, "%s replicates from %s by channel '%s' (%s)", p->name,
                   c->source, c->name, c->runs ? "running" : "stopped");
    return out;
}

/* -- the check -- */

static void
channels_judge(const struct cluster *cluster, const struct member *p,
               const struct async_channels *list, const struct async_channel *c,
               struct preflight_result *r)
{
    const char *refusal = channels_refusal(cluster, p, c);
    char text[2 * CHANNEL_TEXT + 128];
    char advice[2 * CHANNEL_TEXT + 128];

    channels_say(p, c, text, sizeof text);
    if (cluster->target->request->lead.stop_channels && refusal == NULL) {
        check_say(r, CHECK_OK, "%s: stopped before %s restarts%s", text, p->name,
                  c->runs ? ", and started again afterwards" : "");
        return;
    }
    check_say(r, CHECK_ERROR, "%s: with it, %s", text,
              list->skips ? "nobody would start it again after the restart"
              : cluster->plan->topology == TOPOLOGY_SEMISYNC
                  ? "the server would apply what its new source has not"
                  : "the server could not rejoin the group after its restart");
    channel_advice(channels_row(cluster), list, c, p->session.version, advice,
                   sizeof advice);
    (void)snprintf(r->hint, sizeof r->hint, "on %s: %s%s%s", p->name, advice,
                   refusal != NULL
                       ? "; --stop-channels is of no use: "
                       : ", or use --stop-channels, which starts it again, too",
                   refusal != NULL ? refusal : "");
}

/* A node of a Galera cluster starts its channels itself when it is back. */
static void
channels_tell(const struct member *p, const struct async_channel *c,
              struct preflight_result *r)
{
    char text[2 * CHANNEL_TEXT + 128];

    channels_say(p, c, text, sizeof text);
    check_say(r, CHECK_WARNING, "%s: it pauses while %s restarts", text, p->name);
}

static size_t
channels_judge_member(struct cluster *cluster, struct member *p,
                      struct preflight_result *out, size_t max)
{
    auto_free struct async_channels *list = mem_alloc(sizeof *list);
    struct err trouble = { 0 };
    size_t n = 0;

    if (max > 0 && channels_ask(cluster, p, list, &trouble) < 0) {
        out[n] = (struct preflight_result){ .id = "replication.channels" };
        check_say(&out[n++], CHECK_WARNING,
                  "%s did not say by which channels it replicates: %.300s", p->name,
                  trouble.msg);
    }
    for (size_t i = 0; i < list->n && n < max; i++) {
        out[n] = (struct preflight_result){ .id = "replication.channels" };
        if (channel_is_in_the_way(list, &list->at[i], cluster->plan->topology)) {
            channels_judge(cluster, p, list, &list->at[i], &out[n++]);
        } else if (cluster->plan->topology == TOPOLOGY_PEERS && list->at[i].runs) {
            channels_tell(p, &list->at[i], &out[n++]);
        }
    }
    return n;
}

size_t
channels_preflight(struct cluster *cluster, struct preflight_result *out, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; channels_matter(cluster) && i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];

        if (sets_has_pod(p) && p->session.version > 0 &&
            !mirror_pod_is_there(cluster, p)) {
            n += channels_judge_member(cluster, p, out + n, max - n);
        }
    }
    return n;
}

/* -- what a run has stopped -- */

bool
channels_any_stopped(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (cluster->pods[i].stopped != NULL) {
            return true;
        }
    }
    return false;
}

static json_t *
channels_of_member(const struct async_channels *stopped)
{
    json_t *list = mem_check(json_array());

    for (size_t i = 0; i < stopped->n; i++) {
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:b}", "name", stopped->at[i].hex,
                                              "follows", stopped->at[i].follows));
    }
    return mem_check(json_pack("{s:b, s:o}", "skips", stopped->skips, "stopped", list));
}

void
channels_to_journal(const struct cluster *cluster, json_t *journal)
{
    json_t *all = NULL;

    if (!channels_any_stopped(cluster)) {
        return;
    }
    all = mem_check(json_object());
    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (cluster->pods[i].stopped != NULL) {
            (void)json_object_set_new(all, cluster->pods[i].name,
                                      channels_of_member(cluster->pods[i].stopped));
        }
    }
    (void)json_object_set_new(journal, "channels", all);
}

/* One that the journal names: its name as people read it comes from its digits. */
static void
channels_recall_one(struct async_channels *stopped, const json_t *said)
{
    struct async_channel c = { .runs = true,
                               .follows = json_is_true(json_path(said, "follows")) };
    const char *hex = json_path_str(said, "name");
    auto_free char *name = name_from_hex(hex, strlen(hex));

    if (name != NULL && stopped->n < CHANNELS_MAX) {
        str_copy(c.hex, sizeof c.hex, hex);
        (void)name_fit(c.name, sizeof c.name, name);
        stopped->at[stopped->n++] = c;
    }
}

void
channels_recall(struct cluster *cluster)
{
    const json_t *all = json_path(cluster->lock->journal, "channels");

    for (size_t i = 0; channels_row(cluster) != NULL && i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        const json_t *said = json_object_get(all, p->name);
        size_t n = json_array_size(json_path(said, "stopped"));

        if (said == NULL || p->stopped != NULL) {
            continue;
        }
        p->stopped = mem_alloc(sizeof *p->stopped);
        p->stopped->skips = json_is_true(json_path(said, "skips"));
        for (size_t c = 0; c < n; c++) {
            channels_recall_one(p->stopped,
                                json_array_get(json_path(said, "stopped"), c));
        }
    }
}
