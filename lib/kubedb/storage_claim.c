/* What becomes of a pod's claims and volumes when it goes. */
#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "kubedb/storage.h"

/* -- claims -- */

/* Whether an object is deleted by the garbage collector together with the pod. */
static bool
storage_is_owned_by(const json_t *object, const json_t *pod)
{
    const char *uid = json_path_str(pod, "metadata.uid");

    return *uid != '\0' && json_array_find(json_path(object, "metadata.ownerReferences"),
                                           "uid", uid, NULL) != NULL;
}

/* The data are there still, as long as the pod is. */
static void
storage_hint_rescue(const json_t *claim, struct storage_fault *out)
{
    const char *volume = json_path_str(claim, "spec.volumeName");

    (void)snprintf(out->hint, sizeof out->hint,
                   "back up the database now, while its pod runs; keep the volume: "
                   "kubectl patch pv %s -p "
                   "'{\"spec\":{\"persistentVolumeReclaimPolicy\":\"Retain\"}}'",
                   volume);
    out->command = true;
}

static void
storage_say_unbound(const json_t *pod, const char *name, const json_t *claim,
                    struct storage_fault *out)
{
    const char *phase = json_path_str(claim, "status.phase");

    (void)snprintf(out->text, sizeof out->text, "PVC %s of %s is %s, not Bound", name,
                   json_path_str(pod, "metadata.name"),
                   *phase != '\0' ? phase : "without a phase");
    (void)snprintf(out->hint, sizeof out->hint,
                   "find out what became of its volume: kubectl describe pvc %s", name);
    out->command = true;
}

bool
storage_claim_fails(const json_t *pod, const char *name, const json_t *claim,
                    bool has_run, struct storage_fault *out)
{
    const char *of = json_path_str(pod, "metadata.name");
    const char *deleting = json_path_str(claim, "metadata.deletionTimestamp");

    *out = (struct storage_fault){ 0 };
    if (claim == NULL) {
        (void)snprintf(out->text, sizeof out->text,
                       "PVC %s of %s does not exist: its new pod would get an empty one",
                       name, of);
        str_copy(out->hint, sizeof out->hint,
                 "back up the database now, while its pod runs");
        return has_run;
    }
    if (*deleting != '\0') {
        (void)snprintf(out->text, sizeof out->text,
                       "PVC %s of %s is being deleted (since %s): its data are deleted "
                       "as soon as the pod goes",
                       name, of, deleting);
        storage_hint_rescue(claim, out);
        return true;
    }
    if (storage_is_owned_by(claim, pod)) {
        (void)snprintf(out->text, sizeof out->text,
                       "PVC %s is owned by pod %s: it is deleted together with the pod",
                       name, of);
        storage_hint_rescue(claim, out);
        return true;
    }
    if (!str_eq(json_path_str(claim, "status.phase"), "Bound")) {
        storage_say_unbound(pod, name, claim, out);
        return has_run || str_eq(json_path_str(claim, "status.phase"), "Lost");
    }
    return false;
}

bool
storage_volume_fails(const json_t *claim, const json_t *volume, struct storage_fault *out)
{
    const char *name = json_path_str(claim, "spec.volumeName");
    const char *of = json_path_str(claim, "metadata.name");
    const char *phase = json_path_str(volume, "status.phase");
    const char *bound = json_path_str(volume, "spec.claimRef.uid");

    *out = (struct storage_fault){ 0 };
    if (volume == NULL) {
        (void)snprintf(out->text, sizeof out->text,
                       "PersistentVolume %s of PVC %s does not exist", name, of);
    } else if (json_path(volume, "metadata.deletionTimestamp") != NULL) {
        (void)snprintf(out->text, sizeof out->text,
                       "PersistentVolume %s of PVC %s is being deleted (since %s)", name,
                       of, json_path_str(volume, "metadata.deletionTimestamp"));
    } else if (!str_eq(bound, json_path_str(claim, "metadata.uid"))) {
        (void)snprintf(out->text, sizeof out->text,
                       "PersistentVolume %s is bound to another PVC than %s (uid %s)",
                       name, of, *bound != '\0' ? bound : "none");
    } else if (!str_eq(phase, "Bound")) {
        (void)snprintf(out->text, sizeof out->text,
                       "PersistentVolume %s of PVC %s is %s, not Bound", name, of,
                       *phase != '\0' ? phase : "without a phase");
    } else {
        return false;
    }
    (void)snprintf(out->hint, sizeof out->hint,
                   "back up the database now, while its pod runs; then look at: kubectl "
                   "describe pv %s",
                   name);
    out->command = true;
    return true;
}

static bool
storage_pod_has(const json_t *pod, const char *claim)
{
    const char *has = NULL;

    for (size_t i = 0; (has = storage_claim_at(pod, i)) != NULL; i++) {
        if (str_eq(has, claim)) {
            return true;
        }
    }
    return false;
}

const char *
storage_other_user(const json_t *pods, const json_t *pod, const char *claim)
{
    size_t i = 0;
    json_t *other = NULL;

    json_array_foreach (pods, i, other) {
        const char *phase = json_path_str(other, "status.phase");

        if (!str_eq(json_path_str(other, "metadata.name"),
                    json_path_str(pod, "metadata.name")) &&
            !str_eq(phase, "Succeeded") && !str_eq(phase, "Failed") &&
            storage_pod_has(other, claim)) {
            return json_path_str(other, "metadata.name");
        }
    }
    return NULL;
}
