#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/replacement.h"
#include "cluster/routers.h"
#include "kubedb/catalog.h"

/*
 * The plan that a dry run shows: the rows of the steps' table with what is known now.
 */

enum { PLAN_STEPS_MAX = FLOW_MEMBERS_MAX + 16 };

struct plan_line {
    char text[256];
    char dry[256];
};

struct plan_build {
    struct ui_plan_step steps[PLAN_STEPS_MAX];
    struct plan_line lines[PLAN_STEPS_MAX];
    size_t n;
    size_t order[FLOW_MEMBERS_MAX];
};

/* -- the server-side dry run: each mutation as it would be sent -- */

static int
plan_try_evict(struct flow *f, const struct flow_pod *p, struct err *e)
{
    const json_t *o = flow_pod_object(f, p->name);
    const char *uid = json_path_str(o, "metadata.uid");
    const char *version = json_path_str(o, "metadata.resourceVersion");

    return o == NULL ? 0 : kube_evict(f->k, f->rq->name_space, p->name, uid, version, e);
}

static int
plan_try_first(struct flow *f, struct err *e)
{
    return plan_try_evict(f, &f->pods[0], e);
}

static int
plan_try_front(struct flow *f, struct err *e)
{
    int got = front_mutate(f, e);

    for (size_t i = 0; i < front_count(f) && got == 0; i++) {
        got = plan_try_evict(f, &f->front->pods[i], e);
    }
    return got;
}

static int
plan_try_make(struct flow *f, struct err *e)
{
    const struct flow_set *s = newset_goal(f);

    return s->absent && *s->uid == '\0' ? newset_make(f, e) : 0;
}

/* A set that is there; the API server does not mind that it has members yet. */
static int
plan_try_remove(struct flow *f, struct err *e)
{
    struct flow_set *s = newset_other(f);

    return s->absent ? 0 : newset_remove(f, s, e);
}

static const struct plan_try {
    const char *step;
    int (*mutate)(struct flow *f, struct err *e);
} plan_tries[] = {
    { "pause", mutate_pause },     { "images", mutate_images },
    { "front", plan_try_front },   { "switch", plan_try_first },
    { "make", plan_try_make },     { "remove", plan_try_remove },
    { "version", mutate_version }, { "resume", mutate_resume },
};

/* Fills what the API server says to a step's mutation; "-" where there is none. */
static void
plan_dry(struct flow *f, const struct flow_step *s, const struct flow_pod *p,
         struct plan_line *line)
{
    struct err refused = { 0 };
    int got = 1;

    if (f->rq->dry_run != FLOW_DRY_SERVER) {
        return;
    }
    if (p != NULL && s->order == ORDER_ROLL) {
        got = plan_try_evict(f, p, &refused);
    }
    for (size_t i = 0; i < sizeof plan_tries / sizeof *plan_tries; i++) {
        if (str_eq(plan_tries[i].step, s->name)) {
            got = plan_tries[i].mutate(f, &refused);
        }
    }
    f->dry_refused = f->dry_refused || got < 0;
    (void)snprintf(line->dry, sizeof line->dry, "%s%.200s",
                   got < 0    ? "refused: "
                   : got == 0 ? "accepted"
                              : "-",
                   refused.msg);
}

/* -- texts -- */

static void
plan_text_pod(const struct flow *f, const struct flow_pod *p, struct plan_line *line)
{
    static const char *const roles[] = { "", "secondary", "primary", "read replica" };
    const struct engine_handover *h = NULL;

    if (f->resuming && member_is_there(f, p)) {
        (void)snprintf(line->text, sizeof line->text, "verify %s, which has these images",
                       p->name);
        return;
    }
    (void)snprintf(line->text, sizeof line->text, "restart %s   %s", p->name,
                   p->set->follows                                    ? roles[3]
                   : p->role == MEMBER_PRIMARY                        ? roles[2]
                   : f->n_pods > 1 && engine_has_primary(f->topology) ? roles[1]
                                                                      : roles[0]);
    if (f->procedure == PROCEDURE_PG_UPGRADE && flow_is_forward(f)) {
        (void)snprintf(line->text, sizeof line->text,
                       "restart %s   its data are copied anew from %s", p->name,
                       f->pods[0].name);
        return;
    }
    if ((p->role != MEMBER_PRIMARY && p->role != MEMBER_PEER) || f->n_pods < 2) {
        return;
    }
    h = engine_handover_for(f->en, f->topology, catalog_version(f->from),
                            catalog_version(f->to));
    if (h != NULL) {
        str_append(line->text, sizeof line->text, "%s%s, est gap %s",
                   p->role == MEMBER_PRIMARY ? "; " : "", h->title, h->est_gap);
    }
}

/* A member of a new set, or one of the set that goes. */
static void
plan_text_set(const struct flow *f, const struct flow_step *s, const struct flow_pod *p,
              struct plan_line *line)
{
    const struct engine_handover *h = engine_handover_for(
        f->en, f->topology, catalog_version(f->from), catalog_version(f->to));
    bool rises = s->order == ORDER_RISING;

