#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/sig.h"
#include "base/str.h"
#include "ui/text.h"
#include "ui/ui_private.h"

enum { REPORT_STATE = 44 }; /* columns for what a wait sees: else its time is cut off */

/*
 * Warnings, errors and the end of a run, for humans.
 *
 *     10:43:02 ERROR   my-db-0 did not become healthy: ...
 *              DETAIL  members: ...
 *              HINT    fix ..., then: ...
 *              BUNDLE  ./my-db-20261121T104302Z.tar.gz (...)
 */

/* A block whose first line may begin with the time; the others are indented by as much.
 */
struct report {
    struct ui_out *out;
    const char *time; /* "" for none */
    size_t width;     /* of the terminal; 0: lines are as long as they are */
    bool first;
};

static struct report
report_begin(struct ui *u, struct ui_out *o, char *time, size_t size)
{
    size_t width = 0;
    size_t height = 0;

    ui_size(u, &width, &height);
    return (struct report){ .out = o,
                            .time = ui_time(u, time, size),
                            .width = isatty(fileno(o->file)) ? width : 0,
                            .first = true };
}

/* Hints and paths are not broken into lines: they are copied from the terminal. */
static void
report_line(struct report *r, enum ui_color color, const char *label, const char *text)
{
    size_t indent = *r->time != '\0' ? 9 : 0;
    auto_line struct ui_line l = { 0 };

    line_start(&l, r->out);
    line_add(&l, "%-*s", (int)indent, r->first ? r->time : "");
    line_add_color(&l, color, label);
    line_add(&l, "%*s%s", (int)(8 - strlen(label)), "", text);
    line_fold(&l, r->out, str_eq(label, "HINT") || str_eq(label, "BUNDLE") ? 0 : r->width,
              indent + 8);
    r->first = false;
}

/* One line of the block for each line of the text. */
static void
report_lines(struct report *r, const char *label, const char *lines)
{
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");
        char text[1600];

        str_copy(text, len + 1 < sizeof text ? len + 1 : sizeof text, lines);
        report_line(r, UI_BOLD, label, text);
        lines += len + (lines[len] == '\n');
    }
}

static void
report_error(struct report *r, const struct err *e)
{
    report_line(r, UI_RED, "ERROR", e->msg[0] != '\0' ? e->msg : "unknown error");
    report_lines(r, "DETAIL", e->detail);
}

void
ui_print_error(FILE *out, const struct err *e, bool color)
{
    struct ui_out o;
    struct report r = { .out = &o, .time = "", .first = true };

    ui_out_init(&o, out, !color);
    report_error(&r, e);
    report_lines(&r, "HINT", e->hint);
}

void
report_warning(struct ui *u, struct ui_out *o, const struct ui_event *ev)
{
    char time[16];
    struct report r = report_begin(u, o, time, sizeof time);

    report_line(&r, UI_YELLOW, "WARN", ev->text != NULL ? ev->text : "");
    if (ev->hint != NULL && *ev->hint != '\0') {
        report_line(&r, UI_BOLD, "HINT", ev->hint);
    }
}

static void
report_bundle(struct report *r, const char *path)
{
    auto_free char *text =
        path != NULL ? mem_printf("%s (events, logs, objects; secrets removed)", path)
                     : NULL;

    if (text != NULL) {
        report_line(r, UI_BOLD, "BUNDLE", text);
    }
}

/* As long as it is: what was cut would be another command. */
static void
report_command(struct report *r, const struct err *e, const char *why,
               const char *command)
{
    if (command != NULL && strstr(e->hint, command) == NULL) {
        auto_free char *text = mem_printf("%s:  %s", why, command);

        report_line(r, UI_BOLD, "HINT", text);
    }
}

