#include "preflight/pod_check.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/routers.h"
#include "cluster/sets.h"
#include "kube/client.h"
#include "kubedb/pod_made.h"
#include "kubedb/workload.h"
#include "preflight/rights.h"
#include "run/course.h"
#include "run/run.h"
#include "run/target.h"

enum { POD_CHECK_REFS = 128, POD_CHECK_SETS = SETS_MAX + 1 };

/* The sets whose pods the run will have made, with one of their pods. */
struct pod_check_set {
    struct member_set *set;
    const char *member;
};

static void
pod_check_add(struct cluster *cluster, struct member_set *s, const struct member *pods,
              size_t n, struct pod_check_set *out)
{
    *out = (struct pod_check_set){ .set = s };
    for (size_t i = 0; i < n; i++) {
        if (pods[i].set == s &&
            (out->member == NULL || mirror_pod_object(cluster, out->member) == NULL)) {
            out->member = pods[i].name;
        }
    }
}

static size_t
pod_check_sets(struct cluster *cluster, struct pod_check_set *out)
{
    size_t n = 0;

    for (size_t i = 0; i < cluster->n_sets; i++) {
        struct member_set *s = &cluster->sets[i];

        if (sets_is_goal(cluster->run, s) && sets_template(cluster, s) != NULL) {
            pod_check_add(cluster, s, cluster->pods, cluster->n_pods, &out[n]);
            n += out[n].member != NULL ? 1 : 0;
        }
    }
    if (routers_is_there(cluster)) {
        pod_check_add(cluster, &cluster->routers->set, cluster->routers->pods,
                      routers_count(cluster), &out[n]);
        n += out[n].member != NULL ? 1 : 0;
    }
    return n;
}

/* Who walks back may have to do so whatever else is amiss. */
static enum check_severity
pod_check_severity(const struct cluster *cluster)
{
    return course_is_forward(cluster->run) ? CHECK_ERROR : CHECK_WARNING;
}

/* -- what pods refer to -- */

struct pod_check_refs {
    struct cluster *cluster;
    struct preflight_result *result;
    bool denied[POD_REF_KINDS];
    size_t found, missing, unsure;
    char pull[160];  /* a pull secret that is missing */
    char fault[160]; /* why one could not be looked at */
};

static void
pod_check_say_missing(struct pod_check_refs *c, const struct pod_ref *ref, bool key)
{
    c->result->severity = pod_check_severity(c->cluster);
    str_append(c->result->text, sizeof c->result->text,
               "%s%s%.100s%s%s %.100s (%s%s%.60s)",
               c->missing++ > 0 ? ", " : "missing: ", key ? "key " : "",
               key ? ref->key : "", key ? " of " : "", pod_ref_kind_name(ref->kind),
               ref->name, ref->what, *ref->of != '\0' ? " " : "", ref->of);
}

/* Names whose values are looked at only for whether they are there. */
static bool
pod_check_has_key(const json_t *object, const char *key)
{
    return json_object_get(json_object_get(object, "data"), key) != NULL ||
           json_object_get(json_object_get(object, "binaryData"), key) != NULL;
}

static void
pod_check_ref(struct pod_check_refs *c, const struct pod_ref *ref)
{
    const struct target *target = c->cluster->target;
    struct kube_ref at = { .group = "",
                           .version = "v1",
                           .resource = pod_ref_resource(ref->kind),
                           .name_space = target->request->name_space,
                           .name = ref->name };
    bool pull = str_eq(ref->what, "imagePullSecrets");
    auto_json json_t *object = NULL;
    struct err e = { 0 };
    int got = 0;

    if (c->denied[ref->kind] || (ref->optional && !pull)) {
        c->unsure += c->denied[ref->kind] ? 1 : 0;
        return;
    }
    got = ref->key != NULL ? kube_get(target->kube, &at, &object, &e)
                           : kube_get_meta(target->kube, &at, &object, &e);
    if (got == 0 && (ref->key == NULL || pod_check_has_key(object, ref->key))) {
        c->found++;
    } else if (pull && e.code == ERR_NOT_FOUND) {
        (void)snprintf(c->pull, sizeof c->pull, "%.100s", ref->name);
    } else if (got == 0 || e.code == ERR_NOT_FOUND) {
        pod_check_say_missing(c, ref, got == 0);
    } else {
        c->unsure++;
        c->denied[ref->kind] = e.code == ERR_FORBIDDEN;
        (void)snprintf(c->fault, sizeof c->fault, "%.150s",
                       e.code == ERR_FORBIDDEN ? "" : e.msg);
    }
}

