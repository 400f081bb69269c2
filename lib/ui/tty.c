#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/sig.h"
#include "base/str.h"
#include "ui/block.h"
#include "ui/text.h"

/*
 * For a terminal: what happened scrolls, and below it stand a few lines that are drawn
 * again in place. The screen is never cleared. Each drawing hides the cursor, does not
 * wrap, and gives both back before it ends, so that there is nothing to restore whenever
 * the program is stopped.
 */
enum { TTY_FRAME_MS = 200 };

/* Goes up to the block's first line. A terminal that became narrower has broken the
 * lines that are too long for it now. */
static void
tty_add_home(const struct ui *u, struct buf *b, size_t width)
{
    size_t rows = 0;

    for (size_t i = 0; i < u->n_block; i++) {
        rows += u->block[i] > width ? (u->block[i] + width - 1) / width : 1;
    }
    if (rows > 0) {
        (void)!buf_puts(b, TEXT_HOME);
    }
    for (; rows > 0; rows--) {
        (void)!buf_puts(b, TEXT_UP);
    }
}

static void
tty_erase(struct ui *u)
{
    auto_buf struct buf b = { 0 };
    size_t width = 0;
    size_t height = 0;

    if (u->n_block == 0) {
        return;
    }
    ui_size(u, &width, &height);
    tty_add_home(u, &b, width);
    (void)!buf_puts(&b, TEXT_ERASE_BELOW);
    ui_out_write(&u->out, buf_text(&b), b.len);
    u->n_block = 0;
}

static void
tty_draw(struct ui *u)
{
    auto_buf struct buf b = { 0 };
    auto_block struct block block = { 0 };
    size_t width = 0;
    size_t height = 0;

    if (!keys_in_front(fileno(u->out.file))) {
        return; /* the terminal is somebody else's now */
    }
    ui_size(u, &width, &height);
    block_build(&block, u, height);
    (void)!buf_puts(&b, TEXT_BEGIN);
    tty_add_home(u, &b, width);
    for (size_t i = 0; i < block.n; i++) {
        text_cut(&block.lines[i].text, width - 1, u->out.utf8);
        u->block[i] = text_columns(buf_text(&block.lines[i].text));
        (void)!buf_printf(&b, "%s" TEXT_ERASE_REST "\n", buf_text(&block.lines[i].text));
    }
    (void)!buf_puts(&b, TEXT_ERASE_BELOW TEXT_END);
    u->n_block = block.n;
    u->drawn = u->now();
    ui_out_write(&u->out, buf_text(&b), b.len);
}

static void
tty_begin(struct ui *u, struct ui_line *l, const char *mark, enum ui_color color)
{
    char time[16];

    line_start(l, &u->out);
    line_add_color(l, UI_DIM, ui_time(u, time, sizeof time));
    line_add(l, " ");
    line_add_color(l, color, mark);
    line_add(l, " ");
}

/* A step that ended stays in the log above. */
static void
tty_log_step(struct ui *u, const struct ui_event *ev)
{
    static const struct {
        const char *mark;
        enum ui_color color;
    } marks[] = {
        [UI_STEP_STARTED] = { "·", UI_DIM },
        [UI_STEP_DONE] = { "✔", UI_GREEN },
        [UI_STEP_ALREADY] = { "✔", UI_DIM },
        [UI_STEP_FAILED] = { "✘", UI_RED },
    };
    char took[32];
    auto_line struct ui_line l = { 0 };

    if (ev->state == UI_STEP_STARTED) {
        return;
    }
    tty_begin(u, &l, marks[ev->state].mark, marks[ev->state].color);
    line_add(&l, "%u/%u %s", ev->n, ev->of, ev->text != NULL ? ev->text : "");
    if (ev->pod.name != NULL && ev->pod.name[0] != '\0' &&
        strstr(u->model.step, ev->pod.name) == NULL) {
        line_add(&l, " %s", ev->pod.name);
    }
    line_add(&l, "  %s",
             ev->state == UI_STEP_ALREADY ? "already done"
                                          : model_duration(ev->ms, took, sizeof took));
    ui_write(u, &l, 11);
}

static void
tty_log_note(struct ui *u, const char *text)
{
    auto_line struct ui_line l = { 0 };

    tty_begin(u, &l, "·", UI_DIM);
    line_add(&l, "%s", text);
    ui_write(u, &l, 11);
}

static void
tty_log_bad(struct ui *u, const struct ui_change *c)
{
    auto_line struct ui_line l = { 0 };

    tty_begin(u, &l, "✘", UI_RED);
    if (c->gate != NULL) {
        line_add(&l, "%s gate %s: %s, expected %s", u->model.gates_pod, c->gate->id,
                 c->gate->now, c->gate->want);
    } else {
        line_add(&l, "%s %s", c->pod->name, c->pod->text);
    }
    ui_write(u, &l, 11);
}

/* The last state stays where it is; what comes next is written below. */
static void
tty_show_result(struct ui *u, const struct ui_result *r)
{
    if (!r->ok && u->model.n > 0) {
        tty_draw(u);
        u->n_block = 0;
    } else {
        tty_erase(u);
    }
    plan_show_checks(u, true);
    report_result(u, &u->out, r);
}

static bool
tty_logs(const struct ui_event *ev, const struct ui_change *c)
{
    return ev->type == UI_PLAN || ev->type == UI_NOTE || ev->type == UI_WARNING ||
           c->held || (ev->type == UI_STEP && ev->state != UI_STEP_STARTED) ||
           (c->gate != NULL && c->gate->verdict == UI_GATE_FAILED) ||
           (c->pod != NULL && c->pod->state == UI_POD_FAILED);
}

static void
tty_log(struct ui *u, const struct ui_event *ev, const struct ui_change *c)
{
    char text[UI_TEXT * 2];

    tty_erase(u);
    if (ev->type == UI_PLAN) {
        plan_show(u, ev->plan);
    } else if (ev->type == UI_NOTE) {
        tty_log_note(u, ev->text != NULL ? ev->text : "");
    } else if (ev->type == UI_WARNING) {
        report_warning(u, &u->out, ev);
    } else if (c->held) {
        tty_log_note(u, report_held(&u->model, text, sizeof text));
    } else if (ev->type == UI_STEP) {
        tty_log_step(u, ev);
    } else {
        tty_log_bad(u, c);
    }
}

static void
tty_event(struct ui *u, const struct ui_event *ev, const struct ui_change *c)
{
    if (ev->type == UI_RESULT) {
        tty_show_result(u, ev->result);
        return;
    }
    if (ev->type == UI_STEP && !u->model.checks.shown) {
        tty_erase(u);
        plan_show_checks(u, true);
    }
    if (tty_logs(ev, c)) {
        tty_log(u, ev, c);
    }
    if (ev->type == UI_PLAN && u->options.dry_run) {
        return; /* nothing follows it */
    }
    if (ev->type != UI_CHECK && (ev->type != UI_WAIT || c->wait_began) &&
        (ev->type != UI_ROLE || c->role)) {
        tty_draw(u);
    }
}

static void
tty_tick(struct ui *u)
{
    if (u->out.queue.len == 0 && u->model.started != 0 && !u->model.ended &&
        u->now() - u->drawn >= TTY_FRAME_MS) {
        tty_draw(u);
    }
}

static void
tty_suspend(struct ui *u)
{
    tty_erase(u);
    if (!u->model.ended) {
        plan_show_checks(u, true);
    }
}

const struct ui_renderer ui_tty = {
    .name = "tty",
    .event = tty_event,
    .tick = tty_tick,
    .suspend = tty_suspend,
};
