#include "report/advice.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "cluster/cluster.h"
#include "cluster/session.h"
#include "engine/engine.h"
#include "engine/engine_advice.h"
#include "engine/topology.h"
#include "kubedb/catalog.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/request.h"
#include "run/run.h"

static bool
advice_is_due(const struct run *run)
{
    const struct engine_advice *a = run->target->engine->advice;

    return a != NULL && run->changed && run->target->request->dry_run == DRY_RUN_NONE &&
           course_is_forward(run) && engine_is_group(run->plan->topology) &&
           run->plan->from != NULL &&
           engine_version_number(catalog_version(run->plan->from)) < a->below;
}

void
advice_tell(struct cluster *cluster)
{
    const struct engine_advice *a = cluster->target->engine->advice;

    for (size_t i = 0; advice_is_due(cluster->run) && i < cluster->n_pods; i++) {
        auto_free char *answer = NULL;
        auto_free char *text = NULL;
        auto_free char *hint = NULL;
        struct err ignored = { 0 };

        if (session_ask_row(cluster, &cluster->pods[i], a->sql, "", &answer, &ignored) <
            0) {
            continue;
        }
        answer[strcspn(answer, "\n")] = '\0';
        if (answer[0] != '\0') {
            text = engine_format(a->text, answer);
            hint = engine_format(a->hint, catalog_version(cluster->plan->to));
            emit_warning(cluster->run, hint, "%s", text);
        }
        return;
    }
}