static void
report_failure(struct ui *u, const struct ui_result *res)
{
    static const struct err unknown = { .code = ERR_INTERNAL };
    const struct err *e = res->err != NULL ? res->err : &unknown;
    char time[16];
    char text[40];
    struct report r = report_begin(u, &u->errors, time, sizeof time);

    report_error(&r, e);
    if (res->state != NULL) {
        report_lines(&r, "STATE", res->state);
    }
    report_lines(&r, "HINT", e->hint);
    report_command(&r, e, "to resume", res->resume);
    report_command(&r, e, "to roll back", res->abort);
    report_bundle(&r, res->bundle);
    text[0] = '\0';
    str_append(text, sizeof text, "exit status %d\n", res->exit_status);
    ui_out_write(&u->errors, text, strlen(text));
}

/* One line a member that the run came to the end with: what its time went to. */
static void
report_members(struct ui_line *l, const struct ui_model *m, struct ui_out *o)
{
    int width = 0;

    for (size_t i = 0; i < m->n_pods; i++) {
        int len = (int)strlen(m->pods[i].name);

        width = len > width ? len : width;
    }
    for (size_t i = 0; i < m->n_pods; i++) {
        const struct ui_pod *p = &m->pods[i];
        char durations[256];

        if (p->state != UI_POD_DONE) {
            continue;
        }
        line_add(l, "  %-*s  %s", width, p->name,
                 model_was_there(p) ? "already upgraded, verified"
                                    : model_durations(p, durations, sizeof durations));
        line_write(l, o);
    }
}

static void
report_success(struct ui *u, struct ui_out *o, const struct ui_result *res)
{
    auto_line struct ui_line l = { 0 };

    line_start(&l, o);
    for (size_t i = 0; res->summary != NULL && res->summary[i] != NULL; i++) {
        line_add_color(&l, i == 0 ? UI_GREEN : UI_PLAIN, i == 0 ? "✔ " : "  ");
        line_add(&l, "%s", res->summary[i]);
        line_write(&l, o);
    }
    if (res->summary != NULL) {
        report_members(&l, &u->model, o);
    }
}

void
report_result(struct ui *u, struct ui_out *o, const struct ui_result *r)
{
    if (r->ok) {
        report_success(u, o, r);
    } else {
        report_failure(u, r);
    }
}

void
report_problem(struct ui *u, const struct ui_event *ev)
{
    if (ev->type == UI_WARNING) {
        report_warning(u, &u->errors, ev);
    } else if (ev->type == UI_RESULT && !ev->result->ok) {
        report_failure(u, ev->result);
    }
}

/* "9m22s left", of the whole run's limit where that comes first. */
static void
report_left(struct ui_line *l, const struct ui_wait *w, long long now)
{
    bool whole = false;
    long long left = model_left(w, now, &whole);

    if (left >= 0) {
        char text[32];

        line_add(l, ", %s left%s", model_seconds(left, text, sizeof text),
                 whole ? " of --timeout" : "");
    }
}

void
report_wait(struct ui_line *l, const struct ui_wait *w, long long now, size_t width)
{
    char waited[32];
    auto_line struct ui_line time = { .out = l->out };

    model_seconds(model_waited(w, now), waited, sizeof waited);
    if (width == 0 || w->now[0] == '\0') {
        line_add(l, "waiting %s", waited);
        report_left(l, w, now);
        line_add(l, " for %s%s", w->text, w->now[0] != '\0' ? ": " : "");
    }
    line_add(l, "%s", w->now);
    if (w->want[0] != '\0' && !str_eq(w->now, w->want)) {
        line_add(l, " -> %s", w->want);
    }
    if (width > 0 && w->now[0] != '\0') {
        size_t taken = 0;

        line_add(&time, ", %s", waited);
        report_left(&time, w, now);
        taken = text_columns(buf_text(&time.text));
        if (taken + REPORT_STATE < width) {
            text_cut(&l->text, width - taken, l->out->utf8);
        }
        line_add(l, "%s", buf_text(&time.text));
    }
}

char *
report_held(const struct ui_model *m, char *out, size_t size)
{
    const char *what = "no longer paused";
    const char *by = ", by ";

    if (model_is_paused(m)) {
        what = "PAUSED before the next member";
    } else if (m->held) {
        what = "will pause before the next member";
        by = ", requested by ";
    }
    out[0] = '\0';
    return str_append(out, size, "%s%s%s", what, m->held_by[0] != '\0' ? by : "",
                      m->held_by);
}
