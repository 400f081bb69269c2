#include "run/run.h"

#include "base/err.h"

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
