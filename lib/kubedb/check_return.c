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
           workload_has_images(json_path(pod, "spec"), images, false, NULL, 0) ||
           !pod_has_run(en, pod) || engine_may_return(en, ran, old);
}

void
check_return_catalog(const struct preflight_facts *f, struct preflight_result *r)
{
    if (f->from == NULL) {
        check_say(r, CHECK_ERROR, "the catalogue has no %s of the version to go back to",
                  f->engine->catalog_kind);
        check_hint(r, "create it again, or go on:  kubectl dbupgrade resume %s %s%s",
                   f->engine->name, f->db->name, f->flags);
    }
}

/* From there on the operator itself would bring the new version back. */
void
check_return_version(const struct preflight_facts *f, struct preflight_result *r)
{
    if (str_eq(f->db->version, f->target)) {
        check_say(r, CHECK_ERROR,
                  "spec.version is %s already: all members run it, verified; there is no "
                  "way back from here",
                  f->target);
        check_hint(r, "bring it to its end:  kubectl dbupgrade resume %s %s%s",
                   f->engine->name, f->db->name, f->flags);
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
    return catalog_version(f->to);
}

/* The best that is left differs: a member of a group can be made anew from the others. */
static void
check_return_advise(const struct preflight_facts *f, const char *pod,
                    struct preflight_result *r)
{
    bool group = f->workload->replicas > 1;

    check_hint(r,
               "what is left: go on to the new version:  kubectl dbupgrade resume %s "
               "%s%s; %s%s",
               f->engine->name, f->db->name, f->flags,
               group ? "or make that member anew from those that are old: delete its "
                       "volume claim and pod "
                     : "or restore a backup into a new database of the old version",
               group ? pod : "");
}

/* A major upgrade goes back as a whole, until its new server is started. */
static void
check_return_converted(const struct preflight_facts *f, struct preflight_result *r)
{
    if (!f->begun) {
        check_say(r, CHECK_OK, "the new server was not started: the old data are whole");
        return;
    }
    check_say(
        r, CHECK_ERROR,
        "the new server was started: what was written since is in the new data only");
    check_hint(r,
               "go on to the new version:  kubectl dbupgrade resume %s %s%s; who "
               "gives up what was written since restores a backup, or the old data that "
               "are kept beside the new ones",
               f->engine->name, f->db->name, f->flags);
}

/* Members of an old version cannot join a group that has none but newer ones (reference
 * manual, "Combining Different Member Versions in a Group"). */
static void
check_return_new_set(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct preflight_new_set *n = f->new_set;
    const char *old = catalog_version(f->from);
    const char *new = catalog_version(f->to);

    if (n == NULL) {
        return;
    }
    if (n->old_gone) {
        check_say(r, CHECK_ERROR, "the set %s is deleted: there is nothing to go back to",
                  n->old);
    } else if (n->old_serving == 0 && n->old_silent > 0) {
        check_say(r, CHECK_ERROR,
                  "of the members of %s none answers: whether there is a way back cannot "
                  "be told",
                  n->old);
        check_hint(r, "try again, or look at them:  kubectl get pods%s", f->flags);
        return;
    } else if (n->old_serving == 0 &&
               engine_version_number(old) < engine_version_number(new)) {
        check_say(r, CHECK_ERROR,
                  "the last member of the old version is gone: a server of %s cannot "
                  "join a group of %s",
                  old, new);
    } else {
        check_say(r, CHECK_OK,
                  "%zu members of %s are in the group: it gets all its members again",
                  n->old_serving, n->old);
        return;
    }
    check_hint(r, "bring it to its end:  kubectl dbupgrade resume %s %s%s",
               f->engine->name, f->db->name, f->flags);
}

void
check_return_members(const struct preflight_facts *f, struct preflight_result *r)
{
    const char *old = catalog_version(f->from);
    struct check_pod pod = { 0 };
    size_t n = 0;
    size_t of = 0;

    if (f->converts) {
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
        n += object == NULL || workload_has_images(json_path(object, "spec"), pod.images,
                                                   false, NULL, 0)
                 ? 0
                 : 1;
        if (!preflight_may_return(f->engine, object, pod.images, ran, old)) {
            check_say(r, CHECK_ERROR,
                      "%s ran %s: a server of %s cannot open its data any more", pod.name,
                      ran, old);
            check_return_advise(f, pod.name, r);
            return;
        }
    }
    check_say(r, CHECK_OK, "%zu of %zu members to be walked back to %s", n, of, old);
}
