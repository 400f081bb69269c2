#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/scope.h"

/*
 * Which API server, as whom, in which namespace: kubeconfig files, kubectl's
 * standard flags and the in-cluster service account, resolved to one target by
 * kubectl's rules (client-go tools/clientcmd). Exec credential plugins,
 * auth providers and proxies are refused with a clear error.
 */

/* kubectl's standard flags; NULL, or false, where not given. Borrowed. */
struct kube_flags {
    const char *kubeconfig;
    const char *context;
    const char *cluster;
    const char *user;
    const char *name_space;
    const char *server;
    const char *token;
    const char *client_certificate;
    const char *client_key;
    const char *certificate_authority;
    const char *tls_server_name;
    const char *username;
    const char *password;
    const char *as;
    const char *as_uid;
    const char *const *as_groups; /* NULL-terminated list, or NULL */
    const char *const *as_extras; /* "key=value", NULL-terminated list, or NULL */
    const char *request_timeout;  /* "0" or a duration */
    bool insecure_skip_tls_verify;
    bool disable_compression;
};

/* A resolved target. All strings are owned; NULL where there is none. Data wins
 * over the file form, as in client-go; files are read here except token_file,
 * which is read again while it is in use (about every minute). The client certificate's
 * files are read again when the server no longer takes what they held. */
struct kube_target {
    char *server;  /* "https://host:port", no slash at the end */
    char *context; /* "" when in the cluster or without a context */
    char *name_space;
    char *ca_pem;
    char *cert_pem;
    char *key_pem;
    char *cert_file; /* where cert_pem and key_pem came from; NULL: from data */
    char *key_file;
    char *token;
    char *token_file;
    char *username; /* basic authentication; modern servers refuse it */
    char *password;
    char *tls_server_name;
    char *as;
    char *as_uid;
    char **as_groups; /* NULL-terminated, or NULL */
    char **as_extras; /* "key=value", NULL-terminated, or NULL */
    bool insecure;
    bool disable_compression;
    long request_timeout_ms; /* 0: the client's own default */
};

/* Resolves the target. Errors: ERR_CONFIG, naming the file or entry at fault;
 * ERR_USAGE for flags that contradict each other. */
int kube_target_load(const struct kube_flags *flags, struct kube_target *out,
                     struct err *e);

/* Releases the strings, wiping the secret ones. */
void kube_target_free(struct kube_target *t);

#define auto_target scope_cleanup(kube_target_free)

#endif
