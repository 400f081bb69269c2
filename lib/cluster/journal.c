#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cluster/channels.h"
#include "cluster/cluster.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "kubedb/journal_form.h"
#include "kubedb/workload.h"
#include "lock/journal.h"
#include "lock/lock.h"

/* Where a database's measures are kept; "": those of all together. NULL for a name that
 * JSON cannot hold: its encoding may be any. */
static json_t *
journal_measures_of(json_t *o, const char *database)
{
    json_t *of = json_object_get(o, "of");
    json_t *to = json_object_get(of, database);

    if (database[0] == '\0') {
        return o;
    }
    if (of == NULL) {
        of = mem_check(json_object());
        (void)json_object_set_new(o, "of", of);
    }
    if (to == NULL && json_object_set_new(of, database, mem_check(json_object())) == 0) {
        to = json_object_get(of, database);
    }
    return to;
}

static json_t *
journal_measures(const struct measures *m)
{
    json_t *o = mem_check(json_object());

    for (size_t i = 0; i < m->n; i++) {
        json_t *to = journal_measures_of(o, m->at[i].of);

        (void)json_object_set_new(to, m->at[i].id, json_integer(m->at[i].value));
    }
    return o;
}

/* A field of the journal that this run goes on with; else its own. */
static const char *
journal_kept(const struct lock *lock, const char *key, const char *own)
{
    const char *kept = json_path_str(lock->journal, key);

    return kept[0] != '\0' ? kept : own;
}

json_t *
journal_new(const struct cluster *cluster)
{
    char now[32];
    json_t *pods = mem_check(json_object());
    json_t *j = NULL;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        (void)json_object_set_new(pods, cluster->pods[i].name,
                                  journal_measures(&cluster->pods[i].before));
    }
    j = mem_check(json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "version",
        channels_any_stopped(cluster) ? JOURNAL_VERSION : JOURNAL_WITHOUT_CHANNELS,
        "direction", journal_direction_word(cluster->run->direction), "kind",
        cluster->target->engine->api.kind, "name", cluster->target->request->name, "uid",
        cluster->target->uid, "from", cluster->plan->from_name, "to",
        cluster->plan->to_name, "set", cluster->sets[0].name, "started",
        journal_kept(cluster->lock, "started",
                     clock_rfc3339(clock_wall_ms(), now, sizeof now)),
        "by", journal_kept(cluster->lock, "by", cluster->lock->holder), "images",
        image_changes_to_json(&cluster->sets[0].images), "pods", pods));
    sets_to_journal(cluster, j);
    replacement_to_journal(cluster, j);
    channels_to_journal(cluster, j);
    if (cluster->plan->procedure->converts) {
        (void)json_object_set_new(
            j, "pg_upgrade",
            json_pack("{s:s, s:b, s:b, s:b, s:b}", "mode", cluster->plan->pg_upgrade_mode,
                      "begun", cluster->progress.major.begun, "delete_old_data",
                      cluster->plan->wishes.delete_old_data ||
                          cluster->plan->unsaid.delete_old_data,
                      "update_extensions",
                      cluster->plan->wishes.update_extensions ||
                          cluster->plan->unsaid.update_extensions,
                      "reindex",
                      cluster->plan->wishes.reindex || cluster->plan->unsaid.reindex));
    }
    return j;
}
