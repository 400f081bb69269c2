#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "ui/ui_private.h"

/*
 * For logs: one line a change, with the time, and a heartbeat each 30 s of a wait.
 */

static void
plain_begin(struct ui *u, struct ui_line *l)
{
    char time[16];

    line_start(l, &u->out);
    line_add(l, "%s ", ui_time(u, time, sizeof time));
}

static void
plain_start(struct ui *u)
{
    const struct ui_model *m = &u->model;
    char db[UI_TEXT * 2];
    auto_line struct ui_line l = { 0 };

    if (u->options.dry_run) {
        return; /* the plan says it */
    }
    plain_begin(u, &l);
    line_add(&l, "%s  %s -> %s  (namespace %s", model_db(m, db, sizeof db), m->about.from,
             m->about.to, m->about.name_space);
    if (m->about.context[0] != '\0') {
        line_add(&l, ", context %s", m->about.context);
    }
    line_add(&l, ")");
    line_write(&l, &u->out);
}

static void
plain_step(struct ui *u, const struct ui_event *ev)
{
    static const char *const words[] = {
        [UI_STEP_STARTED] = "",
        [UI_STEP_DONE] = "done",
        [UI_STEP_ALREADY] = "already done",
        [UI_STEP_FAILED] = "failed",
    };
    auto_line struct ui_line l = { 0 };

    plain_begin(u, &l);
    line_add(&l, "step %u/%u %s", ev->n, ev->of, ev->text != NULL ? ev->text : "");
    if (ev->pod.name != NULL && ev->pod.name[0] != '\0' &&
        (ev->text == NULL || strstr(ev->text, ev->pod.name) == NULL)) {
        line_add(&l, " %s", ev->pod.name);
    }
    if (ev->state != UI_STEP_STARTED) {
        line_add(&l, ": %s", words[ev->state]);
    }
    if (ev->state == UI_STEP_DONE || ev->state == UI_STEP_FAILED) {
        char took[32];

        line_add(&l, " after %s", model_duration(ev->ms, took, sizeof took));
    }
    line_write(&l, &u->out);
}

static void
plain_pod(struct ui *u, const struct ui_pod *p)
{
    static const char *const words[UI_STATES] = {
        [UI_POD_WAITING] = "",
        [UI_POD_HANDOVER] = "switchover",
        [UI_POD_DRAINING] = "draining",
        [UI_POD_DELETING] = "deleting",
        [UI_POD_STARTING] = "starts",
        [UI_POD_WORKING] = "upgrading its data",
        [UI_POD_VERIFYING] = "verifying",
        [UI_POD_DONE] = "done",
        [UI_POD_FAILED] = "failed",
    };
    const char *text = p->text[0] != '\0' ? p->text : words[p->state];
    char durations[256];
    auto_line struct ui_line l = { 0 };

    if (text[0] == '\0' || p->state == UI_POD_WAITING) {
        return;
    }
    plain_begin(u, &l);
    line_add(&l, "%s %s", p->name, text);
    if (p->state == UI_POD_DONE &&
        model_durations(p, durations, sizeof durations)[0] != '\0') {
        line_add(&l, "  (%s)", durations);
    }
    line_write(&l, &u->out);
}

static void
plain_gate(struct ui *u, const struct ui_event *ev, const struct ui_gate *g)
{
    auto_line struct ui_line l = { 0 };

    if (g->verdict == UI_GATE_WAITING) {
        return; /* heartbeats tell */
    }
    plain_begin(u, &l);
    line_add(&l, "%s gate %s %s", u->model.gates_pod, g->id,
             g->verdict == UI_GATE_PASSED ? "ok" : "FAILED");
    if (g->now[0] != '\0') {
        line_add(&l, ": %s", g->now);
    }
    if (g->verdict == UI_GATE_FAILED && g->want[0] != '\0') {
        line_add(&l, ", expected %s", g->want);
    }
    if (ev->ms >= 1000) {
        char waited[32];

        line_add(&l, "  after %s", model_duration(ev->ms, waited, sizeof waited));
    }
    line_write(&l, &u->out);
}

static void
plain_note(struct ui *u, const char *text)
{
    auto_line struct ui_line l = { 0 };

    plain_begin(u, &l);
    line_add(&l, "%s", text);
    line_write(&l, &u->out);
}

/* What is shown even to those who want quiet. */
static bool
plain_loud(struct ui *u, const struct ui_event *ev)
{
    switch (ev->type) {
    case UI_PLAN:
        if (!u->options.quiet || u->options.dry_run) {
            plan_show(u, ev->plan);
        }
        return true;
    case UI_WARNING:
        report_warning(u, &u->out, ev);
        return true;
    case UI_RESULT:
        plan_show_checks(u, !u->options.quiet);
        report_result(u, &u->out, ev->result);
        return true;
    case UI_CHECK:
        return true; /* kept for the plan */
    case UI_START:
    case UI_STEP:
    case UI_POD:
    case UI_ROLE:
    case UI_GATE:
    case UI_WAIT:
    case UI_NOTE:
    case UI_HELD:
        break;
    }
    return false;
}

static void
plain_event(struct ui *u, const struct ui_event *ev, const struct ui_change *c)
{
    char text[UI_TEXT * 2];

    if (ev->type == UI_STEP) {
        plan_show_checks(u, !u->options.quiet);
    }
    if (plain_loud(u, ev) || u->options.quiet) {
        return;
    }
    if (ev->type == UI_START) {
        plain_start(u);
    } else if (ev->type == UI_STEP) {
        plain_step(u, ev);
    } else if (ev->type == UI_NOTE) {
        plain_note(u, ev->text != NULL ? ev->text : "");
    } else if (c->held || (c->wait_began && model_is_paused(&u->model))) {
        plain_note(u, report_held(&u->model, text, sizeof text));
    } else if (c->pod != NULL) {
        plain_pod(u, c->pod);
    } else if (c->gate != NULL) {
        plain_gate(u, ev, c->gate);
    }
}

static void
plain_tick(struct ui *u)
{
    struct ui_wait *w = &u->model.wait;
    long long now = u->now();
    auto_line struct ui_line l = { 0 };

    if (!w->active || now < w->next_beat || u->options.quiet) {
        return;
    }
    w->next_beat = now + UI_BEAT_MS;
    plain_begin(u, &l);
    line_add(&l, "… %s%s", w->pod, w->pod[0] != '\0' ? " " : "");
    report_wait(&l, w, now, 0);
    line_write(&l, &u->out);
}

/* Before a question the user should have seen what the checks say. */
static void
plain_suspend(struct ui *u)
{
    if (!u->model.ended) {
        plan_show_checks(u, !u->options.quiet);
    }
}

const struct ui_renderer ui_plain = {
    .name = "plain",
    .event = plain_event,
    .tick = plain_tick,
    .suspend = plain_suspend,
};
