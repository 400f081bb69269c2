#include "report/advice.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "cluster/session.h"
#include "engine/engine.h"
#include "engine/engine_advice.h"
#include "engine/topology.h"
#include "kubedb/catalog.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/flow.h"
#include "run/request.h"

static bool
advice_is_due(const struct flow *f)
{
    const struct engine_advice *a = f->target.engine->advice;

    return a != NULL && f->run.changed && f->target.request->dry_run == FLOW_REAL &&
           flow_is_forward(f) && engine_is_group(f->plan.topology) &&
           f->plan.from != NULL &&
           engine_version_number(catalog_version(f->plan.from)) < a->below;
}

void
advice_tell(struct flow *f)
{
    const struct engine_advice *a = f->target.engine->advice;

    for (size_t i = 0; advice_is_due(f) && i < f->cluster.n_pods; i++) {
        auto_free char *answer = NULL;
        auto_free char *text = NULL;
        auto_free char *hint = NULL;
        struct err ignored = { 0 };

        if (session_ask_row(f, &f->cluster.pods[i], a->sql, "", &answer, &ignored) < 0) {
            continue;
        }
        answer[strcspn(answer, "\n")] = '\0';
        if (answer[0] != '\0') {
            text = engine_format(a->text, answer);
            hint = engine_format(a->hint, catalog_version(f->plan.to));
            tell_warning(f, hint, "%s", text);
        }
        return;
    }
}
