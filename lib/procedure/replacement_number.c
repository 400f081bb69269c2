#include "procedure/replacement_number.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/blocker.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/new_set.h"
#include "kubedb/pod.h"
#include "member/member_state.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/wait.h"

/*
 * Each member of a group needs a number of its own.
 */

enum { NEWSET_NUMBER_MS = 500 };

struct replacement_number {
    struct member *p;
    long long number; /* -1: it did not say */
};

static int
replacement_ask_number(struct cluster *cluster, struct member *p, long long *number,
                       struct err *e)
{
    auto_free char *answer = NULL;

    if (session_ask(cluster, p, cluster->target->engine->new_set->number_sql, &answer,
                    e) < 0) {
        return -1;
    }
    *number = strtoll(answer, NULL, 10);
    return 0;
}

static int
replacement_look_number(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct replacement_number *n = ctx;
    const json_t *object = mirror_pod_object(cluster, n->p->name);

    str_copy(s->want, sizeof s->want, "its server answering");
    str_copy(s->now, sizeof s->now, "no pod yet");
    if (json_path_int(sets_object(cluster, n->p->set), "spec.replicas", 0) <=
        n->p->ordinal) {
        return 0; /* the mirror is late */
    }
    if (object == NULL) {
        return blocker_absent(cluster->target, n->p, s, e);
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    if (member_check_broken(cluster, n->p, e) < 0 ||
        blocker_creating(cluster, n->p, s, e) < 0) {
        return -1;
    }
    if (mirror_pod_is_ready(cluster, n->p)) {
        s->done = true;
    }
    if (replacement_ask_number(cluster, n->p, &n->number, e) < 0) {
        return err_is_transient(e) ? (err_clear(e), 0) : -1;
    }
    s->done = true;
    return 0;
}

/* KubeDB's scripts number members by their place in their set, so that a new one has the
 * number of an old one. Group replication goes by other names, and that nothing was
 * ignored is what the gate of the position proves. */
static void
replacement_tell_number(struct cluster *cluster, const struct member *p, long long number)
{
    for (size_t i = 0;
         number > 0 && course_is_forward(cluster->run) && i < cluster->n_pods; i++) {
        struct member *q = &cluster->pods[i];
        struct err silent = { 0 };
        long long other = -1;

        if (q != p && sets_has_pod(q) &&
            replacement_ask_number(cluster, q, &other, &silent) == 0 && other == number) {
            emit_note(cluster->run,
                      "%s and %s both have server_id %lld until the old one leaves",
                      p->name, q->name, number);
            return;
        }
    }
}

int
replacement_check_number(struct cluster *cluster, struct member *p, struct err *e)
{
    struct replacement_number n = { .p = p, .number = -1 };
    struct wait w = { .id = "number",
                      .pod = p->name,
                      .text = "the new member's server to answer",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = NEWSET_NUMBER_MS,
                      .watchful = true,
                      .check = replacement_look_number,
                      .on = cluster,
                      .ctx = &n };

    if (wait_until(cluster->run, &w, e) < 0) {
        return -1;
    }
    if (n.number == 0) {
        err_set(e, ERR_UNHEALTHY, "%s has server_id 0 and cannot replicate", p->name);
        err_reason(e, "SERVER_ID");
        return err_hint(e, "the scripts of this version do not number the members of a "
                           "replacement set; use --strategy in-place");
    }
    replacement_tell_number(cluster, p, n.number);
    return 0;
}