/* What it comes to, where nothing is missing. */
static void
pod_check_conclude(struct pod_check_refs *c)
{
    struct preflight_result *r = c->result;
    size_t n = 0;

    if (c->missing > 0) {
        (void)snprintf(r->hint, sizeof r->hint,
                       "a restarted pod would not start; create what is missing, or "
                       "correct the workload");
        return;
    }
    if (c->pull[0] != '\0') {
        check_say(r, CHECK_WARNING, "imagePullSecrets names Secret %s, which is missing",
                  c->pull);
        return;
    }
    if (c->unsure == 0) {
        check_say(r, CHECK_OK, "%zu objects that the pods refer to exist", c->found);
        return;
    }
    check_say(r, CHECK_WARNING, "not checked whether objects of the pods exist: ");
    for (size_t i = 0; i < POD_REF_KINDS; i++) {
        if (c->denied[i]) {
            str_append(r->text, sizeof r->text, "%s%s",
                       n++ > 0 ? ", " : "not allowed: get ",
                       pod_ref_resource((enum pod_ref_kind)i));
        }
    }
    str_append(r->text, sizeof r->text, "%s%s", n > 0 && c->fault[0] != '\0' ? ", " : "",
               c->fault);
    (void)snprintf(r->hint, sizeof r->hint,
                   "a Secret or ConfigMap that is missing shows only after a member is "
                   "down");
}

static size_t
pod_check_refs(struct cluster *cluster, const struct pod_check_set *sets, size_t n,
               struct preflight_result *out)
{
    struct pod_check_refs c = { .cluster = cluster, .result = out };
    size_t all = 0;

    *out = (struct preflight_result){ .id = "pod.references" };
    for (size_t i = 0; i < n; i++) {
        const json_t *set = sets_template(cluster, sets[i].set);
        auto_json json_t *kept =
            json_incref(json_mutable(json_path(set, "spec.template.spec")));
        struct pod_ref refs[POD_CHECK_REFS];
        size_t found = pod_refs(kept, refs, POD_CHECK_REFS);

        for (size_t j = 0; j < found && j < POD_CHECK_REFS; j++) {
            pod_check_ref(&c, &refs[j]);
        }
        all += found;
    }
    pod_check_conclude(&c);
    return all > 0 ? 1 : 0;
}

/* -- admission -- */

/* The API server's own words, from where they begin to say why. */
static const char *
pod_check_words(const struct err *e)
{
    const char *forbidden = strstr(e->msg, "is forbidden: ");

    return forbidden != NULL ? forbidden + strlen("is forbidden: ") : e->msg;
}

static void
pod_check_judge(struct cluster *cluster, const struct pod_check_set *s,
                const struct err *e, struct preflight_result *r)
{
    enum pod_verdict v = pod_judge_refusal(e, mirror_pod_object(cluster, s->member));

    if (v == POD_TAKEN) {
        return;
    }
    if (v == POD_NOT_TOLD) {
        check_say(r, CHECK_WARNING, "not tried whether a new pod is admitted: %.400s",
                  e->msg);
        (void)snprintf(r->hint, sizeof r->hint,
                       "a policy that refuses it shows only after a member is down");
        return;
    }
    check_say(r, pod_check_severity(cluster),
              "a new pod of workload %s is refused: %.400s", s->set->name,
              pod_check_words(e));
    (void)snprintf(
        r->hint, sizeof r->hint, "%s",
        e->status == 500
            ? "repair the webhook, or delete its configuration; no pod is created while "
              "it does not answer"
            : "change the policy, quota or label that refuses it, or the workload; a "
              "policy that looks at who creates pods may refuse this user only: "
              "--skip-check pod.admission");
}

