#ifndef KUBE_TARGET_H
#define KUBE_TARGET_H

#include <stdbool.h>

#include "base/err.h"
#include "base/scope.h"
#include "kube/config.h"

/* Copies a target, with its secrets; kube_target_free() releases the copy. */
void target_copy(struct kube_target *out, const struct kube_target *t);

/* The parts of a server's URL. */
struct server {
    bool tls;
    char *host; /* IPv6 in brackets */
    int port;
    char *prefix; /* path before every request's own, "" or "/a/b" */
};

/* ERR_CONFIG for what is no http or https URL. */
int server_parse(const char *url, struct server *out, struct err *e);
void server_free(struct server *s);

#define auto_server scope_cleanup(server_free)

#endif
