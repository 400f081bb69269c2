#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "ui/ui_private.h"

/*
 * -o jsonl: one object a line and event, with a time and a number that rises by one.
 * Warnings and errors also go to stderr, for humans.
 */

/* "2026-11-21T10:40:59.120Z" */
static char *
jsonl_time(const struct ui *u, char *out, size_t size)
{
    char micro[40];

    clock_rfc3339_micro(u->wall(), micro, sizeof micro);
    (void)snprintf(out, size, "%.23sZ", micro);
    return out;
}

static void
jsonl_write(struct ui *u, const json_t *fields)
{
    char time[40];
    auto_json json_t *o = mem_check(json_pack("{s:i, s:s, s:I}", "v", 1, "ts",
                                              jsonl_time(u, time, sizeof time), "seq",
                                              (json_int_t)++u->seq));
    auto_free char *text = NULL;
    auto_buf struct buf line = BUF_LIMIT(4 * 1024 * 1024);

    (void)json_object_update(o, json_mutable(fields));
    text = json_text(o);
    if (buf_puts(&line, text) == 0 && buf_puts(&line, "\n") == 0) {
        ui_out_write(&u->out, buf_text(&line), line.len);
    }
}

static void
jsonl_event(struct ui *u, const struct ui_event *ev, const struct ui_change *c)
{
    auto_json json_t *fields = fields_of_event(u, ev, c);

    if (fields != NULL) {
        jsonl_write(u, fields);
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
        jsonl_write(u, fields);
    }
}

const struct ui_renderer ui_jsonl = {
    .name = "jsonl",
    .event = jsonl_event,
    .tick = jsonl_tick,
};