/* The set's images, with what a journal knows of those before: it is recalled later. */
static void
pod_check_images(const struct cluster *cluster, const struct member_set *s,
                 struct member_set *out)
{
    const json_t *journal = cluster->lock->journal;
    const json_t *known = routers_is_there(cluster) && s == &cluster->routers->set
                              ? json_path(journal, "front.images")
                              : sets_in_journal(journal, s);
    auto_json json_t *copy = image_changes_to_json(&s->images);
    auto_changes struct image_changes was = { 0 };
    struct err ignored = { 0 };

    (void)image_changes_from_json(copy, &out->images, &ignored);
    if (cluster->plan->resuming && known != NULL &&
        image_changes_from_json(known, &was, &ignored) == 0) {
        sets_take_old(out, &was, false);
    }
}

static void
pod_check_clear(struct member_set *s)
{
    image_changes_free(&s->images);
}

/* One pod of a set; false: it is known that it does not come as it should. */
static bool
pod_check_try(struct cluster *cluster, const struct pod_check_set *s,
              struct preflight_result *r)
{
    struct kube_ref ref = mirror_ref_pods(cluster->target);
    bool wanted = course_is_forward(cluster->run);
    auto_free char *name = mem_printf("%s-dbupgrade-try", s->member);
    auto_json json_t *made = NULL;
    scope_cleanup(pod_check_clear) struct member_set like = { 0 };
    struct err e = { 0 };
    char text[300];
    auto_json json_t *body =
        pod_made(&(struct pod_made){ .set = sets_template(cluster, s->set),
                                     .petset = cluster->target->petset,
                                     .images = &s->set->images,
                                     .wanted = wanted,
                                     .member = s->member,
                                     .name = name });

    if (kube_try_create(cluster->target->kube, &ref, body, &made, &e) < 0) {
        pod_check_judge(cluster, s, &e, r);
        return r->text[0] == '\0';
    }
    pod_check_images(cluster, s->set, &like);
    if (!workload_pod_has_images(json_path(made, "spec"), &like.images, wanted, text,
                                 sizeof text)) {
        check_say(r, pod_check_severity(cluster),
                  "a new pod of workload %s would come with other images: %s",
                  s->set->name, text);
        (void)snprintf(r->hint, sizeof r->hint,
                       "an admission webhook changes them, and not as in the pods that "
                       "run: kubectl get mutatingwebhookconfigurations");
        return false;
    }
    return true;
}

static size_t
pod_check_admission(struct cluster *cluster, const struct rights *rights,
                    const struct pod_check_set *sets, size_t n,
                    struct preflight_result *out)
{
    *out = (struct preflight_result){ .id = "pod.admission" };
    if (!rights_has(rights, "create pods")) {
        check_say(out, CHECK_WARNING,
                  "not tried whether a new pod is admitted: not allowed: create pods");
        (void)snprintf(out->hint, sizeof out->hint,
                       "a policy that refuses it shows only after a member is down");
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (!pod_check_try(cluster, &sets[i], out)) {
            return 1;
        }
    }
    check_say(out, CHECK_OK, "a new pod is admitted (dry run)");
    return 1;
}

size_t
pod_check_preflight(struct cluster *cluster, const struct rights *rights,
                    struct preflight_result *out, size_t max)
{
    struct pod_check_set sets[POD_CHECK_SETS];
    size_t n = pod_check_sets(cluster, sets);
    size_t got = 0;

    if (n == 0 || max < 2) {
        return 0;
    }
    got = pod_check_refs(cluster, sets, n, out);
    return got + pod_check_admission(cluster, rights, sets, n, out + got);
}
