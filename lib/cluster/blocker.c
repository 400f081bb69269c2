#include "cluster/blocker.h"

#include <jansson.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "kube/client.h"
#include "kubedb/pdb.h"
#include "kubedb/pod.h"
#include "kubedb/pod_events.h"
#include "run/target.h"
#include "run/wait.h"

/*
 * What keeps a pod from going or from coming that no status shows: disruption budgets,
 * and what the events of pod and set tell. All of it is read for the user's sake only:
 * who may not read it sees less, and nothing else changes.
 */

enum {
    OBSTACLE_FIRST_MS = 5 * 1000, /* so long all may be as it should */
    OBSTACLE_ASK_MS = 10 * 1000,
    OBSTACLE_BUDGET_MS = 5 * 1000,
    OBSTACLE_CREATE_MS = 20 * 1000, /* what frees itself is free by then */
    OBSTACLE_NODE_MS = 60 * 1000,   /* a volume takes less to leave another node */
    OBSTACLE_REPLY = 4 * 1024 * 1024,
};

/* -- events -- */

/* The array of events about an object; NULL when they cannot be had. */
static json_t *
blocker_events(const struct target *target, const char *uid, struct err *why)
{
    auto_buf struct buf text = BUF_LIMIT(OBSTACLE_REPLY);
    auto_json json_t *list = NULL;
    char path[512];

    (void)snprintf(path, sizeof path,
                   "/api/v1/namespaces/%s/events?fieldSelector=involvedObject.uid%%3D%s"
                   "&limit=500",
                   target->request->name_space, uid);
    if (kube_get_raw(target->kube, path, &text, why) < 0) {
        return NULL;
    }
    list = json_parse(buf_text(&text), text.len, "events", why);
    return json_incref(json_object_get(list, "items"));
}

/* Whether it is time to ask for the events of this object (a pod, or the set while there
 * is no pod). Another object begins anew. */
static bool
blocker_is_due(struct blocker *o, const char *about)
{
    long long now = clock_ms();

    if (!str_eq(o->about, about)) {
        *o = (struct blocker){ .began_ms = now };
        str_copy(o->about, sizeof o->about, about);
    }
    if (now - o->began_ms < OBSTACLE_FIRST_MS ||
        (o->asked_ms != 0 && now - o->asked_ms < OBSTACLE_ASK_MS)) {
        return false;
    }
    o->asked_ms = now;
    return true;
}

/* Remembers what was found, and since when there was something. */
static void
blocker_note(struct blocker *o, bool found, const struct event_trouble *t)
{
    if (!found) {
        o->since_ms = 0;
        o->text[0] = '\0';
        return;
    }
    o->since_ms = o->since_ms != 0 ? o->since_ms : clock_ms();
    o->reason = t->reason;
    o->hint = t->hint;
    str_copy(o->text, sizeof o->text, t->text);
}

/* Shows it; an error once it lasted for so long. */
static int
blocker_judge(const struct member *p, long long limit_ms, struct wait_state *s,
              struct err *e)
{
    const struct blocker *o = &p->blocker;

    if (o->since_ms == 0) {
        return 0;
    }
    (void)snprintf(s->now, sizeof s->now, "%.250s", o->text);
    if (clock_ms() - o->since_ms < limit_ms) {
        return 0;
    }
    err_set(e, ERR_UNHEALTHY, "%s: %s", p->name, o->text);
    err_reason(e, o->reason);
    return err_hint(e, "%s", o->hint);
}

int
blocker_absent(const struct target *target, struct member *p, struct wait_state *s,
               struct err *e)
{
    if (blocker_is_due(&p->blocker, p->set->uid)) {
        struct err why = { 0 };
        struct event_trouble t = { 0 };
        auto_json json_t *events = blocker_events(target, p->set->uid, &why);

        blocker_note(&p->blocker, events_of_set(events, p->name, &t), &t);
    }
    return blocker_judge(p, OBSTACLE_CREATE_MS, s, e);
}

int
blocker_creating(struct cluster *cluster, struct member *p, struct wait_state *s,
                 struct err *e)
{
    const json_t *object = mirror_pod_object(cluster, p->name);
    char uid[64];

    if (object == NULL || !pod_is_creating(object)) {
        return 0;
    }
    str_copy(uid, sizeof uid, json_path_str(object, "metadata.uid"));
    if (blocker_is_due(&p->blocker, uid)) {
        struct err why = { 0 };
        struct event_trouble t = { 0 };
        auto_json json_t *events = blocker_events(cluster->target, uid, &why);

        blocker_note(&p->blocker, events_of_pod(events, &t), &t);
    }
    return blocker_judge(p, OBSTACLE_NODE_MS, s, e);
}

bool
blocker_awaits_node(struct cluster *cluster, struct member *p)
{
    char uid[64];

    str_copy(uid, sizeof uid,
             json_path_str(mirror_pod_object(cluster, p->name), "metadata.uid"));
    if (blocker_is_due(&p->blocker, uid)) {
        struct err why = { 0 };
        auto_json json_t *events = blocker_events(cluster->target, uid, &why);

        p->blocker.scales = events_await_node(events);
    }
    return p->blocker.asked_ms == 0 || p->blocker.scales;
}

/* -- disruption budgets -- */

json_t *
blocker_budgets(const struct target *target)
{
    const struct kube_ref ref = { .group = "policy",
                                  .version = "v1",
                                  .resource = "poddisruptionbudgets",
                                  .name_space = target->request->name_space };
    auto_json json_t *list = NULL;
    struct err ignored = { 0 };

    return kube_list(target->kube, &ref, NULL, &list, &ignored) == 0
               ? json_incref(json_object_get(list, "items"))
               : NULL;
}

/* What stands in the way of the pod's eviction, asked anew now and then. */
static void
blocker_ask_budgets(struct cluster *cluster, struct member *p, struct pdb_verdict *v)
{
    auto_json json_t *budgets = blocker_budgets(cluster->target);

    pdb_judge(budgets, mirror_pod_object(cluster, p->name), (long long)p->set->replicas,
              v);
    p->budget.asked_ms = clock_ms();
    str_copy(p->budget.text, sizeof p->budget.text, v->blocked ? v->text : "");
}

int
blocker_evict(struct cluster *cluster, struct member *p, struct wait_state *s,
              struct err *e)
{
    struct pdb_verdict v = { 0 };

    /* More than one budget is told as an error of the server. */
    if (e->status != 429 && e->status != 500) {
        return -1;
    }
    if (p->budget.asked_ms == 0 || clock_ms() - p->budget.asked_ms > OBSTACLE_BUDGET_MS) {
        blocker_ask_budgets(cluster, p, &v);
    }
    if (v.never) {
        err_set(e, ERR_REFUSED, "%s cannot be evicted: %s", p->name, v.text);
        err_reason(e, "PDB_NEVER");
        return err_hint(e, "change or delete it, then resume");
    }
    if (p->budget.text[0] == '\0') {
        return -1;
    }
    err_clear(e);
    (void)snprintf(s->now, sizeof s->now, "%.250s", p->budget.text);
    str_copy(s->want, sizeof s->want, "an eviction that the budget allows");
    return 0;
}
