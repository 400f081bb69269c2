#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/sets.h"
#include "kubedb/pod.h"
#include "kubedb/workload.h"
#include "member/diagnose.h"
#include "member/member_state.h"
#include "run/course.h"
#include "run/target.h"
#include "run/wait.h"

/*
 * A pod that comes with other images than its set's.
 */

/* Whether the set's controller made the pod from the template as it is now, which has the
 * wanted images: what differs was changed on the way. */
static bool
member_is_of_template(const struct cluster *cluster, const struct member *p,
                      const json_t *pod)
{
    const json_t *set = sets_object(cluster, p->set);
    const char *made = json_string_value(
        json_object_get(json_path(pod, "metadata.labels"), "controller-revision-hash"));
    struct workload w = { 0 };
    struct err ignored = { 0 };

    return set != NULL && made != NULL && workload_parse(set, &w, &ignored) == 0 &&
           str_eq(w.update_revision, made) &&
           workload_has_images(json_path(set, "spec.template.spec"), &p->set->images,
                               course_is_forward(cluster->run), NULL, 0);
}

int
member_explain_images(struct cluster *cluster, struct member *p, struct err *e)
{
    const json_t *pod = mirror_pod_object(cluster, p->name);
    const struct target *target = cluster->target;
    char container[128] = "";
    char text[1024] = "its images differ";

    (void)workload_pod_has_images(json_path(pod, "spec"), &p->set->images,
                                  course_is_forward(cluster->run), text, sizeof text);
    if (!p->otherwise && !member_is_of_template(cluster, p, pod)) {
        p->otherwise = true;
        return err_set(e, ERR_CONFLICT,
                       "%s was recreated from an earlier template: %.400s", p->name,
                       text);
    }
    if (pod != NULL &&
        pod_is_broken(pod, clock_wall_ms(), container, sizeof container, e)) {
        err_wrap(e, "%s", p->name);
        err_detail(e, "it came with other images: %.400s", text);
        diagnose_log(cluster->run, p, container, e);
        return -1;
    }
    err_set(e, ERR_UNHEALTHY, "%s came with other images: %.800s", p->name, text);
    err_reason(e, "POD_OTHER_IMAGES");
    err_hint(e,
             "workload %s has the right images: an admission webhook changes those of "
             "its pods: kubectl get mutatingwebhookconfigurations",
             p->set->name);
    return err_hint(e, "correct it, then: kubectl dbupgrade resume %s %s%s",
                    target->engine->name, target->request->name,
                    target->request->command_flags);
}

bool
member_look_pod(const struct cluster *cluster, const struct member *p,
                struct wait_state *s)
{
    const json_t *pod = mirror_pod_object(cluster, p->name);
    char text[200] = "";

    if (pod == NULL) {
        (void)snprintf(s->now, sizeof s->now, "there is no pod %s", p->name);
        return false;
    }
    if (!mirror_pod_is_there(cluster, p)) {
        (void)workload_pod_has_images(json_path(pod, "spec"), &p->set->images,
                                      course_is_forward(cluster->run), text, sizeof text);
        (void)snprintf(s->now, sizeof s->now, "%s: %s", p->name,
                       text[0] != '\0' ? text : "it is of the other set");
        return false;
    }
    if (!mirror_pod_is_ready(cluster, p)) {
        (void)snprintf(s->now, sizeof s->now, "%s is %.200s", p->name,
                       pod_doing(pod, clock_wall_ms(), text, sizeof text));
        return false;
    }
    return true;
}
