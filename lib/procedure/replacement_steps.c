#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "base/word.h"
#include "cluster/cluster.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "kubedb/replacement_set.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "member/drift.h"
#include "member/switchover.h"
#include "procedure/steps.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/wait.h"

/*
 * The set that is made, and the one that goes: what is left of an upgrade by a new set
 * besides its members (replacement_members.c).
 */

enum {
    NEWSET_SHORT_MS = 60 * 1000,
    NEWSET_GONE_MS = 5 * 60 * 1000,
    NEWSET_LOOK_MS = 1000
};

/* -- make -- */

/* Whether the mirror has it: from then on it is missed when it is gone. */
static bool
make_is_seen(struct cluster *cluster, struct member_set *s)
{
    if (*s->uid == '\0' ||
        !str_eq(json_path_str(sets_object(cluster, s), "metadata.uid"), s->uid)) {
        return false;
    }
    s->absent = false;
    s->seen = true;
    return true;
}

int
step_make_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct member_set *s = replacement_goal(cluster);
    auto_json json_t *set = NULL;

    *done = false;
    if (replacement_get(cluster->target, s, &set, e) < 0) {
        return -1;
    }
    if (set == NULL) {
        if (*s->uid != '\0') {
            err_set(e, ERR_REFUSED, "workload %s was deleted during the run", s->name);
            return err_reason(e, "SET_GONE");
        }
        return 0;
    }
    if (*s->uid == '\0' && !new_set_is_of(set, cluster->target->uid)) {
        err_set(e, ERR_REFUSED,
                "workload %s already exists and does not belong to this upgrade",
                s->name);
        return err_reason(e, "SET_TAKEN");
    }
    if (*s->uid == '\0') {
        free(s->uid);
        s->uid = mem_strdup(json_path_str(set, "metadata.uid"));
        if (lock_store(cluster->lock, journal_new(cluster), e) < 0) {
            return -1;
        }
    }
    *done = make_is_seen(cluster, s);
    return 0;
}

static int
make_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member_set *set = ctx;

    (void)e;
    str_copy(s->want, sizeof s->want, "the replacement set");
    str_copy(s->now, sizeof s->now, "not visible yet");
    s->done = make_is_seen(cluster, set);
    return 0;
}

/* A claim of this name would give its data, whosever they are, to a new member. */
static int
make_check_claims(struct cluster *cluster, const struct member_set *s, struct err *e)
{
    auto_json json_t *claims = NULL;

    if (replacement_claims(cluster, s, true, &claims, e) < 0) {
        return -1;
    }
    if (json_array_size(claims) == 0) {
        return 0;
    }
    err_set(e, ERR_REFUSED, "PVC %s already exists, but workload %s does not",
            json_path_str(json_array_get(claims, 0), "metadata.name"), s->name);
    return err_reason(e, "CLAIM_TAKEN");
}

int
step_make_run(struct cluster *cluster, struct err *e)
{
    struct member_set *s = replacement_goal(cluster);
    struct wait w = { .id = "make",
                      .pod = "",
                      .text = "the replacement set to be visible",
                      .limit_ms = NEWSET_SHORT_MS,
                      .probe_ms = NEWSET_LOOK_MS,
                      .check = make_look,
                      .on = cluster,
                      .ctx = s };

    if (*s->uid == '\0') {
        bool done = false;

        if (make_check_claims(cluster, s, e) < 0 || drift_check(cluster, e) < 0 ||
            replacement_make(cluster, e) < 0 || step_make_done(cluster, &done, e) < 0) {
            return -1;
        }
    }
    return wait_until(cluster->run, &w, e);
}

/* -- takeover: before the other set is deleted -- */

static int
takeover_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;

    if (step_look_whole(cluster, ctx, s, e) < 0) {
        return -1;
    }
    for (size_t i = 0; s->done && i < cluster->n_pods; i++) {
        const struct member *p = &cluster->pods[i];

        if (sets_has_pod(p) && p->role == MEMBER_PRIMARY &&
            !switchover_is_labelled(cluster, p)) {
            s->done = false;
            (void)snprintf(s->now, sizeof s->now,
                           "the role label of %s is not updated yet", p->name);
        }
    }
    return 0;
}

int
step_takeover_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct wait_state s = { 0 };

    *done = replacement_other(cluster)->absent;
    if (*done) {
        return 0;
    }
    if (takeover_look(cluster, NULL, &s, e) < 0) {
        return err_is_transient(e) ? (err_clear(e), 0) : -1;
    }
    *done = s.done;
    return 0;
}