    if (rises && member_is_there(f, p)) {
        (void)snprintf(line->text, sizeof line->text, "verify %s, which is there",
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
plan_text_images(const struct flow *f, const struct flow_step *s, struct plan_line *line)
{
    size_t images = sets_count_changes(f, false);
    size_t variables = sets_count_changes(f, true);

    (void)snprintf(line->text, sizeof line->text, "%s on ", s->title);
    for (size_t i = 0; i < f->n_sets; i++) {
        str_append(line->text, sizeof line->text, "%s%s/%s", i > 0 ? ", " : "",
                   f->petset ? "PetSet" : "StatefulSet", f->sets[i].name);
    }
    str_append(line->text, sizeof line->text, " (%zu image%s, ", images,
               images == 1 ? "" : "s");
    if (variables > 0) {
        str_append(line->text, sizeof line->text, "%zu variable%s, ", variables,
                   variables == 1 ? "" : "s");
    }
    str_append(line->text, sizeof line->text, "0 pods restart)");
}

static void
plan_text(struct flow *f, const struct flow_step *s, struct plan_line *line)
{
    if (str_eq(s->name, "pause")) {
        (void)snprintf(line->text, sizeof line->text, "lock %s, %s on %s/%s", f->rq->name,
                       s->title, f->en->kind, f->rq->name);
    } else if (str_eq(s->name, "make")) {
        (void)snprintf(line->text, sizeof line->text, "%s %s/%s, without members yet",
                       s->title, f->petset ? "PetSet" : "StatefulSet",
                       newset_goal(f)->name);
    } else if (str_eq(s->name, "remove")) {
        (void)snprintf(line->text, sizeof line->text, "%s %s/%s", s->title,
                       f->petset ? "PetSet" : "StatefulSet", newset_other(f)->name);
    } else if (str_eq(s->name, "images")) {
        plan_text_images(f, s, line);
    } else if (str_eq(s->name, "front")) {
        (void)snprintf(line->text, sizeof line->text, "%s of %s/%s (%zu), one by one",
                       s->title, f->petset ? "PetSet" : "StatefulSet", f->front->set.name,
                       front_count(f));
    } else if (str_eq(s->name, "version")) {
        (void)snprintf(line->text, sizeof line->text, "%s of %s/%s to %s", s->title,
                       f->en->kind, f->rq->name, f->to_name);
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
    return engine_may_return(f->en, catalog_version(f->to), catalog_version(f->from));
}

/* The members of a row that takes them as they stand in their set. */
static void
plan_add_rank(struct flow *f, struct plan_build *b, const struct flow_step *s)
{
    bool last = false;

    for (size_t i = 0; i < f->n_pods; i++) {
        size_t at = s->order == ORDER_RISING ? i : f->n_pods - 1 - i;
        struct flow_pod *p = &f->pods[at];
        struct plan_line *line = NULL;

        if (!flow_step_takes(f, s, p) ||
            (f->resuming && s->order == ORDER_FALLING && !sets_has_pod(p))) {
            continue;
        }
        last = s->order == ORDER_FALLING && p->ordinal == 0;
        if (last && flow_is_forward(f) && !newset_is_same_version(f) && b->n > 0) {
            b->steps[b->n - 1].line = "once the last member of the old version has left, "
                                      "none of it can join again";
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

    for (size_t i = 0; i < f->n_pods; i++) {
        items[i] = sets_roll_item(f, &f->pods[i]);
    }
    engine_roll_order(items, f->n_pods, b->order);
    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *p = &f->pods[b->order[i]];
        struct plan_line *line = NULL;

        if (!flow_step_takes(f, s, p)) {
            continue;
        }
        line = plan_add(b, s);
        plan_text_pod(f, p, line);
        if (!f->resuming || !member_is_there(f, p)) {
            plan_dry(f, s, p, line);
        }
        if (i == 0 && flow_is_forward(f) && f->procedure == PROCEDURE_ROLL &&
            !plan_may_return(f)) {
            b->steps[b->n - 1].line = f->en->no_return;
        }
    }
}

static const char *
plan_change(const struct flow *f)
{
    const char *from = catalog_version(f->from);
    const char *to = catalog_version(f->to);
    int a = engine_version_number(from);
    int b = engine_version_number(to);

    if (!flow_is_forward(f)) {
        return "walking back";
    }
    if (str_eq(from, to)) {
        return "another image of the same version";
    }
    if (a / 10000 != b / 10000) {
        return "major upgrade";
    }
    if (f->en->version_numbers == 2) {
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
    for (size_t i = 0; i < f->n_pods; i++) {
        primary = f->pods[i].role == MEMBER_PRIMARY ? &f->pods[i] : primary;
    }
    for (size_t i = 1; i < f->n_sets && f->sets[i].follows; i++) {
        str_append(following, sizeof following, "%s %s (%zu)",
                   i == 1 ? "; read replicas" : ",", f->sets[i].name,
                   f->sets[i].replicas);
    }
    return mem_printf("%s, %s %s (%s), %zu member%s%s%s%s", f->mode->title,
                      f->petset ? "PetSet" : "StatefulSet", set->name,
                      w.strategy != NULL ? w.strategy : "", set->replicas,
                      set->replicas == 1 ? "" : "s", primary != NULL ? ", primary " : "",
                      primary != NULL ? primary->name : "", following);
}

/* Whether a way back leads from here, and none from the row after it. */
static bool
plan_is_last_way_back(const struct flow *f, const struct flow_step *s)
{
    if (f->procedure == PROCEDURE_NEW_SET) {
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
                            .preflight_ms = clock_ms() - f->started,
                            .requests = kube_requests(f->k),
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

            plan_text(f, s, line);
            plan_dry(f, s, NULL, line);
            b.steps[b.n - 1].line = s->line;
            if (plan_is_last_way_back(f, s)) {
                b.steps[b.n - 1].line = "from here on another upgrade is the only way";
            }
        }
    }
    plan.n_steps = b.n;
    ui_emit(f->u, &(struct ui_event){ .type = UI_PLAN, .plan = &plan });
    return f->dry_refused
               ? err_set(e, ERR_REFUSED, "the API server refused a step of the dry run")
               : 0;
}
