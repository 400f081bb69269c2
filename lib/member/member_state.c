#include "member/member_state.h"

#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/blocker.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "cluster/state_transfer.h"
#include "engine/engine.h"
#include "engine/topology.h"
#include "kubedb/pod.h"
#include "member/diagnose.h"
#include "member/member.h"
#include "run/course.h"
#include "run/target.h"
#include "run/wait.h"

/*
 * How a member is, by its pod and by what the servers say.
 */

enum { MEMBER_OTHERS_MS = 60 * 1000 };

/* A standby that follows nobody: its primary has another major version by now. */
static bool
member_waits_for_new(const struct cluster *cluster, const struct member *p)
{
    return cluster->plan->procedure->converts && course_is_forward(cluster->run) &&
           !mirror_pod_is_there(cluster, p);
}

/* Whether a member serves and sees what the one before it sees; if not, `s` says why. */
static bool
member_is_well(const struct cluster *cluster, const struct member *p,
               const struct member_report *m, const struct member *first,
               const char *view, struct wait_state *s)
{
    if (!engine_member_serves(cluster->plan->topology, m) ||
        !engine_member_sees(m, sets_count_pods(cluster), 1)) {
        (void)snprintf(s->now, sizeof s->now, "%s is %s", p->name, m->state);
        if (m->members > 0) {
            str_append(s->now, sizeof s->now, ", %u of %u online", m->online,
                       sets_count_pods(cluster));
        }
        return false;
    }
    if (first != NULL && !str_eq(m->view, view)) {
        (void)snprintf(s->now, sizeof s->now, "%s and %s see different groups", p->name,
                       first->name);
        return false;
    }
    return true;
}

/* Whether the member that is to go acknowledges: then others must be left that do. */
static bool
member_needs_acks(struct cluster *cluster, struct member *going)
{
    struct member_report m = { 0 };
    struct err ignored = { 0 };
    bool serves = false;

    if (!engine_is_acknowledged(cluster->plan->topology) ||
        !mirror_pod_is_ready(cluster, going) ||
        session_member(cluster, going, &m, &ignored) < 0) {
        return false;
    }
    serves = engine_member_serves(cluster->plan->topology, &m);
    member_report_clear(&m);
    return serves;
}

/* Whether all replicas acknowledge what a member commits, if that leads. */
static bool
member_acks(const struct cluster *cluster, const struct member_report *m,
            struct wait_state *s)
{
    if (engine_member_sees(m, (unsigned)cluster->n_pods, 0)) {
        return true;
    }
    (void)snprintf(s->now, sizeof s->now, "%u of %zu replicas acknowledge", m->online - 1,
                   cluster->n_pods - 1);
    return false;
}

int
member_look_others(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member *going = ctx;
    bool acks = member_needs_acks(cluster, going);
    const struct member *first = NULL;
    char view[sizeof((struct member_report *)NULL)->view] = "";

    (void)snprintf(s->want, sizeof s->want, "all other members ready and online");
    s->done = true;
    for (size_t i = 0; i < cluster->n_pods && s->done; i++) {
        struct member *p = &cluster->pods[i];
        struct member_report m = { 0 };

        if (p == going || !sets_has_pod(p) || member_waits_for_new(cluster, p)) {
            continue;
        }
        if (session_member(cluster, p, &m, e) < 0) {
            return -1;
        }
        s->done = member_is_well(cluster, p, &m, first, view, s) &&
                  (!acks || member_acks(cluster, &m, s));
        first = p;
        str_copy(view, sizeof view, m.view);
        member_report_clear(&m);
    }
    return 0;
}

int
member_wait_others(struct cluster *cluster, struct member *but, struct err *e)
{
    struct wait w = { .id = "others",
                      .pod = but != NULL ? but->name : "",
                      .text = "the other members to be healthy",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = MEMBER_PROBE_MS,
                      .watchful = true,
                      .check = member_look_others,
                      .on = cluster,
                      .ctx = but };

    return cluster->n_pods > 1 ? wait_until(cluster->run, &w, e) : 0;
}

/* Whether the set's template has no such container: a webhook has put it into the pod. */
static bool
member_is_injected(const struct cluster *cluster, const struct member *p,
                   const char *container)
{
    const json_t *spec = json_path(sets_object(cluster, p->set), "spec.template.spec");

    return spec != NULL && *container != '\0' &&
           json_array_find(json_path(spec, "containers"), "name", container, NULL) ==
               NULL &&
           json_array_find(json_path(spec, "initContainers"), "name", container, NULL) ==
               NULL;
}

/* How long what a pod fails at may last, because others do something about it. */
static long long
member_patience(struct cluster *cluster, struct member *p, bool injected,
                const struct err *why)
{
    if (str_eq(why->reason, "POD_UNSCHEDULABLE")) {
        return blocker_awaits_node(cluster, p)
                   ? cluster->target->request->limits.pod_timeout_ms
                   : 0;
    }
    return injected || str_eq(why->reason, "POD_FAILED") ? MEMBER_OTHERS_MS : 0;
}

int
member_check_broken(struct cluster *cluster, struct member *p, struct err *e)
{
    const json_t *object = NULL;
    char container[128] = "";
    bool copied = false, injected = false;
    struct err why = { 0 };

    if (state_transfer_ended(cluster, p, &copied, e) < 0) {
        return -1;
    }
    object = mirror_pod_object(cluster, p->name);
    if (object == NULL || !mirror_pod_is_there(cluster, p) ||
        !pod_is_broken(object, clock_wall_ms(), container, sizeof container, &why) ||
        (copied && str_eq(container, cluster->target->engine->container))) {
        p->silence.broken_ms = 0;
        return 0;
    }
    injected = member_is_injected(cluster, p, container);
    p->silence.broken_ms = p->silence.broken_ms != 0 ? p->silence.broken_ms : clock_ms();
    if (clock_ms() - p->silence.broken_ms < member_patience(cluster, p, injected, &why)) {
        return 0;
    }
    *e = why;
    if (injected) {
        err_reason(e, "POD_SIDECAR");
        err_hint(e,
                 "container %s is not one of workload %s: an admission webhook has "
                 "put it into the pod",
                 container, p->set->name);
    }
    err_wrap(e, "%s", p->name);
    diagnose_log(cluster->run, p, container, e);
    diagnose_members(cluster, p, e);
    return -1;
}

/* Whether it is broken, and has not the wanted images. */
bool
member_is_spoilt(const struct cluster *cluster, const struct member *p)
{
    const json_t *object = mirror_pod_object(cluster, p->name);
    char container[128] = "";
    struct err broken = { 0 };

    return object != NULL && !mirror_pod_is_there(cluster, p) &&
           pod_is_broken(object, clock_wall_ms(), container, sizeof container, &broken);
}

struct member *
member_in_the_way(struct cluster *cluster, const struct member *except)
{
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];

        if (p != except && (except == NULL || p->set == except->set) &&
            member_is_spoilt(cluster, p)) {
            return p;
        }
    }
    return NULL;
}