int
step_takeover_run(struct cluster *cluster, struct err *e)
{
    struct wait w = { .id = "takeover",
                      .pod = "",
                      .text = "the remaining members to do all the work",
                      .limit_ms = cluster->target->request->limits.pod_timeout_ms,
                      .probe_ms = NEWSET_LOOK_MS,
                      .watchful = true,
                      .check = takeover_look,
                      .on = cluster };

    return wait_until(cluster->run, &w, e);
}

/* -- remove: the other set, which has no members any more -- */

int
step_remove_done(struct cluster *cluster, bool *done, struct err *e)
{
    struct member_set *s = replacement_other(cluster);
    auto_json json_t *set = NULL;

    if (replacement_get(cluster->target, s, &set, e) < 0) {
        return -1;
    }
    if (set != NULL && *s->uid == '\0') { /* made by a request whose answer was lost? */
        if (!new_set_is_of(set, cluster->target->uid)) {
            *done = true;
            return 0;
        }
        free(s->uid);
        s->uid = mem_strdup(json_path_str(set, "metadata.uid"));
    }
    *done = set == NULL;
    return 0;
}

static int
remove_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    struct member_set *set = ctx;

    (void)e;
    str_copy(s->want, sizeof s->want, "the workload deleted");
    str_copy(s->now, sizeof s->now, "it still exists");
    s->done = !str_eq(json_path_str(sets_object(cluster, set), "metadata.uid"), set->uid);
    return 0;
}

/* Whether claims of the set that went are left: the old data, which nobody asked to have
 * deleted, or what an interrupted way back did not come to delete. */
static bool
replacement_keeps(const struct cluster *cluster)
{
    return course_is_forward(cluster->run) ? !cluster->plan->wishes.delete_old_data
                                           : !replacement_made(cluster)->seen &&
                                                 *replacement_made(cluster)->uid != '\0';
}

/* Who looks for the old data finds them in the claims. */
void
replacement_tell_kept(struct cluster *cluster)
{
    auto_json json_t *claims = NULL;
    struct err silent = { 0 };
    char names[384] = "";
    size_t i = 0;
    json_t *claim = NULL;

    if (!cluster->plan->procedure->two_sets || !replacement_keeps(cluster) ||
        replacement_claims(cluster, replacement_other(cluster), false, &claims, &silent) <
            0 ||
        json_array_size(claims) == 0) {
        return;
    }
    json_array_foreach (claims, i, claim) {
        auto_free char *word = word_quote(json_path_str(claim, "metadata.name"));

        str_append(names, sizeof names, " %s", word);
    }
    emit_note(cluster->run,
              "the data of %s are kept; when they are no longer needed:  kubectl delete "
              "pvc%s%s",
              course_is_forward(cluster->run) ? cluster->plan->from_name
                                              : replacement_made(cluster)->name,
              cluster->target->request->command_flags, names);
}

int
step_remove_run(struct cluster *cluster, struct err *e)
{
    struct member_set *s = replacement_other(cluster);
    struct wait w = { .id = "remove",
                      .pod = "",
                      .text = "the workload to be deleted",
                      .limit_ms = NEWSET_GONE_MS,
                      .probe_ms = NEWSET_LOOK_MS,
                      .check = remove_look,
                      .on = cluster,
                      .ctx = s };

    if (drift_check(cluster, e) < 0 || replacement_remove(cluster->target, s, e) < 0) {
        return -1;
    }
    s->absent = true;
    return wait_until(cluster->run, &w, e);
}

/* -- discard: the other set's data -- */

int
step_discard_done(struct cluster *cluster, bool *done, struct err *e)
{
    auto_json json_t *claims = NULL;

    if (replacement_claims(cluster, replacement_other(cluster), false, &claims, e) < 0) {
        return -1;
    }
    *done = json_array_size(claims) == 0;
    return 0;
}

static int
discard_look(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct cluster *cluster = on;
    size_t left = 0;

    (void)ctx;
    str_copy(s->want, sizeof s->want, "no PVC of it left");
    if (replacement_check_alone(cluster, e) < 0 ||
        replacement_check_unused(cluster, replacement_other(cluster), e) < 0 ||
        replacement_delete_claims(cluster, replacement_other(cluster), &left, e) < 0) {
        return -1;
    }
    s->done = left == 0;
    (void)snprintf(s->now, sizeof s->now, "%zu left", left);
    return 0;
}

int
step_discard_run(struct cluster *cluster, struct err *e)
{
    struct wait w = { .id = "discard",
                      .pod = "",
                      .text = "the PVCs to be deleted",
                      .limit_ms = NEWSET_GONE_MS,
                      .probe_ms = NEWSET_LOOK_MS,
                      .check = discard_look,
                      .on = cluster };

    return wait_until(cluster->run, &w, e);
}

/* -- the tables -- */
