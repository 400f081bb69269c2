#include "run/run.h"

#include "base/err.h"
#include "run/flow.h"

int
run_renew(struct flow *f, struct err *e)
{
    const struct run_hooks *h = &f->run.hooks;

    return h->renew != NULL ? h->renew(h->ctx, e) : 0;
}

int
run_glance(struct flow *f, struct err *e)
{
    const struct run_hooks *h = &f->run.hooks;

    return h->glance != NULL ? h->glance(h->ctx, e) : 0;
}
