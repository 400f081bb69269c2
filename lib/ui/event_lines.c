#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "ui/ui_private.h"

/*
 * Events as lines of JSON, with a time and a number that rises by one. The last of them
 * are kept, whatever is shown: they tell afterwards how a run came to its end.
 */

/* "2026-11-21T10:40:59.120Z" */
static char *
events_time(const struct ui *u, char *out, size_t size)
{
    char micro[40];

    clock_rfc3339_micro(u->wall(), micro, sizeof micro);
    (void)snprintf(out, size, "%.23sZ", micro);
    return out;
}

const char *
events_add(struct ui *u, const json_t *fields)
{
    struct ui_events *ev = &u->events;
    char **place = &ev->lines[ev->seq % UI_EVENTS_MAX];
    char time[40];
    auto_json json_t *o = mem_check(json_pack("{s:i, s:s, s:I}", "v", 1, "ts",
                                              events_time(u, time, sizeof time), "seq",
                                              (json_int_t)++ev->seq));

    (void)json_object_update(o, json_mutable(fields));
    free(*place);
    *place = json_text(o);
    return *place;
}

void
events_clear(struct ui_events *ev)
{
    for (size_t i = 0; i < UI_EVENTS_MAX; i++) {
        free(ev->lines[i]);
    }
    *ev = (struct ui_events){ 0 };
}

char *
ui_events(const struct ui *u)
{
    const struct ui_events *ev = &u->events;
    unsigned long first = ev->seq > UI_EVENTS_MAX ? ev->seq - UI_EVENTS_MAX : 0;
    auto_buf struct buf b = BUF_LIMIT(UI_EVENTS_BYTES);

    for (unsigned long i = first; i < ev->seq; i++) {
        (void)!buf_printf(&b, "%s\n", ev->lines[i % UI_EVENTS_MAX]);
    }
    return buf_take(&b);
}
