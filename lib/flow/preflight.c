#include "domain/preflight.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "flow/flow_private.h"

enum { RIGHTS_MAX = 32 };

int
inspect_members(struct flow *f, struct preflight_member *out, struct member *members,
                struct err *e)
{
    (void)e;
    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *p = &f->pods[i];
        struct err trouble = { 0 };
        struct measures now = { 0 };

        out[i] = (struct preflight_member){ .pod = p->name, .member = &members[i] };
        if (session_member(f, p, &members[i], &trouble) == 0 &&
            session_measures(f, p, &now, &trouble) == 0) {
            out[i].answered = true;
            p->before = now;
        } else {
            out[i].trouble = mem_strdup(trouble.msg);
        }
    }
    return 0;
}

/* Asks what we may do here: one review, and one more for each right it did not show. */
static int
rights_review(struct flow *f, const struct preflight_right *rights, size_t n,
              char **missing, struct err *e)
{
    struct kube_ref ref = { .group = "authorization.k8s.io",
                            .version = "v1",
                            .resource = "selfsubjectrulesreviews" };
    auto_json json_t *body = mem_check(
        json_pack("{s:s, s:s, s:{s:s}}", "apiVersion", "authorization.k8s.io/v1", "kind",
                  "SelfSubjectRulesReview", "spec", "namespace", f->rq->name_space));
    auto_json json_t *review = NULL;
    size_t lacking = 0;

    if (kube_review(f->k, &ref, body, &review, e) < 0) {
        return err_wrap(e, "what this user may do");
    }
    for (size_t i = 0; i < n; i++) {
        if (!preflight_granted(json_path(review, "status"), &rights[i])) {
            missing[lacking++] =
                mem_printf("%s %s%s%s", rights[i].verb, rights[i].resource,
                           rights[i].group[0] != '\0' ? "." : "", rights[i].group);
        }
    }
    return 0;
}

/* A review of rules may be incomplete (webhook authorizers): ask for the one right. */
static int
rights_confirm(struct flow *f, const struct preflight_right *r, bool *allowed,
               struct err *e)
{
    struct kube_ref ref = { .group = "authorization.k8s.io",
                            .version = "v1",
                            .resource = "selfsubjectaccessreviews" };
    auto_free char *resource = mem_strndup(r->resource, strcspn(r->resource, "/"));
    const char *slash = strchr(r->resource, '/');
    auto_json json_t *review = NULL;
    auto_json json_t *body = mem_check(
        json_pack("{s:s, s:s, s:{s:{s:s, s:s, s:s, s:s, s:s}}}", "apiVersion",
                  "authorization.k8s.io/v1", "kind", "SelfSubjectAccessReview", "spec",
                  "resourceAttributes", "verb", r->verb, "group", r->group, "resource",
                  resource, "subresource", slash != NULL ? slash + 1 : "", "namespace",
                  r->cluster ? "" : f->rq->name_space));

    if (kube_review(f->k, &ref, body, &review, e) < 0) {
        return err_wrap(e, "what this user may do");
    }
    *allowed = json_path_true(review, "status.allowed");
    return 0;
}

static int
rights_missing(struct flow *f, char **missing, struct err *e)
{
    struct preflight_right rights[RIGHTS_MAX];
    size_t n = preflight_rights(f->en, f->petset, rights, RIGHTS_MAX);
    char *doubtful[RIGHTS_MAX + 1] = { 0 };
    size_t lacking = 0;

    if (rights_review(f, rights, n, doubtful, e) < 0) {
        return -1;
    }
    for (size_t i = 0, d = 0; i < n && doubtful[d] != NULL; i++) {
        auto_free char *name =
            mem_printf("%s %s%s%s", rights[i].verb, rights[i].resource,
                       rights[i].group[0] != '\0' ? "." : "", rights[i].group);
        bool allowed = false;

        if (!str_eq(name, doubtful[d])) {
            continue;
        }
        if (rights_confirm(f, &rights[i], &allowed, e) < 0) {
            return -1;
        }
        if (!allowed) {
            missing[lacking++] = scope_steal(&doubtful[d]);
        }
        free(doubtful[d++]);
    }
    return 0;
}

static bool
preflight_skipped(const struct flow *f, const char *id)
{
    for (size_t i = 0; f->rq->skip_checks != NULL && f->rq->skip_checks[i] != NULL; i++) {
        if (str_eq(f->rq->skip_checks[i], id)) {
            return true;
        }
    }
    return false;
}

