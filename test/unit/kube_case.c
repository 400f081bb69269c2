#include "kube_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

const struct kube_ref kube_case_one = { "", "v1", "configmaps", "demo", "c", NULL };
const struct kube_ref kube_case_all = { "", "v1", "configmaps", "demo", NULL, NULL };

void
kube_case_start_as(struct kube_case *c, const struct peer_step *script,
                   const struct kube_target *t)
{
    struct kube_target target = *t;

    *c = (struct kube_case){ 0 };
    peer_start(&c->peer, script);
    target.server = c->peer.url;
    target.disable_compression = true;
    c->k = kube_new(&target, &c->e);
    assert_non_null(c->k);
}

void
kube_case_start(struct kube_case *c, const struct peer_step *script)
{
    const struct kube_target t = { .request_timeout_ms = 5000 };

    kube_case_start_as(c, script, &t);
}

void
kube_case_finish(struct kube_case *c)
{
    kube_free(c->k);
    c->k = NULL;
    peer_finish(&c->peer);
}
