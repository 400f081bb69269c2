#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "ui/text.h"
#include "ui/ui_private.h"

/*
 * The plan and the checks, as tables.
 */

enum { PLAN_CHANGE = 60, PLAN_COST = 60 };

static size_t
plan_max(size_t a, const char *text)
{
    size_t b = text != NULL ? text_columns(text) : 0;

    return a > b ? a : b;
}

static void
plan_show_header(struct ui *u, const struct ui_plan *p)
{
    const struct ui_model *m = &u->model;
    char db[UI_TEXT * 2];
    auto_line struct ui_line l = { 0 };

    line_start(&l, &u->out);
    line_add_color(&l, UI_BOLD, "Plan");
    line_add(&l, "      %s  (namespace %s", model_db(m, db, sizeof db),
             m->about.name_space);
    if (m->about.context[0] != '\0') {
        line_add(&l, ", context %s", m->about.context);
    }
    line_add(&l, ")  ");
    line_pad(&l, PLAN_CHANGE);
    line_add(&l, "%s -> %s   %s", m->about.from, m->about.to,
             p->change != NULL ? p->change : "");
    ui_write(u, &l, 10);
    if (p->topology != NULL) {
        line_add_color(&l, UI_BOLD, "Topology");
        line_add(&l, "  %s", p->topology);
        ui_write(u, &l, 10);
    }
    line_write(&l, &u->out);
}

static void
plan_show_check(struct ui *u, const struct ui_check *c, size_t width)
{
    static const struct {
        const char *word;
        enum ui_color color;
    } words[] = {
        [UI_OK] = { "ok", UI_GREEN },
        [UI_WARN] = { "WARN", UI_YELLOW },
        [UI_FAIL] = { "FAIL", UI_RED },
    };
    auto_line struct ui_line l = { 0 };

    line_start(&l, &u->out);
    line_add(&l, "  ");
    line_add_color(&l, words[c->severity].color, words[c->severity].word);
    line_pad(&l, 8);
    line_add(&l, "%s", c->id);
    line_pad(&l, 8 + width + 2);
    line_add_color(
        &l, words[c->severity].color == UI_GREEN ? UI_PLAIN : words[c->severity].color,
        c->text);
    ui_write(u, &l, 8 + width + 2);
    for (const char *hint = c->hint; *hint != '\0';) {
        size_t len = strcspn(hint, "\n");

        line_add(&l, "        hint: %.*s", (int)len, hint);
        ui_write(u, &l, 14);
        hint += len + (hint[len] == '\n');
    }
}

static void
plan_show_rows(struct ui *u, bool all)
{
    struct ui_model *m = &u->model;
    size_t width = 0;

    for (size_t i = 0; i < m->checks.n; i++) {
        width = plan_max(width, m->checks.at[i].id);
    }
    for (size_t i = 0; i < m->checks.n; i++) {
        if (all || m->checks.at[i].severity != UI_OK) {
            plan_show_check(u, &m->checks.at[i], width);
        }
    }
    m->checks.shown = true;
}

static void
plan_show_preflight(struct ui *u, const struct ui_plan *p)
{
    auto_line struct ui_line l = { 0 };

    line_start(&l, &u->out);
    line_add_color(&l, UI_BOLD, "PREFLIGHT");
    line_pad(&l, PLAN_COST);
    line_add(&l, "%.1fs  %lu requests", (double)p->preflight_ms / 1000, p->requests);
    ui_write(u, &l, 2);
    plan_show_rows(u, true);
    line_write(&l, &u->out);
}

void
plan_show_checks(struct ui *u, bool all)
{
    auto_line struct ui_line l = { 0 };

    if (u->model.checks.shown || u->model.checks.n == 0 ||
        (!all && u->model.checks.warnings + u->model.checks.errors == 0)) {
        return;
    }
    line_start(&l, &u->out);
    line_add_color(&l, UI_BOLD, "PREFLIGHT");
    line_write(&l, &u->out);
    plan_show_rows(u, all);
}

/* Where the columns of the steps begin; 0 for one that is empty. Where the terminal is
 * too narrow for columns, they become a line below each step. */
struct plan_columns {
    size_t dry_run, undo;
    bool below;
};