static void
preflight_tell(struct flow *f, const struct preflight_result *r)
{
    static const enum ui_severity severities[] = {
        [CHECK_OK] = UI_OK, [CHECK_WARNING] = UI_WARN, [CHECK_ERROR] = UI_FAIL
    };

    ui_emit(f->u, &(struct ui_event){ .type = UI_CHECK,
                                      .id = r->id,
                                      .text = r->text,
                                      .hint = r->hint,
                                      .severity = severities[r->severity] });
}

/* Tells all results; the first that says no becomes the error, the others its detail. */
static int
preflight_judge(struct flow *f, struct preflight_result *results, size_t n, struct err *e)
{
    size_t refused = 0;

    for (size_t i = 0; i < n; i++) {
        struct preflight_result *r = &results[i];

        if (r->severity == CHECK_ERROR && r->forceable && f->rq->force) {
            r->severity = CHECK_WARNING;
        }
        if (r->severity == CHECK_WARNING && preflight_skipped(f, r->id)) {
            continue;
        }
        preflight_tell(f, r);
        if (r->severity != CHECK_ERROR) {
            continue;
        }
        if (refused++ == 0) {
            err_set(e, ERR_REFUSED, "%s: %s", r->id, r->text);
            err_reason(e, r->id);
            if (r->hint[0] != '\0') {
                err_hint(e, "%s", r->hint);
            }
        } else {
            err_detail(e, "%s: %s", r->id, r->text);
        }
    }
    return refused > 0 ? -1 : 0;
}

/* The images that the target wants; why there are none, if there are none. */
static char *
preflight_images(struct flow *f)
{
    struct err trouble = { 0 };

    if (f->set_name == NULL) {
        return mem_printf("no set that belongs to %s %s was found", f->en->kind,
                          f->rq->name);
    }
    if (f->to != NULL &&
        workload_images(f->en, flow_set(f), f->to, &f->images, &trouble) < 0) {
        return mem_strdup(trouble.msg);
    }
    return NULL;
}

int
flow_preflight(struct flow *f, struct err *e)
{
    struct member members[FLOW_MEMBERS_MAX] = { 0 };
    struct preflight_member seen[FLOW_MEMBERS_MAX] = { 0 };
    struct preflight_result results[PREFLIGHT_MAX] = { 0 };
    char *missing[RIGHTS_MAX + 1] = { 0 };
    struct database db = { 0 };
    struct workload set = { 0 };
    auto_free char *trouble = preflight_images(f);
    struct preflight_facts facts = { .engine = f->en,
                                     .object = flow_db(f),
                                     .db = &db,
                                     .catalog = f->catalog,
                                     .target = f->to_name,
                                     .from = f->from,
                                     .to = f->to,
                                     .set = flow_set(f),
                                     .set_trouble = trouble,
                                     .images = &f->images,
                                     .missing_rights = (const char *const *)missing,
                                     .members = seen,
                                     .n_members = f->n_pods,
                                     .resuming = f->resuming };
    int refused = 0;
    size_t n = 0;

    if (database_parse(f->en, flow_db(f), &db, e) < 0 ||
        rights_missing(f, missing, e) < 0) {
        return -1;
    }
    if (missing[0] == NULL && inspect_members(f, seen, members, e) < 0) {
        return -1;
    }
    /* The loop was served meanwhile: only now what the mirrors hold stays as it is. */
    facts.object = flow_db(f);
    facts.set = flow_set(f);
    facts.pods = kube_watch_objects(f->w_pods);
    facts.ops = f->w_ops != NULL ? kube_watch_objects(f->w_ops) : NULL;
    if (facts.object == NULL || database_parse(f->en, facts.object, &db, e) < 0) {
        return err_set(e, ERR_REFUSED, "the database was deleted meanwhile");
    }
    if (facts.set != NULL && workload_parse(facts.set, &set, e) == 0) {
        facts.workload = &set;
    }
    n = preflight_run(&facts, results, PREFLIGHT_MAX);
    refused = preflight_judge(f, results, n, e);
    for (size_t i = 0; i < f->n_pods; i++) {
        member_clear(&members[i]);
        free((char *)(uintptr_t)seen[i].trouble);
    }
    for (size_t i = 0; i < RIGHTS_MAX; i++) {
        free(missing[i]);
    }
    return refused;
}
