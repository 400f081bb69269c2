#include <jansson.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "engine/new_set.h"
#include "engine/topology.h"
#include "kube/client.h"
#include "kubedb/catalog.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/run.h"
#include "run/target.h"

/* -- the preflight -- */

static void
replacement_ask_donor(struct cluster *cluster, struct member *p,
                      struct replacement_facts *out)
{
    struct new_set_donor *d = &out->donors[out->facts.n_donors];
    auto_free char *answer = NULL;
    struct err silent = { 0 };

    if (session_ask(cluster, p, cluster->target->engine->new_set->donor_sql, &answer,
                    &silent) == 0) {
        *d = (struct new_set_donor){ 0 };
        new_set_parse_donor(answer, d);
        str_copy(d->version, sizeof d->version, p->version);
        out->facts.n_donors++;
    }
}

static void
replacement_ask_quotas(const struct target *target, struct replacement_facts *out)
{
    const struct kube_ref ref = { .group = "",
                                  .version = "v1",
                                  .resource = "resourcequotas",
                                  .name_space = target->request->name_space };
    auto_json json_t *list = NULL;
    struct err ignored = { 0 };

    if (kube_list(target->kube, &ref, NULL, &list, &ignored) == 0) {
        out->quotas = json_incref(json_object_get(list, "items"));
    }
}

/* What the largest member has. */
static long long
replacement_bytes(const struct cluster *cluster)
{
    long long bytes = -1;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        const struct measure *m =
            engine_find_measure(&cluster->pods[i].before, "bytes", "");

        bytes = m != NULL && m->value > bytes ? m->value : bytes;
    }
    return bytes;
}

/* Of a set, how many members take part; *silent: how many pods are there that do not
 * answer. */
static size_t
replacement_count_serving(struct cluster *cluster, const struct member_set *s,
                          size_t *silent_ones)
{
    size_t n = 0;

    *silent_ones = 0;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        struct member_report m = { 0 };
        struct err silent = { 0 };

        if (p->set != s || !sets_has_pod(p) ||
            mirror_pod_object(cluster, p->name) == NULL) {
            continue;
        }
        if (session_member(cluster, p, &m, &silent) < 0) {
            ++*silent_ones;
        } else {
            n += engine_member_serves(cluster->plan->topology, &m) ? 1 : 0;
        }
        member_report_clear(&m);
    }
    return n;
}

/* A new member is compared with what the largest of the old ones had. */
static void
replacement_expect(struct cluster *cluster)
{
    const struct member *like = NULL;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        if (cluster->pods[i].before.n > 0 &&
            (like == NULL || cluster->pods[i].role == MEMBER_PRIMARY)) {
            like = &cluster->pods[i];
        }
    }
    for (size_t i = 0; like != NULL && i < cluster->n_pods; i++) {
        if (cluster->pods[i].before.n == 0) {
            cluster->pods[i].before = like->before;
        }
    }
}

void
replacement_ask(struct cluster *cluster, bool may_ask, struct replacement_facts *out)
{
    const struct member_set *old = &cluster->sets[0];

    if (!cluster->plan->procedure->two_sets || cluster->n_sets < 2) {
        return;
    }
    for (size_t i = 0;
         may_ask && engine_is_group(cluster->plan->topology) && i < cluster->n_pods;
         i++) {
        if (sets_has_pod(&cluster->pods[i])) {
            replacement_ask_donor(cluster, &cluster->pods[i], out);
        }
    }
    replacement_ask_quotas(cluster->target, out);
    replacement_expect(cluster);
    out->facts.set = cluster->sets[1].name;
    out->facts.old = old->name;
    out->facts.old_gone = old->absent;
    out->facts.old_serving =
        may_ask ? replacement_count_serving(cluster, old, &out->facts.old_silent)
                : old->size;
    out->facts.donors = out->donors;
    out->facts.bytes = replacement_bytes(cluster);
    out->facts.quotas = out->quotas;
}

void
replacement_facts_clear(struct replacement_facts *facts)
{
    json_decref(facts->quotas);
}

/* -- turning round -- */

int
replacement_check_return(struct cluster *cluster, struct err *e)
{
    const struct member_set *old = &cluster->sets[0];
    size_t silent = 0;

    if (!cluster->plan->procedure->two_sets) {
        return 0;
    }
    if (old->absent) {
        err_set(e, ERR_REFUSED, "workload %s was deleted", old->name);
        return err_reason(e, "return.members");
    }
    if (!replacement_is_same_version(cluster->plan) &&
        replacement_count_serving(cluster, old, &silent) == 0) {
        if (silent > 0) {
            return err_set(e, ERR_NETWORK, "the members of %s do not answer", old->name);
        }
        err_set(e, ERR_REFUSED,
                "the last member of the old version has left: a server of %s cannot join "
                "a group of %s",
                catalog_version(cluster->plan->from), catalog_version(cluster->plan->to));
        return err_reason(e, "return.members");
    }
    return 0;
}

void
replacement_reconsider(struct cluster *cluster)
{
    size_t silent = 0;

    if (cluster->plan->procedure->two_sets && !course_is_forward(cluster->run) &&
        !cluster->target->request->abort && cluster->n_sets > 1 &&
        !cluster->sets[0].absent && !cluster->sets[1].absent &&
        !replacement_is_same_version(cluster->plan) &&
        replacement_count_serving(cluster, &cluster->sets[0], &silent) == 0 &&
        silent == 0) {
        cluster->run->direction = DIRECTION_FORWARD;
        emit_note(cluster->run,
                  "no member of the old version is left in the group: a rollback is "
                  "impossible; continuing to the new version");
    }
}

/* -- what must differ -- */
