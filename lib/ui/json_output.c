#include "base/json.h"
#include "base/mem.h"
#include "ui/ui_private.h"

/*
 * -o json: one document at the end. The checks are summed up as MySQL Shell's upgrade
 * checker does it (errorCount, warningCount, checksPerformed).
 */

/* Which events are kept whole, in an array of this name. */
static const char *const json_arrays[] = {
    [UI_STEP] = "steps",
    [UI_GATE] = "gates",
    [UI_WARNING] = "warnings",
    [UI_RESULT] = NULL,
};

static json_t *
json_array_at(json_t *doc, const char *key)
{
    json_t *array = json_object_get(doc, key);

    if (array == NULL) {
        array = mem_check(json_array());
        (void)json_object_set_new(doc, key, array);
    }
    return array;
}

static void
json_keep_check(struct ui *u, json_t *fields)
{
    json_t *preflight = json_object_get(u->doc, "preflight");

    (void)json_object_set_new(preflight, "errorCount",
                              json_integer(u->model.checks.errors));
    (void)json_object_set_new(preflight, "warningCount",
                              json_integer(u->model.checks.warnings));
    (void)json_array_append(json_object_get(preflight, "checksPerformed"), fields);
}

/* What only says that something begins is of no interest afterwards. */
static bool
json_is_beginning(const struct ui_event *ev)
{
    return (ev->type == UI_STEP && ev->state == UI_STEP_STARTED) ||
           (ev->type == UI_GATE && ev->verdict == UI_GATE_WAITING);
}

static void
json_keep(struct ui *u, const struct ui_event *ev, json_t *fields)
{
    (void)json_object_del(fields, "type");
    if (ev->type == UI_CHECK) {
        json_keep_check(u, fields);
    } else if (ev->type == UI_START) {
        (void)json_object_update(u->doc, fields);
        (void)json_object_del(u->doc, "steps"); /* an array here */
    } else if (ev->type == UI_PLAN || ev->type == UI_RESULT) {
        (void)json_object_set(u->doc, ev->type == UI_PLAN ? "plan" : "result", fields);
    } else if (json_arrays[ev->type] != NULL) {
        (void)json_array_append(json_array_at(u->doc, json_arrays[ev->type]), fields);
    }
}

static void
json_write(struct ui *u)
{
    auto_free char *text = json_text_lines(u->doc);
    auto_buf struct buf b = BUF_LIMIT(64 * 1024 * 1024);

    if (buf_puts(&b, text) == 0 && buf_puts(&b, "\n") == 0) {
        ui_out_write(&u->out, buf_text(&b), b.len);
    }
}

static void
json_event(struct ui *u, const struct ui_event *ev, const struct ui_change *c)
{
    auto_json json_t *fields = fields_of_event(u, ev, c);

    if (u->doc == NULL) {
        u->doc =
            mem_check(json_pack("{s:i, s:{s:i, s:i, s:[]}}", "v", 1, "preflight",
                                "errorCount", 0, "warningCount", 0, "checksPerformed"));
    }
    if (fields != NULL && !json_is_beginning(ev)) {
        json_keep(u, ev, fields);
    }
    if (ev->type == UI_RESULT) {
        json_write(u);
    }
    report_problem(u, ev);
}

const struct ui_renderer ui_json = {
    .name = "json",
    .event = json_event,
};
