#include <jansson.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "engine/role.h"
#include "kube/client.h"
#include "member/switchover.h"
#include "run/emit.h"
#include "run/target.h"

/*
 * The labels of the members' roles. They are the coordinators'; a hand-over only moves
 * them sooner than these would, and never over what somebody else wrote meanwhile.
 */

/* KubeDB's label of a member's role (kubedb.com/role = primary | standby). */
#define HANDOVER_ROLE "kubedb.com/role"

enum { HANDOVER_LABEL_TRIES = 4 };

/* What a pod's label says of its role; NULL: it has none. */
static const char *
switchover_role_of(const json_t *pod)
{
    return json_string_value(
        json_object_get(json_path(pod, "metadata.labels"), HANDOVER_ROLE));
}

static const char *
switchover_role(const struct cluster *cluster, const struct member *p)
{
    return switchover_role_of(mirror_pod_object(cluster, p->name));
}

/* Sets the label, unless the pod is another or was written to meanwhile. */
static int
switchover_patch(const struct target *target, const json_t *pod, const char *role,
                 struct err *e)
{
    struct kube_ref ref = mirror_ref_pods(target);
    auto_json json_t *patch = mem_check(json_pack(
        "{s:{s:s, s:s, s:{s:s}}}", "metadata", "uid", json_path_str(pod, "metadata.uid"),
        "resourceVersion", json_path_str(pod, "metadata.resourceVersion"), "labels",
        HANDOVER_ROLE, role));

    ref.name = json_path_str(pod, "metadata.name");
    return kube_patch(target->kube, &ref, KUBE_MERGE_PATCH, patch, NULL, e);
}

/* After a conflict: the pod as it is now, in *pod; false where it is another, or somebody
 * else moved the label, who knows better. */
static bool
switchover_look_again(const struct target *target, json_t **pod)
{
    struct kube_ref ref = mirror_ref_pods(target);
    const char *was = switchover_role_of(*pod);
    json_t *now = NULL;
    struct err ignored = { 0 };
    bool same = false;

    ref.name = json_path_str(*pod, "metadata.name");
    if (kube_get(target->kube, &ref, &now, &ignored) < 0) {
        return false;
    }
    same =
        str_eq(json_path_str(now, "metadata.uid"), json_path_str(*pod, "metadata.uid")) &&
        str_eq(switchover_role_of(now), was);
    json_decref(*pod);
    *pod = now;
    return same;
}

/* Moves the role labels, and with them the primary Service's endpoint, as soon as the
 * servers have switched; the coordinators would, when they look next. That it may not be
 * done is no reason to stop. The pod is the one whose server was asked. */
static void
switchover_label(struct cluster *cluster, const struct member *p, enum member_role to)
{
    const char *role = role_words(to)->label;
    auto_json json_t *pod = json_deep_copy(mirror_pod_object(cluster, p->name));
    const char *uid = json_path_str(pod, "metadata.uid");
    struct err trouble = { 0 };
    int got = -1;

    if (pod == NULL || str_eq(switchover_role_of(pod), role) ||
        (p->session.uid != NULL && !str_eq(uid, p->session.uid))) {
        return;
    }
    for (int try = 0; try < HANDOVER_LABEL_TRIES && got < 0; try++) {
        got = switchover_patch(cluster->target, pod, role, &trouble);
        if (got < 0 && (trouble.code != ERR_CONFLICT ||
                        !switchover_look_again(cluster->target, &pod))) {
            break;
        }
    }
    if (got < 0) {
        emit_note(cluster->run, "the role label of %s is left to its coordinator: %s",
                  p->name, trouble.msg);
    }
}

void
switchover_relabel(struct cluster *cluster, const struct member *p, enum member_role role)
{
    if (switchover_role(cluster, p) != NULL) {
        switchover_label(cluster, p, role);
    }
}

bool
switchover_is_labelled(const struct cluster *cluster, const struct member *p)
{
    bool any = false;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        any = any || switchover_role(cluster, &cluster->pods[i]) != NULL;
    }
    return !any || str_eq(switchover_role(cluster, p), role_words(MEMBER_PRIMARY)->label);
}

void
switchover_label_primary(struct cluster *cluster, const struct member *p)
{
    bool any = false;

    for (size_t i = 0; i < cluster->sets[0].replicas; i++) {
        any = any || switchover_role(cluster, &cluster->pods[i]) != NULL;
    }
    if (any) { /* a new pod has none yet */
        switchover_label(cluster, p, MEMBER_PRIMARY);
    }
}
