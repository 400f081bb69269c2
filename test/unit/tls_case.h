#ifndef TEST_TLS_CASE_H
#define TEST_TLS_CASE_H

#include "kube_case.h"

/* A client of a scripted peer that speaks TLS, on each way on which this program talks to
 * the server. */

#define TLS_TOKEN  "sesame-7f3a"
#define TLS_BEARER "Authorization: Bearer " TLS_TOKEN "\r\n"

/* It trusts the good CA, unless the target is insecure, and has the token. */
void tls_start(struct kube_case *c, const struct peer_step *script, struct kube_target t);

/* What is asked, 0 or -1 as the client returns; and what a server then hears and says. */
struct tls_way {
    int (*ask)(struct kube_case *c);
    struct peer_step hears, says;
};

enum { TLS_WAYS = 4 };
extern const struct tls_way tls_ways[TLS_WAYS];
extern const struct kube_exec_spec tls_spec;

/* Each way leads to a server that shows this. */
void tls_check_trusted(enum peer_cert cert, struct kube_target t);

#endif
