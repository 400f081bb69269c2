#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/replacement.h"
#include "kubedb/catalog.h"

enum { NEWSET_NUMBER_MS = 500 };

/* -- the preflight -- */

static void
newset_ask_donor(struct flow *f, struct flow_pod *p, struct newset_facts *out)
{
    struct new_set_donor *d = &out->donors[out->facts.n_donors];
    auto_free char *answer = NULL;
    struct err silent = { 0 };

    if (session_ask(f, p, f->en->new_set->donor_sql, &answer, &silent) == 0) {
        *d = (struct new_set_donor){ 0 };
        new_set_parse_donor(answer, d);
        str_copy(d->version, sizeof d->version, p->version);
        out->facts.n_donors++;
    }
}

static void
newset_ask_quotas(struct flow *f, struct newset_facts *out)
{
    const struct kube_ref ref = { .group = "",
                                  .version = "v1",
                                  .resource = "resourcequotas",
                                  .name_space = f->rq->name_space };
    auto_json json_t *list = NULL;
    struct err ignored = { 0 };

    if (kube_list(f->k, &ref, NULL, &list, &ignored) == 0) {
        out->quotas = json_incref(json_object_get(list, "items"));
    }
}

/* What the largest member has. */
static long long
newset_bytes(const struct flow *f)
{
    long long bytes = -1;

    for (size_t i = 0; i < f->n_pods; i++) {
        const struct measure *m = engine_find_measure(&f->pods[i].before, "bytes", "");

        bytes = m != NULL && m->value > bytes ? m->value : bytes;
    }
    return bytes;
}

/* Of a set, how many members take part; *silent: how many pods are there that do not
 * answer. */
static size_t
newset_count_serving(struct flow *f, const struct flow_set *s, size_t *silent_ones)
{
    size_t n = 0;

    *silent_ones = 0;

    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *p = &f->pods[i];
        struct member m = { 0 };
        struct err silent = { 0 };

        if (p->set != s || !sets_has_pod(p) || flow_pod_object(f, p->name) == NULL) {
            continue;
        }
        if (session_member(f, p, &m, &silent) < 0) {
            ++*silent_ones;
        } else {
            n += engine_member_serves(f->topology, &m) ? 1 : 0;
        }
        member_clear(&m);
    }
    return n;
}

/* A new member is compared with what the largest of the old ones had. */
static void
newset_expect(struct flow *f)
{
    const struct flow_pod *like = NULL;

    for (size_t i = 0; i < f->n_pods; i++) {
        if (f->pods[i].before.n > 0 &&
            (like == NULL || f->pods[i].role == MEMBER_PRIMARY)) {
            like = &f->pods[i];
        }
    }
    for (size_t i = 0; like != NULL && i < f->n_pods; i++) {
        if (f->pods[i].before.n == 0) {
            f->pods[i].before = like->before;
        }
    }
}

void
newset_ask(struct flow *f, bool may_ask, struct newset_facts *out)
{
    const struct flow_set *old = &f->sets[0];

    if (f->procedure != PROCEDURE_NEW_SET || f->n_sets < 2) {
        return;
    }
    for (size_t i = 0; may_ask && engine_is_group(f->topology) && i < f->n_pods; i++) {
        if (sets_has_pod(&f->pods[i])) {
            newset_ask_donor(f, &f->pods[i], out);
        }
    }
    newset_ask_quotas(f, out);
    newset_expect(f);
    out->facts.set = f->sets[1].name;
    out->facts.old = old->name;
    out->facts.old_gone = old->absent;
    out->facts.old_serving =
        may_ask ? newset_count_serving(f, old, &out->facts.old_silent) : old->size;
    out->facts.donors = out->donors;
    out->facts.bytes = newset_bytes(f);
    out->facts.quotas = out->quotas;
}

void
newset_facts_clear(struct newset_facts *facts)
{
    json_decref(facts->quotas);
}

/* -- turning round -- */

