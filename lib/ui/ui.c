#define _DEFAULT_SOURCE /* TIOCGWINSZ */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sig.h"
#include "base/str.h"
#include "ui/ui_private.h"

/* Drawing in place needs a terminal that can, and to be alone on it: the diagnosis of -v
 * is lines too. */
static bool
ui_can_draw(const struct ui_options *o, FILE *out)
{
    const char *term = getenv("TERM");

    return o->format == UI_HUMAN && !o->quiet && log_level() == 0 &&
           isatty(fileno(out)) && term != NULL && *term != '\0' && !str_eq(term, "dumb");
}

static const struct ui_renderer *
ui_choose(const struct ui_options *o, FILE *out)
{
    static const struct ui_renderer *const renderers[] = {
        [UI_HUMAN] = &ui_plain,
        [UI_JSONL] = &ui_jsonl,
        [UI_JSON] = &ui_json,
        [UI_NAME] = &ui_name,
    };

    return ui_can_draw(o, out) ? &ui_tty : renderers[o->format];
}

struct ui *
ui_new(const struct ui_options *o, FILE *out, FILE *errors)
{
    struct ui *u = mem_alloc(sizeof *u);

    u->options = *o;
    u->model.pods = mem_alloc(UI_PODS_MAX * sizeof *u->model.pods);
    u->renderer = ui_choose(o, out);
    u->now = clock_ms;
    u->wall = clock_wall_ms;
    ui_out_init(&u->out, out, o->no_color);
    ui_out_init(&u->errors, errors, o->no_color);
    ui_out_queue(&u->out, true);
    ui_out_queue(&u->errors, false);
    keys_init(&u->keys, u->renderer == &ui_tty ? STDIN_FILENO : -1);
    return u;
}

void
ui_emit(struct ui *u, const struct ui_event *ev)
{
    struct ui_change c = model_apply(&u->model, ev, u->now());
    auto_json json_t *fields = fields_of_event(u, ev, &c);

    c.line = fields != NULL ? events_add(u, fields) : NULL;
    if (ev->type == UI_STEP) {
        keys_begin(&u->keys);
    } else if (ev->type == UI_RESULT) {
        keys_end(&u->keys);
    } else if (ev->type == UI_HELD) {
        u->keys.pausing = false;
    }
    u->renderer->event(u, ev, &c);
}

/* ^Z: the terminal is given back before the program stands still. */
static void
ui_stand_still(struct ui *u)
{
    static const char text[] = "stopped by ^Z: the upgrade is suspended, and after 15s "
                               "another run may take over its lock; fg continues\n";

    ui_suspend(u);
    ui_out_write(&u->errors, text, sizeof text - 1);
    ui_out_finish(&u->errors);
    sig_suspend();
}

/* Says at once that a signal was understood; also to those who read no events. */
static void
ui_show_stop(struct ui *u)
{
    bool reads =
        (u->renderer == &ui_tty || u->renderer == &ui_plain) && !u->options.quiet;

    u->stop_shown = true;
    ui_emit(u, &(struct ui_event){ .type = UI_NOTE, .text = text_stop() });
    if (!reads) {
        ui_out_write(&u->errors, text_stop(), strlen(text_stop()));
        ui_out_write(&u->errors, "\n", 1);
    }
}

void
ui_tick(struct ui *u)
{
    if (sig_suspended()) {
        ui_stand_still(u);
    }
    keys_poll(&u->keys, u->now());
    ui_out_tick(&u->out);
    ui_out_tick(&u->errors);
    if (sig_asked() != SIG_STOP_NONE && !u->stop_shown && u->model.started != 0 &&
        !u->model.ended) {
        ui_show_stop(u);
    }
    if (u->renderer->tick != NULL) {
        u->renderer->tick(u);
    }
}

enum ui_key
ui_take_key(struct ui *u)
{
    enum ui_key got = u->keys.got;

    u->keys.got = UI_KEY_NONE;
    return got;
}

void
ui_suspend(struct ui *u)
{
    keys_restore(&u->keys);
    if (u->renderer->suspend != NULL) {
        u->renderer->suspend(u);
    }
    ui_out_finish(&u->out);
    ui_out_finish(&u->errors);
}

void
ui_free(struct ui *u)
{
    if (u == NULL) {
        return;
    }
    ui_suspend(u);
    keys_end(&u->keys);
    ui_out_free(&u->out);
    ui_out_free(&u->errors);
    model_clear(&u->model);
    events_clear(&u->events);
    json_decref(u->doc);
    free(u);
}

void
ui_size(const struct ui *u, size_t *width, size_t *height)
{
    enum { WIDTH = 80, HEIGHT = 24 };
    struct winsize size = { 0 };

    *width = u->renderer == &ui_tty ? u->width : 0;
    *height = u->height > 0 ? u->height : HEIGHT;
    if (u->renderer != &ui_tty || u->width > 0) {
        return;
    }
    *width = WIDTH;
    if (ioctl(fileno(u->out.file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        *width = size.ws_col;
        *height = size.ws_row > 0 ? size.ws_row : HEIGHT;
    }
}

void
ui_write(struct ui *u, struct ui_line *l, size_t indent)
{
    size_t width = 0;
    size_t height = 0;

    ui_size(u, &width, &height);
    line_fold(l, &u->out, width, indent);
}

char *
ui_time(const struct ui *u, char *out, size_t size)
{
    char full[32];

    return str_copy(out, size < 9 ? size : 9,
                    clock_rfc3339(u->wall(), full, sizeof full) + 11);
}

bool
ui_confirm(FILE *in, FILE *out, const char *question, const char *word)
{
    char answer[512];
    size_t len = 0;
    struct ui_out o;
    auto_line struct ui_line l = { 0 };

    ui_out_init(&o, out, true);
    line_start(&l, &o);
    line_add(&l, "%s ", question);
    ui_out_write(&o, buf_text(&l.text), l.text.len);
    if (fgets(answer, sizeof answer, in) == NULL || sig_asked() != SIG_STOP_NONE) {
        ui_out_write(&o, "\n", 1);
        return false;
    }
    len = strlen(answer);
    while (len > 0 && isspace((unsigned char)answer[len - 1])) {
        answer[--len] = '\0';
    }
    return str_eq(answer + strspn(answer, " \t"), word);
}
