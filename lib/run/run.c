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
run_skips(const struct run *run, const char *id)
{
    const struct upgrade_checks *checks = &run->target->request->checks;
    bool named = false;

    for (const char *const *skipped = checks->skipped;
         skipped != NULL && *skipped != NULL; skipped++) {
        named = named || str_eq(*skipped, id);
    }
    return (named || checks->force) && check_is_forceable(id);
}