int
newset_check_return(struct flow *f, struct err *e)
{
    const struct flow_set *old = &f->sets[0];
    size_t silent = 0;

    if (f->procedure != PROCEDURE_NEW_SET) {
        return 0;
    }
    if (old->absent) {
        err_set(e, ERR_REFUSED, "the set %s is deleted", old->name);
        return err_reason(e, "return.members");
    }
    if (!newset_is_same_version(f) && newset_count_serving(f, old, &silent) == 0) {
        if (silent > 0) {
            return err_set(e, ERR_NETWORK, "the members of %s do not answer", old->name);
        }
        err_set(e, ERR_REFUSED,
                "the last member of the old version is gone: a server of %s cannot join "
                "a group of %s",
                catalog_version(f->from), catalog_version(f->to));
        return err_reason(e, "return.members");
    }
    return 0;
}

void
newset_reconsider(struct flow *f)
{
    size_t silent = 0;

    if (f->procedure == PROCEDURE_NEW_SET && !flow_is_forward(f) && !f->rq->abort &&
        f->n_sets > 1 && !f->sets[0].absent && !f->sets[1].absent &&
        !newset_is_same_version(f) &&
        newset_count_serving(f, &f->sets[0], &silent) == 0 && silent == 0) {
        f->direction = FLOW_FORWARD;
        tell_note(f, "no member of the old version is left in the group: there is no way "
                     "back, and it goes on to the new one");
    }
}

/* -- what must differ -- */

struct newset_number {
    struct flow_pod *p;
    long long number; /* -1: it did not say */
};

static int
newset_ask_number(struct flow *f, struct flow_pod *p, long long *number, struct err *e)
{
    auto_free char *answer = NULL;

    if (session_ask(f, p, f->en->new_set->number_sql, &answer, e) < 0) {
        return -1;
    }
    *number = strtoll(answer, NULL, 10);
    return 0;
}

static int
newset_look_number(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    struct newset_number *n = ctx;
    const json_t *object = flow_pod_object(f, n->p->name);

    str_copy(s->want, sizeof s->want, "its server answers");
    str_copy(s->now, sizeof s->now, "no pod yet");
    if (json_path_int(sets_object(f, n->p->set), "spec.replicas", 0) <= n->p->ordinal) {
        return 0; /* the mirror is late */
    }
    if (object == NULL) {
        return obstacle_absent(f, n->p, s, e);
    }
    pod_doing(object, clock_wall_ms(), s->now, sizeof s->now);
    if (member_check_broken(f, n->p, e) < 0 || obstacle_creating(f, n->p, s, e) < 0) {
        return -1;
    }
    if (flow_pod_is_ready(f, n->p)) {
        s->done = true;
    }
    if (newset_ask_number(f, n->p, &n->number, e) < 0) {
        return flow_is_transient(e) ? (err_clear(e), 0) : -1;
    }
    s->done = true;
    return 0;
}

/* KubeDB's scripts number members by their place in their set, so that a new one has the
 * number of an old one. Group replication goes by other names, and that nothing was
 * ignored is what the gate of the position proves. */
static void
newset_tell_number(struct flow *f, const struct flow_pod *p, long long number)
{
    for (size_t i = 0; number > 0 && flow_is_forward(f) && i < f->n_pods; i++) {
        struct flow_pod *q = &f->pods[i];
        struct err silent = { 0 };
        long long other = -1;

        if (q != p && sets_has_pod(q) && newset_ask_number(f, q, &other, &silent) == 0 &&
            other == number) {
            tell_note(f, "%s and %s both have the server_id %lld, until the old one goes",
                      p->name, q->name, number);
            return;
        }
    }
}

int
newset_check_number(struct flow *f, struct flow_pod *p, struct err *e)
{
    struct newset_number n = { .p = p, .number = -1 };
    struct wait w = { .id = "number",
                      .pod = p->name,
                      .text = "the new member's server to answer",
                      .limit_ms = f->rq->pod_timeout_ms,
                      .probe_ms = NEWSET_NUMBER_MS,
                      .watchful = true,
                      .check = newset_look_number,
                      .ctx = &n };

    if (flow_wait(f, &w, e) < 0) {
        return -1;
    }
    if (n.number == 0) {
        err_set(e, ERR_UNHEALTHY, "%s has the server_id 0: it cannot replicate", p->name);
        err_reason(e, "SERVER_ID");
        return err_hint(e, "the scripts of this version do not number the members of "
                           "another set: --strategy in-place");
    }
    newset_tell_number(f, p, n.number);
    return 0;
}
