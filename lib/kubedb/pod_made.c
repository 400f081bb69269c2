#include "kubedb/pod_made.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "kubedb/rehearsal_job.h"

/* -- the pod -- */

static void
made_set_text(json_t *o, const char *key, const char *value)
{
    (void)json_object_set_new(o, key, mem_check(json_string(value)));
}

static json_t *
made_copy(const json_t *from, const char *path)
{
    const json_t *value = json_path(from, path);

    return mem_check(json_is_object(value) ? json_deep_copy(value) : json_object());
}

static json_t *
made_metadata(const struct pod_made *m)
{
    json_t *labels = made_copy(m->set, "spec.template.metadata.labels");
    const char *revision = json_path_str(m->set, "status.updateRevision");
    const char *dash = strrchr(m->member, '-');

    made_set_text(labels, "statefulset.kubernetes.io/pod-name", m->member);
    if (dash != NULL) {
        made_set_text(labels, "apps.kubernetes.io/pod-index", dash + 1);
    }
    if (*revision != '\0') {
        made_set_text(labels, "controller-revision-hash", revision);
    }
    return mem_check(json_pack(
        "{s:s, s:s, s:o, s:o, s:[{s:s, s:s, s:s, s:s, s:b}]}", "name", m->name,
        "namespace", json_path_str(m->set, "metadata.namespace"), "labels", labels,
        "annotations", made_copy(m->set, "spec.template.metadata.annotations"),
        "ownerReferences", "apiVersion",
        m->petset ? "apps.k8s.appscode.com/v1" : "apps/v1", "kind",
        m->petset ? "PetSet" : "StatefulSet", "name",
        json_path_str(m->set, "metadata.name"), "uid",
        json_path_str(m->set, "metadata.uid"), "controller", 1));
}

static void
made_set_images(const struct pod_made *m, json_t *spec)
{
    for (size_t i = 0; i < m->images->n; i++) {
        const struct image_change *c = &m->images->at[i];
        json_t *container =
            json_array_find(json_path(spec, c->init ? "initContainers" : "containers"),
                            "name", c->container, NULL);
        json_t *variable =
            c->variable != NULL
                ? json_array_find(json_path(container, "env"), "name", c->variable, NULL)
                : container;

        if (variable != NULL) {
            made_set_text(variable, c->variable != NULL ? "value" : "image",
                          m->wanted ? c->to : c->from);
        }
    }
}

/* A claim takes the place of the template's volume of its name. */
static void
made_set_claims(const struct pod_made *m, json_t *spec)
{
    json_t *volumes = json_object_get(spec, "volumes");
    size_t i = 0;
    json_t *claim = NULL;

    if (!json_is_array(volumes)) {
        volumes = mem_check(json_array());
        (void)json_object_set_new(spec, "volumes", volumes);
    }
    json_array_foreach (json_path(m->set, "spec.volumeClaimTemplates"), i, claim) {
        const char *name = json_path_str(claim, "metadata.name");
        auto_free char *full = mem_printf("%s-%s", name, m->member);
        json_t *volume = mem_check(json_pack("{s:s, s:{s:s}}", "name", name,
                                             "persistentVolumeClaim", "claimName", full));
        size_t at = 0;

        if (json_array_find(volumes, "name", name, &at) != NULL) {
            (void)json_array_set_new(volumes, at, volume);
        } else {
            (void)json_array_append_new(volumes, volume);
        }
    }
}

json_t *
pod_made(const struct pod_made *m)
{
    const char *service = json_path_str(m->set, "spec.serviceName");
    json_t *spec = made_copy(m->set, "spec.template.spec");

    made_set_text(spec, "hostname", m->member);
    if (*service != '\0') {
        made_set_text(spec, "subdomain", service);
    }
    made_set_images(m, spec);
    made_set_claims(m, spec);
    return mem_check(json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Pod",
                               "metadata", made_metadata(m), "spec", spec));
}

/* -- quotas -- */

