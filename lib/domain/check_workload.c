/* Preflight: the set and its pods. */
#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "domain/check.h"
#include "domain/pod.h"

void
check_workload_found(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct workload *w = f->workload;

    if (w == NULL) {
        check_say(r, CHECK_ERROR, "%s",
                  f->set_trouble != NULL ? f->set_trouble : "no set of pods was found");
    } else if (f->db->replicas >= 0 && f->db->replicas != w->replicas) {
        check_say(r, CHECK_ERROR, "%s %s has %lld replicas, %s %s wants %lld", w->kind,
                  w->name, w->replicas, f->engine->kind, f->db->name, f->db->replicas);
        check_hint(r, "finish the scaling first");
    } else {
        check_say(r, CHECK_OK, "%s %s, %lld replica%s", w->kind, w->name, w->replicas,
                  w->replicas == 1 ? "" : "s");
    }
}

void
check_workload_images(const struct preflight_facts *f, struct preflight_result *r)
{
    if (f->set_trouble != NULL) {
        check_say(r, CHECK_ERROR, "%s", f->set_trouble);
        return;
    }
    check_say(r, CHECK_OK, "%zu of %zu change",
              image_changes_count(f->images) + image_changes_count_variables(f->images),
              f->images->n);
    for (size_t i = 0; i < f->images->n; i++) {
        const struct image_change *c = &f->images->at[i];

        if (c->variable == NULL && str_eq(c->container, f->engine->container)) {
            str_append(r->text, sizeof r->text, "; %s: %s", c->container, c->to);
        }
    }
}

void
check_workload_strategy(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct workload *w = f->workload;

    if (!str_eq(w->strategy, "OnDelete")) {
        check_say(r, CHECK_WARNING,
                  "the update strategy of %s %s is %s: it will be OnDelete", w->kind,
                  w->name, *w->strategy != '\0' ? w->strategy : "not set");
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
check_pod_is_foreign(const struct preflight_facts *f, const char *name)
{
    struct pod pod = { 0 };
    struct err e = { 0 };

    return *f->workload->update_revision != '\0' &&
           pod_parse(f->engine, json_object_get(f->pods, name), &pod, &e) == 0 &&
           !str_eq(pod.revision, f->workload->update_revision);
}

void
check_health_pods(const struct preflight_facts *f, struct preflight_result *r)
{
    long long foreign = 0;

    for (long long i = 0; i < f->workload->replicas; i++) {
        char name[256];
        char text[400];

        (void)snprintf(name, sizeof name, "%s-%lld", f->workload->name, i);
        if (check_pod_trouble(f, name, text, sizeof text)) {
            check_say(r, CHECK_ERROR, "%s", text);
            return;
        }
        foreign += check_pod_is_foreign(f, name) ? 1 : 0;
    }
    check_say(r, CHECK_OK, "%lld/%lld ready", f->workload->replicas,
              f->workload->replicas);
    if (foreign > 0) {
        /* With OnDelete that is normal: the template changed and nobody restarted them.
         */
        str_append(r->text, sizeof r->text, ", %lld of an older revision of the set",
                   foreign);
    }
}
