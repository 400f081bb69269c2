#include "kubedb/check_registry.h"

#include <string.h>

#include "base/str.h"
#include "engine/engine.h"
#include "engine/feature.h"
#include "engine/probe.h"

static const struct check_row check_rows[] = {
    { "version.known", CHECK_ERROR, false, NULL,
      "the catalog has the current and the wanted version",
      "choose a version from: kubectl dbupgrade versions KIND NAME", NULL },
    { "version.allowed", CHECK_ERROR, false, NULL, "the catalog allows this upgrade",
      "choose a version from: kubectl dbupgrade versions KIND NAME", NULL },
    { "version.deprecated", CHECK_ERROR, false, NULL,
      "the wanted version is deprecated or at its end of life", "choose a newer version",
      NULL },
    { "version.downgrade", CHECK_ERROR, false, NULL,
      "the wanted version is older than the current one",
      "restore a backup into a new database of that version", NULL },
    { "version.path", CHECK_ERROR, false, NULL,
      "a server of the current version upgrades to the wanted one in one step",
      "upgrade to the version that the check names first", NULL },
    { "return.catalog", CHECK_ERROR, false, NULL,
      "rollback: the catalog has the old version",
      "create its entry again, or go forward: kubectl dbupgrade resume", NULL },
    { "return.version", CHECK_ERROR, false, NULL,
      "rollback: spec.version is not set to the new version yet",
      "go forward: kubectl dbupgrade resume", NULL },
    { "return.members", CHECK_ERROR, false, NULL,
      "rollback: the members can run the old version again",
      "go forward: kubectl dbupgrade resume; or restore a backup", NULL },
    { "database.deleting", CHECK_ERROR, false, NULL, "the database is being deleted",
      "nothing is left to upgrade", NULL },
    { "database.halted", CHECK_ERROR, false, NULL, "the database is halted",
      "set spec.halted to false and wait until the phase is Ready", NULL },
    { "database.distributed", CHECK_ERROR, false, NULL,
      "the pods are in several clusters", "not supported: upgrade it with an OpsRequest",
      NULL },
    { "database.topology", CHECK_ERROR, false, NULL, "the topology is supported",
      "see the note that the check prints", NULL },
    { "strategy.topology", CHECK_ERROR, false, engine_has_new_set,
      "new set: the database has a group that new members can join",
      "use --strategy in-place", NULL },
    { "strategy.in_place", CHECK_OK, false, engine_has_new_set,
      "in place: each member restarts on its own data", "no action needed", NULL },
    { "strategy.members", CHECK_ERROR, false, engine_has_new_set,
      "new set: the group has room for the new members", "use --strategy in-place",
      NULL },
    { "strategy.data", CHECK_ERROR, false, engine_has_new_set,
      "new set: the new members can get the data", "use --strategy in-place", NULL },
    { "strategy.storage", CHECK_ERROR, true, engine_has_new_set,
      "new set: quotas have room, and the PVCs are kept",
      "raise the quota, set the retention policy to Retain, or use --strategy in-place",
      NULL },
    { "strategy.operator", CHECK_WARNING, false, engine_has_new_set,
      "new set: the operator adopts a workload of another name",
      "try it on a copy of the database first", NULL },
    { "rbac", CHECK_ERROR, false, NULL, "this user has the rights that the upgrade needs",
      "have the missing rights granted", NULL },
    { "operator.paused", CHECK_ERROR, false, NULL,
      "nobody else paused the operator for this database",
      "wait for its owner, then resume the operator", NULL },
    { "ops.pending", CHECK_ERROR, false, NULL, "no OpsRequest is in progress",
      "wait for it, or delete it", NULL },
    { "workload.found", CHECK_ERROR, false, NULL,
      "the pods have a PetSet or StatefulSet of the right size",
      "finish the scaling first", NULL },
    { "workload.images", CHECK_ERROR, false, NULL, "the images that change",
      "correct the catalog entry", NULL },
    { "version.same_image", CHECK_ERROR, false, NULL,
      "the wanted version has images of its own",
      "correct the image or the version in the catalog entry", NULL },
    { "workload.strategy", CHECK_WARNING, false, NULL, "the update strategy is OnDelete",
      "no action needed: it is set to OnDelete", NULL },
    { "pdb", CHECK_ERROR, false, NULL,
      "PodDisruptionBudgets allow the pods to be evicted", "change or delete the budget",
      NULL },
    { "source.reached", CHECK_ERROR, false, engine_has_upstream,
      "the server that the database replicates from answers", "make it reachable", NULL },
    { "source.version", CHECK_ERROR, true, engine_has_upstream,
      "the new version can replicate from that server", "upgrade that server first",
      NULL },
    { "health.phase", CHECK_ERROR, true, NULL,
      "the database is Ready and the operator is up to date",
      "wait until the phase is Ready", NULL },
    { "health.pods", CHECK_ERROR, false, NULL, "all pods are ready",
      "repair the pod that is named", NULL },
    { "health.members", CHECK_ERROR, false, NULL,
      "all members are healthy and agree on the group", "repair the member that is named",
      NULL },
    { "health.quorum", CHECK_ERROR, true, engine_has_peer_mode,
      "a majority is left while one node restarts", "scale to 3 nodes", NULL },
    { "health.acks", CHECK_ERROR, true, engine_has_acks_mode,
      "enough replicas are left to acknowledge commits",
      "add a replica, or lower sourceWaitForReplicaCount", NULL },
    { "health.writers", CHECK_WARNING, false, engine_has_multi_mode,
      "clients can write to upgraded members",
      "reconnect clients to the members that still take writes", NULL },
    { "health.lag", CHECK_WARNING, false, engine_has_data,
      "members have applied what they received", "wait until the member has caught up",
      NULL },
    { "version.server", CHECK_WARNING, false, NULL,
      "the servers run the version of the catalog entry",
      "restart the member that is named", NULL },
    { "pg.coordinator", CHECK_ERROR, false, engine_has_pg_upgrade,
      "failover can be stopped during the conversion",
      "repair the coordinator, or set it to the state that the check names", NULL },
    { "pg.space", CHECK_ERROR, false, engine_has_pg_upgrade,
      "the volume has room for the converted data",
      "expand the volume, or use --pg-upgrade-mode link", NULL },
    { "pg.mode", CHECK_WARNING, false, engine_has_pg_upgrade,
      "old and new data do not share files",
      "use --pg-upgrade-mode copy to keep usable old data", NULL },
    { "pg.commits", CHECK_WARNING, false, engine_has_pg_upgrade,
      "commits do not wait for standbys that are re-cloned",
      "expect commits to wait until the first standby is back", NULL },
    { 0 }, /* here the engines' own questions stand (engine/probe.h) */
    { "database.asked", CHECK_ERROR, true, engine_has_probes,
      "the server answered all questions about its data",
      "grant the access that is missing; what was not asked may stop the upgrade later",
      NULL },
    { "health.flow_control", CHECK_ERROR, true, engine_has_transfer,
      "no node is held back by a slower one", "wait until less is written", NULL },
    { "health.transfer", CHECK_ERROR, false, engine_has_transfer,
      "how each node gets the writes that it misses", "allow a full copy with --max-sst",
      NULL },
    { "config.saved", CHECK_ERROR, true, engine_has_config,
      "the runtime configuration is saved to disk", "use --save-runtime-config", NULL },
    { "config.return", CHECK_WARNING, false, engine_has_config,
      "the configuration survives the restart of a pod",
      "run two replicas during the upgrade, or put it into the configuration file",
      NULL },
    { "config.peers", CHECK_WARNING, false, engine_has_config,
      "all proxies have the same configuration", "make the proxies equal first", NULL },
    { "backend.ready", CHECK_ERROR, true, engine_has_backend,
      "the database behind the proxies is Ready", "wait until it is Ready", NULL },
    { "front.leads", CHECK_ERROR, true, engine_has_router,
      "the routers route to the primary", "repair the router that is named", NULL },
    { "pg.rehearsal", CHECK_ERROR, true, engine_has_pg_upgrade,
      "pg_upgrade accepts an empty copy of the schema",
      "correct what is named, or use --no-rehearsal", NULL },
    { "mysql.config", CHECK_ERROR, true, engine_has_trial,
      "the new server accepts the configuration",
      "correct what is named, or use --no-rehearsal", NULL },
};

