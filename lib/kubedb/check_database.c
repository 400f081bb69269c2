/* Preflight: the database object, its operator, and others who work on it. */
#include <stdio.h>

#include "base/json.h"
#include "base/str.h"
#include "base/word.h"
#include "kubedb/check.h"

void
check_database_deleting(const struct preflight_facts *f, struct preflight_result *r)
{
    if (f->db->deleting) {
        check_say(r, CHECK_ERROR, "%s %s is being deleted", f->engine->api.kind,
                  f->db->name);
    }
}

void
check_database_halted(const struct preflight_facts *f, struct preflight_result *r)
{
    if (f->db->halted) {
        check_say(r, CHECK_ERROR, "spec.halted is true: there are no pods to upgrade");
        check_hint(r, "set spec.halted to false, and wait until the phase is Ready");
    }
}

void
check_database_distributed(const struct preflight_facts *f, struct preflight_result *r)
{
    if (f->db->distributed) {
        check_say(r, CHECK_ERROR,
                  "spec.distributed is true: its pods run in several clusters");
    }
}

static bool
check_is_refused(const struct preflight_facts *f, const struct engine_refusal *no)
{
    const json_t *is = json_path(f->object, no->path);

    if (no->single &&
        (f->db->mode == NULL || f->db->mode->topology != TOPOLOGY_STANDALONE)) {
        return false;
    }
    if (no->value != NULL) {
        return str_eq(json_path_str(f->object, no->path), no->value);
    }
    return is != NULL && !json_is_null(is) &&
           !(json_is_array(is) && json_array_size(is) == 0);
}

void
check_database_topology(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct engine_mode *mode = f->db->mode;

    if (mode == NULL || mode->topology == TOPOLOGY_UNSUPPORTED) {
        check_say(r, CHECK_ERROR, "topology %s is not supported",
                  mode != NULL ? mode->title : f->db->topology_value);
        check_hint(r, "%s", mode != NULL && mode->note != NULL ? mode->note : "");
        return;
    }
    for (const struct engine_refusal *no = f->engine->object.refusals;
         no != NULL && no->path != NULL; no++) {
        if (check_is_refused(f, no)) {
            check_say(r, CHECK_ERROR, "%s is %s: %s", no->path,
                      no->value != NULL ? no->value : "set", no->text);
            return;
        }
    }
    if (mode->note != NULL) {
        check_say(r, CHECK_WARNING, "%s: %s", mode->title, mode->note);
        return;
    }
    check_say(r, CHECK_OK, "%s", mode->title);
}

void
check_operator_paused(const struct preflight_facts *f, struct preflight_result *r)
{
    const struct database *db = f->db;

    if (!db->paused) {
        return;
    }
    if (!database_paused_by_us(db)) {
        check_say(r, CHECK_ERROR, "the operator is paused by another client: %s",
                  *db->paused_message != '\0' ? db->paused_message : "(no message)");
        check_hint(r, "when they are done:  kubectl dba resume %s %s%s", f->engine->name,
                   db->name, f->flags);
    } else if (f->course.resuming) {
        check_say(r, CHECK_OK, "%s", db->paused_message);
    } else {
        /* Who lives has a Lease, and that was looked for before. */
        check_say(
            r, CHECK_WARNING,
            "an earlier run left the operator paused, and its journal is missing: %s",
            db->paused_message);
        check_hint(r, "this run takes over, and resumes the operator at the end");
    }
}

/* Phases of an OpsRequest (ops.kubedb.com) that has something left to do. An approval may
 * come at any time. */
static const char *const check_ops_phases[] = {
    "", "Pending", "Progressing", "WaitingForApproval", "Approved", NULL,
};

bool
preflight_ops_is_active(const char *phase)
{
    for (const char *const *p = check_ops_phases; *p != NULL; p++) {
        if (str_eq(*p, phase)) {
            return true;
        }
    }
    return false;
}

void
check_ops_pending(const struct preflight_facts *f, struct preflight_result *r)
{
    const char *name = NULL;
    json_t *ops = NULL;

    if (f->ops == NULL) {
        return;
    }
    check_say(r, CHECK_OK, "no %s in progress", f->engine->api.ops_kind);
    json_object_foreach (json_mutable(f->ops), name, ops) {
        const char *phase = json_path_str(ops, "status.phase");
        const json_t *ref = json_path(json_path(ops, "spec"), f->engine->api.ops_ref);
        auto_free char *word = word_quote(name);

        if (!preflight_ops_is_active(phase) ||
            !str_eq(json_path_str(ref, "name"), f->db->name)) {
            continue;
        }
        check_say(r, CHECK_ERROR, "%s %s (%s) is %s", f->engine->api.ops_kind, name,
                  json_path_str(ops, "spec.type"), *phase != '\0' ? phase : "new");
        check_hint(r, "wait for it to finish, or:  kubectl delete %s %s%s",
                   f->engine->api.ops_resource, word, f->flags);
        return;
    }
}

void
check_health_phase(const struct preflight_facts *f, struct preflight_result *r)
{
    char why[300];

    if (!str_eq(f->db->phase, "Ready")) {
        database_trouble(f->object, why, sizeof why);
        check_say(r, CHECK_ERROR, "the phase is %s%s%s",
                  *f->db->phase != '\0' ? f->db->phase : "not set",
                  *why != '\0' ? ": " : "", why);
    } else if (f->db->observed < f->db->generation) {
        /* A paused operator cannot see it before it is resumed. */
        check_say(r, f->db->paused ? CHECK_WARNING : CHECK_ERROR,
                  "the operator has observed generation %lld of %lld", f->db->observed,
                  f->db->generation);
        check_hint(r, "wait until the operator has applied the last change");
    } else {
        check_say(r, CHECK_OK, "Ready");
    }
}
