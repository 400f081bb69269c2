/* Preflight: the set and its pods. */
#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "kubedb/check.h"
#include "kubedb/pod.h"

/* How many sets there should be besides the members'. */
static size_t
check_followers_wanted(const struct preflight_facts *f)
{
    return f->engine->object.followers_path != NULL
               ? json_array_size(json_path(f->object, f->engine->object.followers_path))
               : 0;
}

static size_t
check_count_followers(const struct preflight_facts *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_followers; i++) {
        n += f->followers[i].made || f->followers[i].front != NULL ? 0 : 1;
    }
    return n;
}

void
check_workload_found(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct workload *w = f->set.workload;

    if (w == NULL) {
        check_say(r, CHECK_ERROR, "%s",
                  f->set.trouble != NULL ? f->set.trouble
                                         : "no PetSet or StatefulSet found");
    } else if (f->db->replicas >= 0 && f->db->replicas != w->replicas &&
               !(f->new_set != NULL && f->course.resuming)) {
        check_say(r, CHECK_ERROR, "%s %s has %lld replicas, %s %s wants %lld", w->kind,
                  w->name, w->replicas, f->engine->api.kind, f->db->name,
                  f->db->replicas);
        check_hint(r, "finish the scaling first");
    } else if (check_count_followers(f) != check_followers_wanted(f)) {
        check_say(r, CHECK_ERROR, "%s has %zu groups, but %zu workloads",
                  f->engine->object.followers_path, check_followers_wanted(f),
                  check_count_followers(f));
        check_hint(r, "wait until the operator has created or deleted them");
    } else {
        check_say(r, CHECK_OK, "%s %s, %lld replica%s", w->kind, w->name, w->replicas,
                  w->replicas == 1 ? "" : "s");
        for (size_t i = 0; i < f->n_followers; i++) {
            const struct preflight_set *s = &f->followers[i];

            str_append(r->text, sizeof r->text, "; %s%s: %s, %lld",
                       s->front != NULL ? s->front
                       : s->made        ? "new"
                                        : "following",
                       s->front != NULL ? "s" : "", s->workload.name,
                       s->workload.replicas);
        }
    }
}

void
check_workload_images(const struct preflight_facts *f, struct preflight_result *r)
{
    size_t changing = 0;
    size_t all = 0;

    if (f->set.trouble != NULL) {
        check_say(r, CHECK_ERROR, "%s", f->set.trouble);
        return;
    }
    for (size_t i = 0; i <= f->n_followers; i++) {
        const struct image_changes *c =
            i > 0 ? f->followers[i - 1].images : f->set.images;

        changing += image_changes_count(c) + image_changes_count_variables(c);
        all += c->n;
    }
    check_say(r, CHECK_OK, "%zu of %zu change", changing, all);
    for (size_t i = 0; i < f->set.images->n; i++) {
        const struct image_change *c = &f->set.images->at[i];

        if (c->variable == NULL && str_eq(c->container, f->engine->container)) {
            str_append(r->text, sizeof r->text, "; %s: %s", c->container, c->to);
        }
    }
}

void
check_workload_strategy(const struct preflight_facts *f, struct preflight_result *r)
{
    for (size_t i = 0; i <= f->n_followers; i++) {
        const struct workload *w =
            i > 0 ? &f->followers[i - 1].workload : f->set.workload;

        if (!str_eq(w->strategy, "OnDelete")) {
            check_say(r, CHECK_WARNING,
                      "the update strategy of %s %s is %s: it will be set to OnDelete",
                      w->kind, w->name, *w->strategy != '\0' ? w->strategy : "not set");
        }
    }
}

/* Why a pod cannot be upgraded now; false if it can. */
static bool
check_pod_trouble(const struct preflight_facts *f, const char *name, char *text,
                  size_t size)
{
    const json_t *object = json_object_get(f->pods, name);
    struct pod pod = { 0 };
    struct err e = { 0 };
    char doing[256];

    if (object == NULL) {
        (void)snprintf(text, size, "%s does not exist", name);
    } else if (pod_parse(f->engine, object, &pod, &e) < 0) {
        (void)snprintf(text, size, "%s: %s", name, e.msg);
    } else if (pod.deleting) {
        (void)snprintf(text, size, "%s is being deleted", name);
    } else if (!pod.ready) {
        (void)snprintf(text, size, "%s: %s", name,
                       pod_doing(object, 0, doing, sizeof doing));
    } else {
        return false;
    }
    return true;
}

static bool
check_pod_is_foreign(const struct preflight_facts *f, const struct check_pod *of)
{
    struct pod pod = { 0 };
    struct err e = { 0 };

    return *of->workload->update_revision != '\0' &&
           pod_parse(f->engine, json_object_get(f->pods, of->name), &pod, &e) == 0 &&
           !str_eq(pod.revision, of->workload->update_revision);
}

void
check_health_pods(const struct preflight_facts *f, struct preflight_result *r)
{
    struct check_pod pod = { 0 };
    long long foreign = 0;
    size_t n = 0;

    for (; check_next_pod(f, &pod); n++) {
        char text[400];

        if (pod.front) {
            break; /* the last; where they lead is asked of themselves */
        }
        if (check_pod_trouble(f, pod.name, text, sizeof text)) {
            check_say(r, CHECK_ERROR, "%s", text);
            return;
        }
        foreign += check_pod_is_foreign(f, &pod) ? 1 : 0;
    }
    check_say(r, CHECK_OK, "%zu/%zu ready", n, n);
    if (foreign > 0) {
        /* With OnDelete that is normal: the template changed and nobody restarted them.
         */
        str_append(r->text, sizeof r->text, ", %lld with an older revision", foreign);
    }
}
