#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "engine/postgres.h"
#include "member/drift.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/emit.h"
#include "run/pod_exec.h"
#include "run/wait.h"

/*
 * What pg_upgrade leaves to its user: extensions that have a newer version, indexes whose
 * order of texts another library may see differently, settings that are gone. None of it
 * stops an upgrade.
 */

enum { AFTER_NAMED = 5 };

/* What a row of some kind is told as; `n` counts those of its kind. */
struct after_row {
    const char *key;
    void (*tell)(struct cluster *cluster, const struct pg_row *row);
    const char *more; /* "%zu more indexes"; of those beyond AFTER_NAMED */
};

static void
after_tell_extension(struct cluster *cluster, const struct pg_row *row)
{
    emit_warning(cluster->run,
                 "ALTER EXTENSION ... UPDATE there, or use --update-extensions",
                 "extension %s in database %s is at %s; the new server provides %s",
                 row->fields[1], row->fields[0], row->fields[2], row->fields[3]);
}

static void
after_tell_failure(struct cluster *cluster, const struct pg_row *row)
{
    emit_warning(cluster->run, "", "extension %s in database %s could not be updated: %s",
                 row->fields[1], row->fields[0], row->fields[2]);
}

static void
after_tell_collation(struct cluster *cluster, const struct pg_row *row)
{
    emit_note(cluster->run, "collation %s in database %s was version %s and is %s now",
              row->fields[1], row->fields[0], row->fields[2], row->fields[3]);
}

static void
after_tell_index(struct cluster *cluster, const struct pg_row *row)
{
    emit_warning(cluster->run, "REINDEX it, or use --reindex",
                 "index %s in database %s is ordered by collation %s, which changed",
                 row->fields[1], row->fields[0], row->fields[2]);
}

static void
after_tell_setting(struct cluster *cluster, const struct pg_row *row)
{
    emit_warning(cluster->run, "", "setting %s was commented out: %s", row->fields[0],
                 row->fields[1]);
}

static void
after_tell_recovery(struct cluster *cluster, const struct pg_row *row)
{
    emit_warning(cluster->run,
                 "when the archive has a path or a stanza for the new cluster, on each "
                 "member: ALTER SYSTEM RESET NAME, then SELECT pg_reload_conf()",
                 "setting %s was emptied in postgresql.auto.conf: it leads to the WAL of "
                 "the old cluster, and the new one started at timeline 1",
                 row->fields[0]);
}

/* What makes a backup of the new cluster. */
static void
after_tell_archive(struct cluster *cluster, const struct pg_row *row)
{
    static const struct {
        const char *tool, *commands;
    } tools[] = {
        { "pgbackrest", "pgbackrest --stanza=NAME stanza-upgrade, then pgbackrest "
                        "--stanza=NAME --type=full backup" },
        { "wal-g", "wal-g backup-push \"$PGDATA\"" },
        { "wal-e", "wal-e backup-push \"$PGDATA\"" },
        { "barman", "barman backup SERVER" },
        { NULL, "pg_basebackup, or what makes the base backups of this database" },
    };
    size_t i = 0;

    while (tools[i].tool != NULL && !str_eq(tools[i].tool, row->fields[0])) {
        i++;
    }
    emit_warning(cluster->run, tools[i].commands,
                 "WAL is archived, and there is no base backup of the new cluster yet: "
                 "earlier backups restore the old version only");
}

static void
after_tell_unanalyzed(struct cluster *cluster, const struct pg_row *row)
{
    emit_warning(
        cluster->run, "",
        "ANALYZE fails for %s in database %s, which had no statistics before: %s",
        row->fields[1], row->fields[0], row->fields[2]);
}

static const struct after_row after_rows[] = {
    { "extension", after_tell_extension, "extensions" },
    { "extension_error", after_tell_failure, "extensions" },
    { "collation", after_tell_collation, "collations" },
    { "index", after_tell_index, "indexes" },
    { "setting", after_tell_setting, "settings" },
    { "recovery", after_tell_recovery, "settings" },
    { "archive", after_tell_archive, "archives" },
    { "unanalyzed", after_tell_unanalyzed, "relations" },
    { 0 },
};

/* Tells the rows of a kind in an answer. */
static void
after_tell_kind(struct cluster *cluster, const struct after_row *kind, const char *out)
{
    struct pg_row row = { 0 };
    size_t n = 0;

    while (pg_row_next(&out, &row)) {
        if (str_eq(row.key, kind->key) && n++ < AFTER_NAMED) {
            kind->tell(cluster, &row);
        }
    }
    if (n > AFTER_NAMED) {
        emit_note(cluster->run, "and %zu more %s", n - AFTER_NAMED, kind->more);
    }
}

/* Asks a command and tells what it says; trouble is told, too. */
static void
after_ask(struct cluster *cluster, const char *command, const char *arg)
{
    const char *const args[] = { arg, NULL };
    auto_said struct pod_said said = { 0 };
    struct err trouble = { 0 };

    if (drift_check_early(cluster, &trouble) < 0 ||
        pg_upgrade_run(cluster->run, pg_upgrade_first(cluster), command,
                       arg != NULL ? args : NULL, &said, &trouble) < 0) {
        emit_warning(cluster->run, "", "%s", trouble.msg);
        return;
    }
    for (const struct after_row *row = after_rows; row->key != NULL; row++) {
        after_tell_kind(cluster, row, said.out);
    }
}

static bool
after_is_reindexed(const struct pg_state *s)
{
    return str_eq(s->job.name, "reindex") && s->job.done;
}

/* Indexes are rebuilt before they are looked at, so that only what remains is told. */
static int
after_reindex(struct cluster *cluster, struct err *e)
{
    static const struct pg_upgrade_job job = { "collations", "rebuilding the indexes",
                                               "reindex", "reindex", after_is_reindexed };
    struct err trouble = { 0 };

    if (pg_upgrade_do_job(cluster, &job, &trouble) == 0) {
        return 0;
    }
    if (trouble.code != ERR_UNHEALTHY) {
        *e = trouble;
        return -1;
    }
    emit_warning(cluster->run, "", "could not rebuild the indexes: %s", trouble.msg);
    return 0;
}

int
step_aftercare_done(struct cluster *cluster, bool *done, struct err *e)
{
    (void)e;
    *done = cluster->progress.major.cared;
    return 0;
}

int
step_aftercare_run(struct cluster *cluster, struct err *e)
{
    if (cluster->plan->wishes.reindex && after_reindex(cluster, e) < 0) {
        return -1;
    }
    after_ask(cluster, "extensions",
              cluster->plan->wishes.update_extensions ? "update" : NULL);
    after_ask(cluster, "collations", NULL);
    after_ask(cluster, "settings", NULL);
    cluster->progress.major.cared = true;
    return wait_check_stop(cluster->run, e);
}