enum {
    CHECK_ROWS = sizeof check_rows / sizeof *check_rows,
    CHECK_IDS_MAX = 256, /* of one engine */
};

bool
check_is_for(const struct check_row *row, const struct engine *en)
{
    return row->engine != NULL ? row->engine == en
                               : row->is_for == NULL || row->is_for(en);
}

/* Rows of several versions may share an id: the first of them stands for all. */
static bool
check_is_repeated(const struct engine_probe *rows, const struct engine_probe *row)
{
    for (; rows < row; rows++) {
        if (str_eq(rows->id, row->id)) {
            return true;
        }
    }
    return false;
}

static struct check_row
check_of_probe(const struct engine *en, const struct engine_probe *row)
{
    struct check_row out = { .id = row->id,
                             .severity = CHECK_WARNING,
                             .title = row->text,
                             .advice = row->hint,
                             .engine = en };

    for (; row->id != NULL; row++) {
        if (str_eq(row->id, out.id) && (row->flags & PROBE_ERROR) != 0) {
            out.severity = CHECK_ERROR;
        }
    }
    return out;
}

/* The *i-th question of an engine; *i goes down by those that were counted. */
static bool
check_probe_at(const struct engine *en, size_t *i, struct check_row *out)
{
    for (const struct engine_probe *p = en->probes; p != NULL && p->id != NULL; p++) {
        if (check_is_repeated(en->probes, p)) {
            continue;
        }
        if (*i == 0) {
            *out = check_of_probe(en, p);
            return true;
        }
        --*i;
    }
    return false;
}

