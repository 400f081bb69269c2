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
#include "engine/topology.h"
#include "kube/client.h"
#include "kubedb/catalog.h"
#include "kubedb/workload.h"
#include "member/switchover.h"
#include "procedure/steps.h"
#include "report/plan_dry_run.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/flow.h"
#include "ui/ui.h"

/*
 * The plan that a dry run shows: the rows of the steps' table with what is known now.
 */

enum { PLAN_STEPS_MAX = (int)FLOW_MEMBERS_MAX + (int)FLOW_ROWS_MAX };

struct plan_build {
    struct ui_plan_step steps[PLAN_STEPS_MAX];
    struct plan_line lines[PLAN_STEPS_MAX];
    size_t n;
    size_t order[FLOW_MEMBERS_MAX];
};

/* -- texts -- */

static void
plan_text_pod(const struct flow *f, const struct flow_pod *p, struct plan_line *line)
{
    static const char *const roles[] = { "", "secondary", "primary", "read replica" };
    const struct engine_handover *h = NULL;

    if (f->plan.resuming && flow_pod_is_there(f, p)) {
        (void)snprintf(line->text, sizeof line->text,
                       "verify %s, which already has these images", p->name);
        return;
    }
    (void)snprintf(line->text, sizeof line->text, "restart %s   %s", p->name,
                   p->set->follows             ? roles[3]
                   : p->role == MEMBER_PRIMARY ? roles[2]
                   : f->cluster.n_pods > 1 && engine_has_primary(f->plan.topology)
                       ? roles[1]
                       : roles[0]);
    if (f->plan.procedure->converts && flow_is_forward(f)) {
        (void)snprintf(line->text, sizeof line->text, "restart %s   re-cloned from %s",
                       p->name, f->cluster.pods[0].name);
        return;
    }
    if ((p->role != MEMBER_PRIMARY && p->role != MEMBER_PEER) || f->cluster.n_pods < 2) {
        return;
    }
    h = handover_for(f, catalog_version(f->plan.from), catalog_version(f->plan.to));
    if (h != NULL) {
        str_append(line->text, sizeof line->text, "%s%s, est gap %s",
                   p->role == MEMBER_PRIMARY ? "; " : "", h->title, h->est_gap);
    } else if (f->target.request->handover != NULL) {
        str_append(line->text, sizeof line->text,
                   "%swithout a handover (--handover none)",
                   p->role == MEMBER_PRIMARY ? "; " : "");
    }
}

/* A member of a new set, or one of the set that goes. */
static void
plan_text_set(const struct flow *f, const struct flow_step *s, const struct flow_pod *p,
              struct plan_line *line)
{
    const struct engine_handover *h =
        handover_for(f, catalog_version(f->plan.from), catalog_version(f->plan.to));
    bool rises = s->order == ORDER_RISING;

    if (rises && flow_pod_is_there(f, p)) {
        (void)snprintf(line->text, sizeof line->text, "verify %s, which already exists",
                       p->name);
        return;
    }
    (void)snprintf(line->text, sizeof line->text, "%s %s   %s", s->title, p->name,
                   rises ? "joins the group" : "leaves the group");
    if (!rises && p->ordinal == 0 && h != NULL && !newset_is_same_version(f)) {
        str_append(line->text, sizeof line->text, "; %s, est gap %s", h->title,
                   h->est_gap);
    }
}

static void
plan_text_step(struct flow *f, const struct flow_step *s, struct plan_line *line)
{
    if (s->describe != NULL) {
        s->describe(f, s, line->text, sizeof line->text);
    } else {
        (void)snprintf(line->text, sizeof line->text, "%s", s->title);
    }
}

static struct plan_line *
plan_add(struct plan_build *b, const struct flow_step *s)
{
    struct plan_line *line = &b->lines[b->n];

    b->steps[b->n++] = (struct ui_plan_step){ .text = line->text,
                                              .dry_run = line->dry,
                                              .undo = s->undo_text };
    return line;
}

/* Whether members that ran the new version can run the old one again. */
static bool
plan_may_return(const struct flow *f)
{
    return engine_may_return(f->target.engine, catalog_version(f->plan.to),
                             catalog_version(f->plan.from));
}

/* The members of a row that takes them as they stand in their set. */
static void
plan_add_rank(struct flow *f, struct plan_build *b, const struct flow_step *s)
{
    bool last = false;

    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        size_t at = s->order == ORDER_RISING ? i : f->cluster.n_pods - 1 - i;
        struct flow_pod *p = &f->cluster.pods[at];
        struct plan_line *line = NULL;

        if (!flow_step_takes(f, s, p) ||
            (f->plan.resuming && s->order == ORDER_FALLING && !sets_has_pod(p))) {
            continue;
        }
        last = s->order == ORDER_FALLING && p->ordinal == 0;
        if (last && flow_is_forward(f) && !newset_is_same_version(f) && b->n > 0) {
            b->steps[b->n - 1].line = "after the last member of the old version leaves, "
                                      "no old member can rejoin the group";
        }
        line = plan_add(b, s);
        plan_text_set(f, s, p, line);
        plan_dry(f, s, NULL, line);
        if (last && !newset_is_same_version(f)) {
            b->steps[b->n - 1].undo = "-";
        }
    }
}

