#ifndef KUBE_CHOICE_H
#define KUBE_CHOICE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/scope.h"
#include "kube/config.h"
#include "kube/kubeconfig.h"

/*
 * From kubeconfig and flags to a target, in the steps of client-go's
 * tools/clientcmd/client_config.go: choose context, cluster and user (choice.c); lay
 * the flags over them (override.c); check the result and read what it points to
 * (credential.c). address.c knows URLs; config.c puts the steps together.
 */

/* The cluster and the user that were chosen, as kubeconfig entries of our own, to be
 * changed at will. The names are for errors. */
struct choice {
    char *context;    /* "" without one */
    char *name_space; /* NULL: the context does not say */
    char *cluster_name;
    char *user_name;
    json_t *cluster;
    json_t *user;
};

/* Chooses by the flags --context, --cluster and --user, else by current-context, else
 * the service account of the pod that we run in. ERR_CONFIG, with the names that
 * there are as a hint. *out is released by choice_free(), after an error as well. */
int choice_make(const struct kube_flags *flags, const struct kube_env *env,
                const struct kubeconfig *config, struct choice *out, struct err *e);
void choice_free(struct choice *c);

#define auto_choice scope_cleanup(choice_free)

/* Whether we run in a pod with a service account, as client-go sees it. */
bool choice_in_cluster(const struct kube_env *env);

/* Lays the flags over the members of the choice. ERR_USAGE for what contradicts. */
int override_apply(const struct kube_flags *flags, struct choice *c, struct err *e);

/* Brings the cluster's "server" to the form that struct kube_target promises. For a
 * http:// server the user loses what identifies it, since client-go sends no secret in
 * the clear. ERR_CONFIG for what is no address. */
int address_apply(struct choice *c, struct err *e);

/* Fills server, credentials and impersonation of *out, reading files. ERR_CONFIG,
 * never quoting a secret. */
int credential_fill(const struct choice *c, struct kube_target *out, struct err *e);

/* kube_target_load() in the environment that is given. */
int kube_target_load_env(const struct kube_flags *flags, const struct kube_env *env,
                         struct kube_target *out, struct err *e);

/* Wipes and frees a string, which may be NULL, and leaves NULL. */
void kube_secret_free(char **secret);

#define auto_secret_text scope_cleanup(kube_secret_free)

#endif
