#include "tls_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kube/exec.h"
#include "kube/watch.h"

static char token[] = TLS_TOKEN;
static const char *const argv[] = { "mysql", NULL };
const struct kube_exec_spec tls_spec = { "demo", "db-0", "mysql", argv, false };

void
tls_start(struct kube_case *c, const struct peer_step *script, struct kube_target t)
{
    char url[64];
    char *ca = peer_tls_ca();

    *c = (struct kube_case){ 0 };
    peer_start(&c->peer, script);
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d", c->peer.port);
    t.server = url;
    t.ca_pem = t.insecure ? NULL : ca;
    t.token = token;
    t.disable_compression = true;
    t.request_timeout_ms = 5000;
    c->k = kube_new(&t, &c->e);
    assert_non_null(c->k);
    free(ca);
}

/* -- the ways on which this program talks to the server -- */

static int
ask_exec(struct kube_case *c)
{
    struct kube_exec *x = kube_exec_open(c->k, &tls_spec, &c->e);

    kube_exec_close(x);
    return x != NULL ? 0 : -1;
}

static int
ask_watch(struct kube_case *c)
{
    struct kube_watch *w = kube_watch_open(c->k, &kube_case_all, NULL, NULL, &c->e);

    kube_watch_close(w);
    return w != NULL ? 0 : -1;
}

const struct tls_way tls_ways[] = {
    { kube_case_get, { PEER_EXPECT, "GET /api/v1/" }, { PEER_REPLY, "{}", 200 } },
    { kube_case_patch, { PEER_EXPECT, "PATCH /api/v1/" }, { PEER_REPLY, "{}", 200 } },
    { ask_watch, { PEER_EXPECT, "GET /api/v1/" }, { PEER_REPLY, LIST("1", ""), 200 } },
    { ask_exec, { PEER_UPGRADE, NULL, 5 }, { PEER_SAY, "" } },
};

void
tls_check_trusted(enum peer_cert cert, struct kube_target t)
{
    for (size_t i = 0; i < TLS_WAYS; i++) {
        const struct peer_step script[] = {
            { PEER_ACCEPT },          { PEER_TLS, NULL, cert }, tls_ways[i].hears,
            { PEER_HAS, TLS_BEARER }, tls_ways[i].says,         { PEER_END },
        };
        struct kube_case c;

        tls_start(&c, script, t);
        if (tls_ways[i].ask(&c) < 0) {
            fail_msg("way %zu, certificate %d: %s", i, (int)cert, c.e.msg);
        }
        kube_case_finish(&c);
    }
}
