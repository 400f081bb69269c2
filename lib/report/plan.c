#include "report/plan.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/procedure.h"
#include "cluster/replacement.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "engine/role.h"
#include "engine/topology.h"
#include "kube/client.h"
#include "kubedb/catalog.h"
#include "kubedb/workload.h"
#include "member/switchover.h"
#include "procedure/step_dry_run.h"
#include "procedure/step_text.h"
#include "procedure/steps.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/run.h"
#include "ui/ui.h"

/*
 * The plan that a dry run shows: the rows of the steps' table with what is known now.
 */

enum { PLAN_STEPS_MAX = (int)MEMBERS_MAX + (int)STEPS_ROWS_MAX };

/* What a plan shows of a step besides its undo. */
struct plan_line {
    char text[256];
    char dry[256];
};

struct plan_build {
    struct ui_plan_step steps[PLAN_STEPS_MAX];
    struct plan_line lines[PLAN_STEPS_MAX];
    size_t n;
    size_t order[MEMBERS_MAX];
};

/* -- texts -- */

/* In a database that has a primary, any other member counts as a secondary. */
static const char *
plan_role(const struct cluster *cluster, const struct member *p)
{
    if (p->set->follows) {
        return p->set->role;
    }
    if (p->role == MEMBER_PRIMARY) {
        return role_words(MEMBER_PRIMARY)->shown;
    }
    return cluster->n_pods > 1 && engine_has_primary(cluster->plan->topology)
               ? role_words(MEMBER_SECONDARY)->shown
               : "";
}

static void
plan_text_pod(const struct cluster *cluster, const struct member *p,
              struct plan_line *line)
{
    const struct engine_handover *h = NULL;

    if (cluster->plan->resuming && mirror_pod_is_there(cluster, p)) {
        (void)snprintf(line->text, sizeof line->text,
                       "verify %s, which already has these images", p->name);
        return;
    }
    (void)snprintf(line->text, sizeof line->text, "restart %s   %s", p->name,
                   plan_role(cluster, p));
    if (cluster->plan->procedure->converts && course_is_forward(cluster->run)) {
        (void)snprintf(line->text, sizeof line->text, "restart %s   re-cloned from %s",
                       p->name, cluster->pods[0].name);
        return;
    }
    if ((p->role != MEMBER_PRIMARY && p->role != MEMBER_PEER) || cluster->n_pods < 2) {
        return;
    }
    h = switchover_for(cluster->run, catalog_version(cluster->plan->from),
                       catalog_version(cluster->plan->to));
    if (h != NULL) {
        str_append(line->text, sizeof line->text, "%s%s, est gap %s",
                   p->role == MEMBER_PRIMARY ? "; " : "", h->title, h->est_gap);
    } else if (cluster->target->request->lead.handover != NULL) {
        str_append(line->text, sizeof line->text,
                   "%swithout a handover (--handover none)",
                   p->role == MEMBER_PRIMARY ? "; " : "");
    }
}

/* A member of a new set, or one of the set that goes. */
static void
plan_text_set(const struct cluster *cluster, const struct step *s, const struct member *p,
              struct plan_line *line)
{
    const struct engine_handover *h =
        switchover_for(cluster->run, catalog_version(cluster->plan->from),
                       catalog_version(cluster->plan->to));
    bool rises = s->order == ORDER_RISING;

    if (rises && mirror_pod_is_there(cluster, p)) {
        (void)snprintf(line->text, sizeof line->text, "verify %s, which already exists",
                       p->name);
        return;
    }
    (void)snprintf(line->text, sizeof line->text, "%s %s   %s", s->title, p->name,
                   rises ? "joins the group" : "leaves the group");
    if (!rises && p->ordinal == 0 && h != NULL &&
        !replacement_is_same_version(cluster->plan)) {
        str_append(line->text, sizeof line->text, "; %s, est gap %s", h->title,
                   h->est_gap);
    }
}

static void
plan_text_step(struct cluster *cluster, const struct step *s, struct plan_line *line)
{
    if (s->describe != NULL) {
        s->describe(cluster, s, line->text, sizeof line->text);
    } else {
        (void)snprintf(line->text, sizeof line->text, "%s", s->title);
    }
}

/* Fills what the API server says to a step's mutation; "-" where there is none. */
static void
plan_dry_run(struct cluster *cluster, const struct step *s, const struct member *p,
             struct plan_line *line)
{
    struct err refused = { 0 };
    int got = 1;

    if (cluster->target->request->dry_run != DRY_RUN_SERVER) {
        return;
    }
    if (p != NULL && s->order == ORDER_ROLL) {
        got = step_try_evict(cluster, p, &refused);
    }
    if (s->dry_run != NULL) {
        got = s->dry_run(cluster, &refused);
    }
    cluster->progress.dry_refused = cluster->progress.dry_refused || got < 0;
    (void)snprintf(line->dry, sizeof line->dry, "%s%.200s",
                   got < 0    ? "refused: "
                   : got == 0 ? "accepted"
                              : "-",
                   refused.msg);
}

static struct plan_line *
plan_add(struct plan_build *b, const struct step *s)
{
    struct plan_line *line = &b->lines[b->n];

    b->steps[b->n++] = (struct ui_plan_step){ .text = line->text,
                                              .dry_run = line->dry,
                                              .undo = s->undo_text };
    return line;
}

/* Whether members that ran the new version can run the old one again. */
static bool
plan_may_return(const struct run *run)
{
    return engine_may_return(run->target->engine, catalog_version(run->plan->to),
                             catalog_version(run->plan->from));
}

