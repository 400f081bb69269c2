#ifndef CMD_CLUSTER_H
#define CMD_CLUSTER_H

#include "base/err.h"
#include "command.h"
#include "kube/client.h"
#include "kube/config.h"

/*
 * The cluster that the flags mean.
 */
struct cluster {
    struct kube_target target;
    struct kube *kube;
    const char *name_space; /* borrowed from the target */
};

int cluster_open(const struct options *o, struct cluster *out, struct err *e);
void cluster_close(struct cluster *c);
#define auto_cluster scope_cleanup(cluster_close)

/* The flags that lead to the same cluster again and to a namespace (NULL: the context's),
 * for commands in hints: " -n demo --context prod". The caller frees it. */
char *cluster_flags(const struct options *o, const char *name_space);

/* Lists a kind's databases in the namespace, or its catalogue, in whatever version the
 * cluster serves. */
int cluster_list_databases(struct cluster *c, const struct engine *en, json_t **out,
                           struct err *e);
int cluster_list_catalog(struct cluster *c, const struct engine *en, json_t **out,
                         struct err *e);
int cluster_get_database(struct cluster *c, const struct engine *en, const char *name,
                         json_t **out, struct err *e);

#endif
