#include "procedure/step_dry_run.h"

#include <jansson.h>

#include "base/err.h"
#include "base/json.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "member/router_gate.h"

/*
 * The mutations of a step as a server-side dry run sends them: struct step,
 * .dry_run.
 */

int
step_try_evict(struct cluster *cluster, const struct member *p, struct err *e)
{
    const json_t *o = mirror_pod_object(cluster, p->name);
    const char *uid = json_path_str(o, "metadata.uid");
    const char *version = json_path_str(o, "metadata.resourceVersion");

    return o == NULL
               ? 0
               : kube_evict(cluster->target->kube, cluster->target->request->name_space,
                            p->name, uid, version, e);
}

int
step_try_first(struct cluster *cluster, struct err *e)
{
    return step_try_evict(cluster, &cluster->pods[0], e);
}

int
step_try_front(struct cluster *cluster, struct err *e)
{
    int got = router_gate_mutate(cluster, e);

    for (size_t i = 0; i < routers_count(cluster) && got == 0; i++) {
        got = step_try_evict(cluster, &cluster->routers->pods[i], e);
    }
    return got;
}

int
step_try_make(struct cluster *cluster, struct err *e)
{
    const struct member_set *s = replacement_goal(cluster);

    return s->absent && *s->uid == '\0' ? replacement_make(cluster, e) : 0;
}

/* A set that is there; the API server does not mind that it has members yet. */
int
step_try_remove(struct cluster *cluster, struct err *e)
{
    struct member_set *s = replacement_other(cluster);

    return s->absent ? 0 : replacement_remove(cluster->target, s, e);
}
