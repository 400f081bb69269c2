/* Preflight of the way back: whether there is one. */
#include "base/json.h"
#include "base/str.h"
#include "kubedb/catalog.h"
#include "kubedb/check.h"
#include "kubedb/pod.h"

bool
preflight_may_return(const struct engine *en, const json_t *pod,
                     const struct image_changes *images, const char *ran, const char *old)
{
    return pod == NULL ||
           workload_pod_has_images(json_path(pod, "spec"), images, false, NULL, 0) ||
           !pod_has_run(en, pod) || engine_may_return(en, ran, old);
}

void
check_return_catalog(const struct preflight_facts *f, struct preflight_result *r)
{
    if (f->version.from == NULL) {
        check_say(r, CHECK_ERROR, "the catalog has no %s of the version to return to",
                  f->engine->api.catalog_kind);
        check_hint(r, "create it again, or resume:  kubectl dbupgrade resume %s %s%s",
                   f->engine->name, f->db->name, f->flags);
    }
}

/* From there on the operator itself would bring the new version back. */
void
check_return_version(const struct preflight_facts *f, struct preflight_result *r)
{
    if (str_eq(f->db->version, f->version.wanted)) {
        check_say(r, CHECK_ERROR,
                  "spec.version is already %s: all members run it, verified; a rollback "
                  "is no longer possible",
                  f->version.wanted);
        check_hint(r, "finish it:  kubectl dbupgrade resume %s %s%s", f->engine->name,
                   f->db->name, f->flags);
    }
}

static const char *
check_return_ran(const struct preflight_facts *f, const char *pod)
{
    for (size_t i = 0; i < f->n_members; i++) {
        if (f->members[i].answered && str_eq(f->members[i].pod, pod)) {
            return f->members[i].member->version;
        }
    }
    return catalog_version(f->version.to);
}

/* The best that is left differs: a member of a group can be made anew from the others. */
static void
check_return_advise(const struct preflight_facts *f, const char *pod,
                    struct preflight_result *r)
{
    bool group = f->set.workload->replicas > 1;

    check_hint(r, "continue to the new version:  kubectl dbupgrade resume %s %s%s; %s%s",
               f->engine->name, f->db->name, f->flags,
               group ? "or re-clone that member from one that runs the old version: "
                       "delete its PVC and pod "
                     : "or restore a backup into a new database of the old version",
               group ? pod : "");
}

/* A major upgrade goes back as a whole, until its new server is started. */
static void
check_return_converted(const struct preflight_facts *f, struct preflight_result *r)
{
    if (!f->course.begun) {
        check_say(r, CHECK_OK,
                  "the new server was not started: the old data are complete");
        return;
    }
    check_say(r, CHECK_ERROR,
              "the new server has started: data written since then exist only in the new "
              "data directory");
    check_hint(
        r,
        "continue to the new version:  kubectl dbupgrade resume %s %s%s; to discard what "
        "was written since, restore a backup or the old data kept beside the new ones",
        f->engine->name, f->db->name, f->flags);
}

/* Members of an old version cannot join a group that has none but newer ones (reference
 * manual, "Combining Different Member Versions in a Group"). */
static void
check_return_new_set(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct preflight_new_set *n = f->new_set;
    const char *old = catalog_version(f->version.from);
    const char *new = catalog_version(f->version.to);

    if (n == NULL) {
        return;
    }
    if (n->old_gone) {
        check_say(r, CHECK_ERROR,
                  "workload %s was deleted: there is nothing to roll back to", n->old);
    } else if (n->old_serving == 0 && n->old_silent > 0) {
        check_say(r, CHECK_ERROR,
                  "no member of %s answers: it is unknown whether a rollback is possible",
                  n->old);
        check_hint(r, "try again, or inspect them:  kubectl get pods%s", f->flags);
        return;
    } else if (n->old_serving == 0 &&
               engine_version_number(old) < engine_version_number(new)) {
        check_say(r, CHECK_ERROR,
                  "the last member of the old version has left: a server of %s cannot "
                  "join a group of %s",
                  old, new);
    } else {
        check_say(r, CHECK_OK,
                  "%zu members of %s are in the group: all members will be restored",
                  n->old_serving, n->old);
        return;
    }
    check_hint(r, "finish it:  kubectl dbupgrade resume %s %s%s", f->engine->name,
               f->db->name, f->flags);
}

void
check_return_members(const struct preflight_facts *f, struct preflight_result *r)
{
    const char *old = catalog_version(f->version.from);
    struct check_pod pod = { 0 };
    size_t n = 0;
    size_t of = 0;

    if (f->course.converts) {
        check_return_converted(f, r);
        return;
    }
    if (f->new_set != NULL) {
        check_return_new_set(f, r);
        return;
    }
    for (; check_next_pod(f, &pod); of++) {
        const json_t *object = json_object_get(f->pods, pod.name);
        const char *ran = check_return_ran(f, pod.name);

        if (pod.front) {
            break; /* the last; they have no data */
        }
        n += object == NULL || workload_pod_has_images(json_path(object, "spec"),
                                                       pod.images, false, NULL, 0)
                 ? 0
                 : 1;
        if (!preflight_may_return(f->engine, object, pod.images, ran, old)) {
            check_say(r, CHECK_ERROR,
                      "%s ran %s: a server of %s can no longer open its data", pod.name,
                      ran, old);
            check_return_advise(f, pod.name, r);
            return;
        }
    }
    check_say(r, CHECK_OK, "%zu of %zu members to be rolled back to %s", n, of, old);
}