static void
plan_add_roll(struct flow *f, struct plan_build *b, const struct flow_step *s)
{
    struct roll_item items[FLOW_MEMBERS_MAX];

    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        items[i] = sets_roll_item(f, &f->cluster.pods[i]);
    }
    engine_roll_order(items, f->cluster.n_pods, b->order);
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        struct flow_pod *p = &f->cluster.pods[b->order[i]];
        struct plan_line *line = NULL;

        if (!flow_step_takes(f, s, p)) {
            continue;
        }
        line = plan_add(b, s);
        plan_text_pod(f, p, line);
        if (!f->plan.resuming || !flow_pod_is_there(f, p)) {
            plan_dry(f, s, p, line);
        }
        if (i == 0 && flow_is_forward(f) && f->plan.procedure->each_returns &&
            !plan_may_return(f)) {
            b->steps[b->n - 1].line = f->target.engine->no_return;
        }
    }
}

static const char *
plan_change(const struct flow *f)
{
    const char *from = catalog_version(f->plan.from);
    const char *to = catalog_version(f->plan.to);
    int a = engine_version_number(from);
    int b = engine_version_number(to);

    if (!flow_is_forward(f)) {
        return "rollback";
    }
    if (str_eq(from, to)) {
        return "image change within the same version";
    }
    if (a / 10000 != b / 10000) {
        return "major upgrade";
    }
    if (f->target.engine->version_numbers == 2) {
        return "minor upgrade";
    }
    return a / 100 != b / 100 ? "minor-series upgrade" : "patch upgrade";
}

static char *
plan_topology(struct flow *f)
{
    const struct flow_set *set = sets_members(f);
    struct workload w = { 0 };
    struct err ignored = { 0 };
    const struct flow_pod *primary = NULL;
    char following[512] = "";

    (void)workload_parse(sets_object(f, set), &w, &ignored);
    for (size_t i = 0; i < f->cluster.n_pods; i++) {
        primary =
            f->cluster.pods[i].role == MEMBER_PRIMARY ? &f->cluster.pods[i] : primary;
    }
    for (size_t i = 1; i < f->cluster.n_sets && f->cluster.sets[i].follows; i++) {
        str_append(following, sizeof following, "%s %s (%zu)",
                   i == 1 ? "; read replicas" : ",", f->cluster.sets[i].name,
                   f->cluster.sets[i].replicas);
    }
    return mem_printf("%s, %s %s (%s), %zu member%s%s%s%s", f->plan.mode->title,
                      f->target.petset ? "PetSet" : "StatefulSet", set->name,
                      w.strategy != NULL ? w.strategy : "", set->replicas,
                      set->replicas == 1 ? "" : "s", primary != NULL ? ", primary " : "",
                      primary != NULL ? primary->name : "", following);
}

/* Whether a way back leads from here, and none from the row after it. */
static bool
plan_is_last_way_back(const struct flow *f, const struct flow_step *s)
{
    if (f->plan.procedure->two_sets) {
        return str_eq(s[1].name, "remove") && flow_is_forward(f) &&
               newset_is_same_version(f);
    }
    return str_eq(s[1].name, "version") && plan_may_return(f);
}

int
flow_plan(struct flow *f, struct err *e)
{
    static struct plan_build b; /* large, and there is one plan */
    auto_free char *topology = plan_topology(f);
    auto_free char *apply = tell_apply(f);
    struct ui_plan plan = { .change = plan_change(f),
                            .topology = topology,
                            .steps = b.steps,
                            .preflight_ms = clock_ms() - f->run.started,
                            .requests = kube_requests(f->target.kube),
                            .apply = apply };

    memset(&b, 0, sizeof b);
    for (const struct flow_step *s = flow_table(f); s->name != NULL; s++) {
        if (flow_step_width(f, s) == 0) {
            continue;
        }
        if (s->each_pod && s->order != ORDER_ROLL) {
            plan_add_rank(f, &b, s);
        } else if (s->each_pod) {
            plan_add_roll(f, &b, s);
        } else {
            struct plan_line *line = plan_add(&b, s);

            plan_text_step(f, s, line);
            plan_dry(f, s, NULL, line);
            b.steps[b.n - 1].line = s->line;
            if (plan_is_last_way_back(f, s)) {
                b.steps[b.n - 1].line = "no rollback after this step";
            }
        }
    }
    plan.n_steps = b.n;
    ui_emit(f->run.ui, &(struct ui_event){ .type = UI_PLAN, .plan = &plan });
    return f->cluster.progress.dry_refused
               ? err_set(e, ERR_REFUSED, "the API server refused a step of the dry run")
               : 0;
}