/* What a container takes of a resource, as a quota counts it ("requests.cpu", "cpu"). */
static double
made_takes(const json_t *container, const char *resource)
{
    const char *of = str_starts(resource, "limits.") ? "limits" : "requests";
    const char *dot = str_starts(resource, "limits.") || str_starts(resource, "requests.")
                          ? strchr(resource, '.') + 1
                          : resource;
    const char *text = json_string_value(json_object_get(
        json_object_get(json_object_get(container, "resources"), of), dot));
    double n = text != NULL ? rehearsal_quantity(text) : 0;

    return n > 0 ? n : 0;
}

/* What a pod takes: its containers together, or the largest that comes before them. */
static double
made_pod_takes(const json_t *pod, const char *resource)
{
    double sum = 0;
    double most = 0;
    size_t i = 0;
    json_t *container = NULL;

    if (pod == NULL) {
        return 0;
    }
    if (str_eq(resource, "pods") || str_eq(resource, "count/pods")) {
        return 1;
    }
    json_array_foreach (json_path(pod, "spec.containers"), i, container) {
        sum += made_takes(container, resource);
    }
    json_array_foreach (json_path(pod, "spec.initContainers"), i, container) {
        double n = made_takes(container, resource);

        if (str_eq(json_path_str(container, "restartPolicy"), "Always")) {
            sum += n;
        } else {
            most = n > most ? n : most;
        }
    }
    return sum > most ? sum : most;
}

/* The amount of a resource in a list "requested: a=1,b=2Gi", which ends at ", used:" or
 * at the text's end; -1: it is not there. */
static double
made_amount(const char *list, const char *resource, size_t len)
{
    while (list != NULL && *list != '\0' && *list != ' ') {
        size_t item = strcspn(list, ", :");

        if (item > len && strncmp(list, resource, len) == 0 && list[len] == '=') {
            auto_free char *text = mem_strndup(list + len + 1, item - len - 1);

            return rehearsal_quantity(text);
        }
        list += item + (list[item] == ',' ? 1 : 0);
    }
    return -1;
}

static const char *
made_list(const char *message, const char *word)
{
    const char *at = strstr(message, word);

    return at != NULL ? at + strlen(word) : NULL;
}

/* The words of the admission plugin (plugin/pkg/admission/resourcequota):
 * "exceeded quota: NAME, requested: pods=1, used: pods=3, limited: pods=3". */
static bool
made_fits(const char *message, const json_t *old)
{
    const char *requested = made_list(message, "requested: ");
    const char *used = made_list(message, "used: ");
    const char *limited = made_list(message, "limited: ");
    bool any = false;

    if (used == NULL || limited == NULL || strstr(limited, "exceeded quota") != NULL) {
        return false;
    }
    while (requested != NULL && *requested != '\0' && *requested != ' ') {
        size_t item = strcspn(requested, ", :");
        size_t len = strcspn(requested, "=");
        auto_free char *name = mem_strndup(requested, len < item ? len : item);
        double wants = made_amount(requested, name, strlen(name));
        double has = made_amount(used, name, strlen(name));
        double most = made_amount(limited, name, strlen(name));

        if (wants < 0 || has < 0 || most < 0 ||
            has - made_pod_takes(old, name) + wants > most * (1 + 1e-9)) {
            return false;
        }
        any = true;
        requested += item + (requested[item] == ',' ? 1 : 0);
    }
    return any;
}

enum pod_verdict
pod_judge_refusal(const struct err *e, const json_t *old)
{
    if (e->status == 400 && strstr(e->msg, "does not support dry run") != NULL) {
        return POD_NOT_TOLD;
    }
    if (e->status == 403 && strstr(e->msg, "exceeded quota") != NULL) {
        return made_fits(e->msg, old) ? POD_TAKEN : POD_REFUSED;
    }
    if (e->status == 403 && strstr(e->msg, "cannot create resource") != NULL) {
        return POD_NOT_TOLD;
    }
    if (e->status == 403 || e->status == 422) {
        return POD_REFUSED;
    }
    return (e->status == 400 || e->status == 500) && strstr(e->msg, "webhook") != NULL
               ? POD_REFUSED
               : POD_NOT_TOLD;
}
