#include "base/json.h"
#include "ui/ui_private.h"

/*
 * -o jsonl: one object a line and event.
 * Warnings and errors also go to stderr, for humans.
 */

static void
jsonl_write(struct ui *u, const char *line)
{
    auto_buf struct buf b = BUF_LIMIT(4 * 1024 * 1024);

    if (buf_puts(&b, line) == 0 && buf_puts(&b, "\n") == 0) {
        ui_out_write(&u->out, buf_text(&b), b.len);
    }
}

static void
jsonl_event(struct ui *u, const struct ui_event *ev, const struct ui_change *c)
{
    if (c->line != NULL) {
        jsonl_write(u, c->line);
    }
    report_problem(u, ev);
}

static void
jsonl_tick(struct ui *u)
{
    struct ui_wait *w = &u->model.wait;
    long long now = u->now();

    if (w->active && now >= w->next_beat) {
        auto_json json_t *fields = fields_of_beat(u);

        w->next_beat = now + UI_BEAT_MS;
        jsonl_write(u, events_add(u, fields));
    }
}

const struct ui_renderer ui_jsonl = {
    .name = "jsonl",
    .event = jsonl_event,
    .tick = jsonl_tick,
};
