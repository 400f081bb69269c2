#include <stdio.h>

#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/routers.h"
#include "procedure/steps.h"
#include "run/wait.h"

/*
 * Whether the routers are as they are to be in the end.
 */

bool
routers_is_right(const struct cluster *cluster, struct wait_state *s)
{
    if (cluster->routers == NULL) {
        return true;
    }
    if (!step_set_is_right(cluster, &cluster->routers->set, s)) {
        return false;
    }
    for (size_t i = 0; i < routers_count(cluster); i++) {
        const struct member *p = &cluster->routers->pods[i];

        if (!mirror_pod_is_ready(cluster, p) || !mirror_pod_is_there(cluster, p)) {
            (void)snprintf(s->now, sizeof s->now,
                           "pod %s is not ready with the expected images", p->name);
            return false;
        }
    }
    return true;
}
