#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "engine/postgres.h"
#include "member/drift.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/pod_exec.h"
#include "run/run.h"

/*
 * The end of a major upgrade: whether the new server has all that the old one had. What
 * is missing makes a query slow, or an audit silent, and no gate of a member sees it.
 */

enum { COMPLETE_NAMED = 8 };

static int
complete_refuse(const struct cluster *cluster, const char *out, size_t n, struct err *e)
{
    struct pg_row row = { 0 };
    size_t named = 0;

    err_set(e, ERR_UNHEALTHY, "the new server lacks %zu thing%s that the old one had", n,
            n == 1 ? "" : "s");
    while (named < COMPLETE_NAMED && pg_row_next(&out, &row)) {
        if (str_eq(row.key, "missing")) {
            err_detail(e, "%s: %s%s%s: %s", row.fields[0], row.fields[2],
                       row.fields[1][0] != '\0' ? " in database " : "", row.fields[1],
                       row.fields[3]);
            named++;
        }
    }
    if (n > named) {
        err_detail(e, "and %zu more", n - named);
    }
    err_reason(e, "PG_INCOMPLETE");
    return err_hint(e,
                    "repair what is named, and resume; or resume with --skip-check "
                    "pg.complete, which accepts it:  kubectl dbupgrade resume %s %s%s",
                    cluster->target->engine->name, cluster->target->request->name,
                    cluster->target->request->command_flags);
}

int
step_complete_done(struct cluster *cluster, bool *done, struct err *e)
{
    (void)e;
    *done = cluster->progress.major.complete || run_names(cluster->run, "pg.complete");
    return 0;
}

int
step_complete_run(struct cluster *cluster, struct err *e)
{
    auto_said struct pod_said said = { 0 };
    struct pg_row row = { 0 };
    const char *out = NULL;
    size_t n = 0;

    if (drift_check_early(cluster, e) < 0 ||
        pg_upgrade_run(cluster->run, pg_upgrade_first(cluster), "complete", NULL, &said,
                       e) < 0) {
        return -1;
    }
    out = said.out;
    while (pg_row_next(&out, &row)) {
        n += str_eq(row.key, "missing") ? 1 : 0;
    }
    if (n > 0) {
        return complete_refuse(cluster, said.out, n, e);
    }
    cluster->progress.major.complete = true;
    return 0;
}