static struct plan_columns
plan_measure(struct ui *u, const struct ui_plan *p)
{
    size_t text = 0;
    size_t dry_run = 0;
    size_t undo = 0;
    size_t width = 0;
    size_t height = 0;
    struct plan_columns c = { 0 };

    for (size_t i = 0; i < p->n_steps; i++) {
        text = plan_max(text, p->steps[i].text);
        dry_run = plan_max(dry_run, p->steps[i].dry_run);
        undo = plan_max(undo, p->steps[i].undo);
    }
    text += 5 + 3;
    if (dry_run > 0) {
        c.dry_run = text;
        text += plan_max(dry_run, "server dry-run") + 3;
    }
    c.undo = undo > 0 ? text : 0;
    ui_size(u, &width, &height);
    c.below = width > 0 && text + undo > width;
    return c;
}

static void
plan_add_dry_run(struct ui_line *l, const struct ui_plan_step *s)
{
    const char *text = s->dry_run != NULL ? s->dry_run : "";

    line_add_color(l, str_starts(text, "refused") ? UI_RED : UI_PLAIN, text);
}

static void
plan_show_below(struct ui *u, const struct ui_plan_step *s, const struct plan_columns *c)
{
    bool undo = s->undo != NULL && !str_eq(s->undo, "-");
    auto_line struct ui_line l = { 0 };

    line_start(&l, &u->out);
    line_add(&l, "     ");
    if (c->dry_run > 0) {
        plan_add_dry_run(&l, s);
        line_add(&l, "%s", undo ? "; " : "");
    }
    line_add(&l, "%s%s", undo ? "undo: " : "", undo ? s->undo : "");
    if (c->dry_run > 0 || undo) {
        ui_write(u, &l, 5);
    }
}

static void
plan_show_step(struct ui *u, const struct ui_plan_step *s, size_t n,
               const struct plan_columns *c)
{
    auto_line struct ui_line l = { 0 };

    line_start(&l, &u->out);
    line_add(&l, "%3zu  %s", n, s->text);
    if (c->dry_run > 0 && !c->below) {
        line_pad(&l, c->dry_run);
        plan_add_dry_run(&l, s);
    }
    if (c->undo > 0 && !c->below) {
        line_pad(&l, c->undo);
        line_add(&l, "%s", s->undo != NULL ? s->undo : "-");
    }
    ui_write(u, &l, 5);
    if (c->below) {
        plan_show_below(u, s, c);
    }
    if (s->line != NULL) {
        char rule[512] = "";

        str_append(rule, sizeof rule, "------- point of no return: %s -------", s->line);
        line_add(&l, "     ");
        line_add_color(&l, UI_YELLOW, rule);
        ui_write(u, &l, 13);
    }
}

static void
plan_show_steps(struct ui *u, const struct ui_plan *p)
{
    const struct plan_columns c = plan_measure(u, p);
    auto_line struct ui_line l = { 0 };

    line_start(&l, &u->out);
    line_add_color(&l, UI_BOLD, "STEPS");
    if (c.dry_run > 0 && !c.below) {
        line_pad(&l, c.dry_run);
        line_add(&l, "server dry-run");
    }
    if (c.undo > 0 && !c.below) {
        line_pad(&l, c.undo);
        line_add(&l, "undo");
    }
    line_write(&l, &u->out);
    for (size_t i = 0; i < p->n_steps; i++) {
        plan_show_step(u, &p->steps[i], i + 1, &c);
    }
    line_write(&l, &u->out);
}

static void
plan_show_closing(struct ui *u, const struct ui_plan *p)
{
    const struct ui_model *m = &u->model;
    auto_line struct ui_line l = { 0 };

    line_start(&l, &u->out);
    line_add(&l, "%u warning%s, %u blocking.", m->checks.warnings,
             m->checks.warnings == 1 ? "" : "s", m->checks.errors);
    if (u->options.dry_run) {
        line_add(&l, " Nothing was changed.");
        if (p->apply != NULL && m->checks.errors == 0) {
            line_add(&l, "  Apply with:  %s", p->apply);
        }
    }
    ui_write(u, &l, 2);
}

void
plan_show(struct ui *u, const struct ui_plan *p)
{
    plan_show_header(u, p);
    if (!u->model.checks.shown) {
        plan_show_preflight(u, p);
    }
    plan_show_steps(u, p);
    plan_show_closing(u, p);
}