static bool
check_probes_at(const struct engine *en, size_t *i, struct check_row *out)
{
    for (const struct engine *const *of = engine_all; *of != NULL; of++) {
        if ((en == NULL || *of == en) && check_probe_at(*of, i, out)) {
            return true;
        }
    }
    return false;
}

bool
check_at(const struct engine *en, size_t i, struct check_row *out)
{
    for (const struct check_row *row = check_rows; row < check_rows + CHECK_ROWS; row++) {
        if (row->id == NULL) {
            if (check_probes_at(en, &i, out)) {
                return true;
            }
        } else if (en == NULL || check_is_for(row, en)) {
            if (i == 0) {
                *out = *row;
                return true;
            }
            i--;
        }
    }
    return false;
}

bool
check_find(const struct engine *en, const char *id, struct check_row *out)
{
    for (size_t i = 0; check_at(en, i, out); i++) {
        if (str_eq(out->id, id)) {
            return true;
        }
    }
    return false;
}

bool
check_is_forceable(const char *id)
{
    struct check_row row;

    return check_find(NULL, id, &row) && row.forceable;
}

const char *
check_nearest(const struct engine *en, const char *word)
{
    const char *ids[CHECK_IDS_MAX];
    struct check_row row;
    size_t n = 0;

    while (n < CHECK_IDS_MAX && check_at(en, n, &row)) {
        ids[n++] = row.id;
    }
    return str_nearest(word, ids, n);
}

const char *
check_severity_word(enum check_severity severity)
{
    static const char *const words[] = {
        [CHECK_OK] = "info", [CHECK_WARNING] = "warning", [CHECK_ERROR] = "error"
    };

    return words[severity];
}

bool
check_is_skippable(const struct check_row *row)
{
    return row->severity == CHECK_WARNING || row->forceable;
}
