#include "report/plan_dry_run.h"

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "member/patch.h"
#include "member/router_gate.h"
#include "procedure/steps.h"
#include "run/flow.h"
#include "run/request.h"

/*
 * The server-side dry run of a plan: each mutation as it would be sent.
 */

static int
plan_try_evict(struct flow *f, const struct flow_pod *p, struct err *e)
{
    const json_t *o = flow_pod_object(f, p->name);
    const char *uid = json_path_str(o, "metadata.uid");
    const char *version = json_path_str(o, "metadata.resourceVersion");

    return o == NULL ? 0
                     : kube_evict(f->target.kube, f->target.request->name_space, p->name,
                                  uid, version, e);
}

static int
plan_try_first(struct flow *f, struct err *e)
{
    return plan_try_evict(f, &f->cluster.pods[0], e);
}

static int
plan_try_front(struct flow *f, struct err *e)
{
    int got = front_mutate(f, e);

    for (size_t i = 0; i < front_count(f) && got == 0; i++) {
        got = plan_try_evict(f, &f->cluster.routers->pods[i], e);
    }
    return got;
}

static int
plan_try_make(struct flow *f, struct err *e)
{
    const struct flow_set *s = newset_goal(f);

    return s->absent && *s->uid == '\0' ? newset_make(f, e) : 0;
}

/* A set that is there; the API server does not mind that it has members yet. */
static int
plan_try_remove(struct flow *f, struct err *e)
{
    struct flow_set *s = newset_other(f);

    return s->absent ? 0 : newset_remove(f, s, e);
}

static const struct plan_try {
    const char *step;
    int (*mutate)(struct flow *f, struct err *e);
} plan_tries[] = {
    { "pause", mutate_pause },     { "images", mutate_images },
    { "front", plan_try_front },   { "switch", plan_try_first },
    { "make", plan_try_make },     { "remove", plan_try_remove },
    { "version", mutate_version }, { "resume", mutate_resume },
};

/* Fills what the API server says to a step's mutation; "-" where there is none. */
void
plan_dry(struct flow *f, const struct flow_step *s, const struct flow_pod *p,
         struct plan_line *line)
{
    struct err refused = { 0 };
    int got = 1;

    if (f->target.request->dry_run != FLOW_DRY_SERVER) {
        return;
    }
    if (p != NULL && s->order == ORDER_ROLL) {
        got = plan_try_evict(f, p, &refused);
    }
    for (size_t i = 0; i < sizeof plan_tries / sizeof *plan_tries; i++) {
        if (str_eq(plan_tries[i].step, s->name)) {
            got = plan_tries[i].mutate(f, &refused);
        }
    }
    f->cluster.progress.dry_refused = f->cluster.progress.dry_refused || got < 0;
    (void)snprintf(line->dry, sizeof line->dry, "%s%.200s",
                   got < 0    ? "refused: "
                   : got == 0 ? "accepted"
                              : "-",
                   refused.msg);
}
