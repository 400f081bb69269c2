#ifndef KUBEDB_POD_WAITS_H
#define KUBEDB_POD_WAITS_H

#include <jansson.h>
#include <stddef.h>

/*
 * What a pod waits for besides its server: sidecars that are injected, readiness gates,
 * a node that does not answer. Pure; each writes "" where there is nothing to tell.
 */

/* Of one that is not ready, though no container of it has failed: "init container
 * vault-agent-init is running", "istio-proxy", "readiness gate x", "node n may be down".
 */
void pod_waits_ready(const json_t *object, char *out, size_t size);

/* Of one that is to go: "container istio-proxy is running", or "node n does not confirm
 * it" where it is overdue by so much. */
void pod_waits_gone(const json_t *object, long long overdue_ms, char *out, size_t size);

#endif