/* The members of a row that takes them as they stand in their set. */
static void
plan_add_rank(struct cluster *cluster, struct plan_build *b, const struct step *s)
{
    bool last = false;

    for (size_t i = 0; i < cluster->n_pods; i++) {
        size_t at = s->order == ORDER_RISING ? i : cluster->n_pods - 1 - i;
        struct member *p = &cluster->pods[at];
        struct plan_line *line = NULL;

        if (!step_takes(cluster, s, p) ||
            (cluster->plan->resuming && s->order == ORDER_FALLING && !sets_has_pod(p))) {
            continue;
        }
        last = s->order == ORDER_FALLING && p->ordinal == 0;
        if (last && course_is_forward(cluster->run) &&
            !replacement_is_same_version(cluster->plan) && b->n > 0) {
            b->steps[b->n - 1].line = "after the last member of the old version leaves, "
                                      "no old member can rejoin the group";
        }
        line = plan_add(b, s);
        plan_text_set(cluster, s, p, line);
        plan_dry_run(cluster, s, NULL, line);
        if (last && !replacement_is_same_version(cluster->plan)) {
            b->steps[b->n - 1].undo = "-";
        }
    }
}

static void
plan_add_roll(struct cluster *cluster, struct plan_build *b, const struct step *s)
{
    struct roll_item items[MEMBERS_MAX];

    for (size_t i = 0; i < cluster->n_pods; i++) {
        items[i] = sets_roll_item(cluster, &cluster->pods[i]);
    }
    engine_roll_order(items, cluster->n_pods, b->order);
    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[b->order[i]];
        struct plan_line *line = NULL;

        if (!step_takes(cluster, s, p)) {
            continue;
        }
        line = plan_add(b, s);
        plan_text_pod(cluster, p, line);
        if (!cluster->plan->resuming || !mirror_pod_is_there(cluster, p)) {
            plan_dry_run(cluster, s, p, line);
        }
        if (i == 0 && course_is_forward(cluster->run) &&
            cluster->plan->procedure->each_returns && !plan_may_return(cluster->run)) {
            b->steps[b->n - 1].line = cluster->target->engine->versions.no_return;
        }
    }
}

static const char *
plan_change(const struct run *run)
{
    const char *from = catalog_version(run->plan->from);
    const char *to = catalog_version(run->plan->to);
    int a = engine_version_number(from);
    int b = engine_version_number(to);

    if (!course_is_forward(run)) {
        return "rollback";
    }
    if (str_eq(from, to)) {
        return "image change within the same version";
    }
    if (a / 10000 != b / 10000) {
        return "major upgrade";
    }
    if (run->target->engine->versions.numbers == 2) {
        return "minor upgrade";
    }
    return a / 100 != b / 100 ? "minor-series upgrade" : "patch upgrade";
}

static char *
plan_topology(struct cluster *cluster)
{
    const struct member_set *set = sets_members(cluster);
    struct workload w = { 0 };
    struct err ignored = { 0 };
    const struct member *primary = NULL;
    char following[512] = "";

    (void)workload_parse(sets_object(cluster, set), &w, &ignored);
    for (size_t i = 0; i < cluster->n_pods; i++) {
        primary = cluster->pods[i].role == MEMBER_PRIMARY ? &cluster->pods[i] : primary;
    }
    for (size_t i = 1; i < cluster->n_sets && cluster->sets[i].follows; i++) {
        str_append(following, sizeof following, "%s %s (%zu)",
                   i == 1 ? "; read replicas" : ",", cluster->sets[i].name,
                   cluster->sets[i].replicas);
    }
    return mem_printf("%s, %s %s (%s), %zu member%s%s%s%s", cluster->plan->mode->title,
                      step_text_workload(cluster->target), set->name,
                      w.strategy != NULL ? w.strategy : "", set->replicas,
                      set->replicas == 1 ? "" : "s", primary != NULL ? ", primary " : "",
                      primary != NULL ? primary->name : "", following);
}

/* Whether a way back leads from here, and none from the row after it. */
static bool
plan_is_last_way_back(const struct run *run, const struct step *s)
{
    if (run->plan->procedure->two_sets) {
        return str_eq(s[1].name, "remove") && course_is_forward(run) &&
               replacement_is_same_version(run->plan);
    }
    return str_eq(s[1].name, "version") && plan_may_return(run);
}

int
plan_report(struct cluster *cluster, struct err *e)
{
    static struct plan_build b; /* large, and there is one plan */
    auto_free char *topology = plan_topology(cluster);
    auto_free char *apply = emit_apply(cluster->run);
    struct ui_plan plan = { .change = plan_change(cluster->run),
                            .topology = topology,
                            .steps = b.steps,
                            .preflight_ms = clock_ms() - cluster->run->started,
                            .requests = kube_requests(cluster->target->kube),
                            .apply = apply };

    memset(&b, 0, sizeof b);
    for (const struct step *s = procedure_steps(cluster->run); s->name != NULL; s++) {
        if (step_count(cluster, s) == 0) {
            continue;
        }
        if (s->each_pod && s->order != ORDER_ROLL) {
            plan_add_rank(cluster, &b, s);
        } else if (s->each_pod) {
            plan_add_roll(cluster, &b, s);
        } else {
            struct plan_line *line = plan_add(&b, s);

            plan_text_step(cluster, s, line);
            plan_dry_run(cluster, s, NULL, line);
            b.steps[b.n - 1].line = s->line;
            if (plan_is_last_way_back(cluster->run, s)) {
                b.steps[b.n - 1].line = "no rollback after this step";
            }
        }
    }
    plan.n_steps = b.n;
    ui_emit(cluster->run->ui, &(struct ui_event){ .type = UI_PLAN, .plan = &plan });
    return cluster->progress.dry_refused
               ? err_set(e, ERR_REFUSED, "the API server refused a step of the dry run")
               : 0;
}
