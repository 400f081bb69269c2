#include "preflight/rights.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/procedure.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kubedb/checks.h"
#include "kubedb/workload.h"
#include "run/course.h"
#include "run/target.h"

enum { RIGHTS_ROWS = RIGHTS_MAX };

void
rights_clear(struct rights *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free(r->missing[i]);
    }
    *r = (struct rights){ 0 };
}

bool
rights_may_exec(const struct rights *r)
{
    for (size_t i = 0; i < r->n; i++) {
        if (str_ends(r->missing[i], "pods/exec")) {
            return false;
        }
    }
    return true;
}

bool
rights_has(const struct rights *r, const char *right)
{
    for (size_t i = 0; i < r->n; i++) {
        if (str_eq(r->missing[i], right)) {
            return false;
        }
    }
    return true;
}

/* One review of all rules in the namespace. */
static int
rights_review(const struct target *target, json_t **review, struct err *e)
{
    struct kube_ref ref = { .group = "authorization.k8s.io",
                            .version = "v1",
                            .resource = "selfsubjectrulesreviews" };
    auto_json json_t *body = mem_check(json_pack(
        "{s:s, s:s, s:{s:s}}", "apiVersion", "authorization.k8s.io/v1", "kind",
        "SelfSubjectRulesReview", "spec", "namespace", target->request->name_space));

    if (kube_review(target->kube, &ref, body, review, e) < 0) {
        return err_wrap(e, "the rights of this user");
    }
    return 0;
}

/* A review of rules may be incomplete (webhook authorizers): ask for the one right. */
static int
rights_confirm(const struct target *target, const struct preflight_right *r,
               bool *allowed, struct err *e)
{
    struct kube_ref ref = { .group = "authorization.k8s.io",
                            .version = "v1",
                            .resource = "selfsubjectaccessreviews" };
    auto_free char *resource = mem_strndup(r->resource, strcspn(r->resource, "/"));
    const char *slash = strchr(r->resource, '/');
    auto_json json_t *review = NULL;
    auto_json json_t *body = mem_check(
        json_pack("{s:s, s:s, s:{s:{s:s, s:s, s:s, s:s, s:s}}}", "apiVersion",
                  "authorization.k8s.io/v1", "kind", "SelfSubjectAccessReview", "spec",
                  "resourceAttributes", "verb", r->verb, "group", r->group, "resource",
                  resource, "subresource", slash != NULL ? slash + 1 : "", "namespace",
                  r->cluster ? "" : target->request->name_space));

    if (kube_review(target->kube, &ref, body, &review, e) < 0) {
        return err_wrap(e, "the rights of this user");
    }
    *allowed = json_path_true(review, "status.allowed");
    return 0;
}

/* Whether a set that an upgrade begins with has other images than the catalogue says of
 * its version. */
static bool
rights_has_own_images(struct cluster *cluster)
{
    bool own = false;

    for (size_t i = 0; course_is_forward(cluster->run) && !cluster->plan->midway &&
                       cluster->plan->from != NULL && !own && i < cluster->n_sets;
         i++) {
        scope_cleanup(image_changes_free) struct image_changes c = { 0 };
        const json_t *template = sets_template(cluster, &cluster->sets[i]);
        struct err ignored = { 0 };

        own = template != NULL &&
              workload_images(cluster->target->engine, template, cluster->plan->from, &c,
                              &ignored) == 0 &&
              image_changes_count(&c) > 0;
    }
    return own;
}

int
rights_ask(struct cluster *cluster, bool rehearsal, struct rights *out, struct err *e)
{
    struct preflight_right rows[RIGHTS_ROWS];
    unsigned with = (cluster->target->petset ? PREFLIGHT_PETSET : 0U) |
                    (rehearsal ? PREFLIGHT_REHEARSAL : 0U) |
                    (rights_has_own_images(cluster) ? PREFLIGHT_OWN_IMAGES : 0U) |
                    (cluster->plan->procedure->two_sets ? PREFLIGHT_BY_NEW_SET : 0U);
    size_t n = preflight_rights(cluster->target->engine, with, rows, RIGHTS_ROWS);
    auto_json json_t *review = NULL;

    if (rights_review(cluster->target, &review, e) < 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        bool allowed = preflight_granted(json_path(review, "status"), &rows[i]);

        if (!allowed && rights_confirm(cluster->target, &rows[i], &allowed, e) < 0) {
            return -1;
        }
        if (!allowed) {
            out->missing[out->n++] =
                mem_printf("%s %s%s%s", rows[i].verb, rows[i].resource,
                           rows[i].group[0] != '\0' ? "." : "", rows[i].group);
        }
    }
    return 0;
}
