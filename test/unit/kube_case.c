#include "kube_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"

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

int
kube_case_get(struct kube_case *c)
{
    json_t *o auto_json = NULL;

    return kube_get(c->k, &kube_case_one, &o, &c->e);
}

int
kube_case_patch(struct kube_case *c)
{
    json_t *o auto_json = json_pack("{s:i}", "a", 1);

    return kube_patch(c->k, &kube_case_one, KUBE_MERGE_PATCH, o, NULL, &c->e);
}

void
kube_case_wait_end(struct kube_case *c, struct kube_exec *x)
{
    long long end = clock_ms() + 10000;

    while (!kube_exec_ended(x) && clock_ms() < end) {
        kube_pump(c->k, 500);
    }
    assert_true(kube_exec_ended(x));
}

struct kube_exec *
kube_case_exec(struct kube_case *c, const struct kube_exec_spec *spec)
{
    struct kube_exec *x = kube_exec_open(c->k, spec, &c->e);

    if (x == NULL) {
        fail_msg("%s", c->e.msg);
    }
    return x;
}
