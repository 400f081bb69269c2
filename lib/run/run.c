#include "run/run.h"

#include "base/err.h"
#include "base/str.h"
#include "kubedb/check_registry.h"
#include "run/request.h"

int
run_renew(struct run *run, struct err *e)
{
    const struct run_hooks *h = &run->hooks;

    return h->renew != NULL ? h->renew(h->ctx, e) : 0;
}

int
run_glance(struct run *run, struct err *e)
{
    const struct run_hooks *h = &run->hooks;

    return h->glance != NULL ? h->glance(h->ctx, e) : 0;
}

bool
run_names(const struct run *run, const char *id)
{
    for (const char *const *skipped = run->target->request->checks.skipped;
         skipped != NULL && *skipped != NULL; skipped++) {
        if (str_eq(*skipped, id)) {
            return true;
        }
    }
    return false;
}

bool
run_skips(const struct run *run, const char *id)
{
    return (run_names(run, id) || run->target->request->checks.force) &&
           check_is_forceable(id);
}
