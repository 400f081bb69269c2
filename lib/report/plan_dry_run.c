#include "report/plan_dry_run.h"

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "procedure/step_dry_run.h"
#include "procedure/steps.h"
#include "run/request.h"

/*
 * The server-side dry run of a plan: each mutation as it would be sent.
 */

/* Fills what the API server says to a step's mutation; "-" where there is none. */
void
plan_dry_run(struct cluster *cluster, const struct step *s, const struct member *p,
             struct plan_line *line)
{
    struct err refused = { 0 };
    int got = 1;

    if (cluster->target->request->dry_run != DRY_RUN_SERVER) {
        return;
    }
    if (p != NULL && s->order == ORDER_ROLL) {
        got = step_try_evict(cluster, p, &refused);
    }
    if (s->dry_run != NULL) {
        got = s->dry_run(cluster, &refused);
    }
    cluster->progress.dry_refused = cluster->progress.dry_refused || got < 0;
    (void)snprintf(line->dry, sizeof line->dry, "%s%.200s",
                   got < 0    ? "refused: "
                   : got == 0 ? "accepted"
                              : "-",
                   refused.msg);
}
