#include "report/advice.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "engine/engine_advice.h"
#include "kubedb/catalog.h"

static bool
advice_is_due(const struct flow *f)
{
    const struct engine_advice *a = f->en->advice;

    return a != NULL && f->changed && f->rq->dry_run == FLOW_REAL && flow_is_forward(f) &&
           engine_is_group(f->topology) && f->from != NULL &&
           engine_version_number(catalog_version(f->from)) < a->below;
}

void
advice_tell(struct flow *f)
{
    const struct engine_advice *a = f->en->advice;

    for (size_t i = 0; advice_is_due(f) && i < f->n_pods; i++) {
        auto_free char *answer = NULL;
        auto_free char *text = NULL;
        auto_free char *hint = NULL;
        struct err ignored = { 0 };

        if (session_ask_row(f, &f->pods[i], a->sql, "", &answer, &ignored) < 0) {
            continue;
        }
        answer[strcspn(answer, "\n")] = '\0';
        if (answer[0] != '\0') {
            text = engine_format(a->text, answer);
            hint = engine_format(a->hint, catalog_version(f->to));
            tell_warning(f, hint, "%s", text);
        }
        return;
    }
}
