#ifndef KUBE_KUBECONFIG_H
#define KUBE_KUBECONFIG_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/scope.h"

/*
 * kubeconfig files: where they are, what is in them, and one view of them all.
 * Which entry of the view is used, and what flags change, is kube/choice.h.
 */

/* What is outside the files and the command line; a test fills in its own. Borrowed;
 * NULL or "" where there is none. */
struct kube_env {
    const char *kubeconfig;      /* $KUBECONFIG: files, joined by ':' */
    const char *home;            /* $HOME */
    const char *service_host;    /* $KUBERNETES_SERVICE_HOST: set in every pod */
    const char *service_port;    /* $KUBERNETES_SERVICE_PORT */
    const char *pod_namespace;   /* $POD_NAMESPACE, by convention */
    const char *service_account; /* folder with token, ca.crt and namespace */
};

/* The environment of this process. */
void kube_env_read(struct kube_env *env);

/* The files merged. An entry is what lies under "cluster", "user" or "context" in the
 * file: its known members have the right type, none of them is null or empty, and
 * paths of files are resolved against the folder of the file they came from. */
struct kubeconfig {
    json_t *clusters; /* name -> entry */
    json_t *users;
    json_t *contexts;
    char *current_context; /* NULL: no file sets it */
    char *looked_at;       /* the files, ", " between them; "" for none; for errors */
};

/* Reads and merges by kubectl's rules (client-go tools/clientcmd/loader.go): only
 * `explicit_file` if that is given, and it must exist; else the files of $KUBECONFIG;
 * else ~/.kube/config. Files that do not exist are left out. The first file that has
 * an entry, or sets current-context, wins. No file at all is an empty view, no error.
 * Errors: ERR_CONFIG, naming the file. */
int kubeconfig_load(const char *explicit_file, const struct kube_env *env,
                    struct kubeconfig *out, struct err *e);

void kubeconfig_free(struct kubeconfig *c);

#define auto_kubeconfig scope_cleanup(kubeconfig_free)

#endif
