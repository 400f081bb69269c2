#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/reason.h"
#include "base/str.h"
#include "ui/ui_private.h"

/*
 * What an event looks like in JSON. Scripts read this: fields are added, never renamed
 * or removed. A text that is empty or missing is left out.
 */

static void
fields_set_text(json_t *o, const char *key, const char *text)
{
    if (text != NULL && *text != '\0') {
        (void)json_object_set_new(o, key, json_visible(text));
    }
}

static void
fields_set_int(json_t *o, const char *key, long long n)
{
    (void)json_object_set_new(o, key, mem_check(json_integer(n)));
}

static void
fields_set_bool(json_t *o, const char *key, bool yes)
{
    (void)json_object_set_new(o, key, yes ? json_true() : json_false());
}

/* An array of the text's lines; left out when there are none. */
static void
fields_set_lines(json_t *o, const char *key, const char *lines)
{
    auto_json json_t *array = mem_check(json_array());

    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");
        auto_free char *line = mem_strndup(lines, len);

        (void)json_array_append_new(array, json_visible(line));
        lines += len + (lines[len] == '\n');
    }
    if (json_array_size(array) > 0) {
        (void)json_object_set(o, key, array);
    }
}

static void
fields_set_db(json_t *o, const struct ui_model *m)
{
    json_t *db = mem_check(json_object());

    fields_set_text(db, "kind", m->about.kind);
    fields_set_text(db, "namespace", m->about.name_space);
    fields_set_text(db, "name", m->about.name);
    (void)json_object_set_new(o, "db", db);
    fields_set_text(o, "from", m->about.from);
    fields_set_text(o, "to", m->about.to);
}

static void
fields_start(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    fields_set_db(o, &u->model);
    fields_set_int(o, "steps", ev->of);
    fields_set_text(o, "context", ev->db.context);
    fields_set_text(o, "server", ev->db.server);
}

static void
fields_check(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    static const char *const severities[] = {
        [UI_OK] = "ok",
        [UI_WARN] = "warning",
        [UI_FAIL] = "error",
    };

    (void)u;
    fields_set_text(o, "id", ev->id);
    fields_set_text(o, "severity", severities[ev->severity]);
    fields_set_int(o, "ms", ev->ms);
    fields_set_text(o, "text", ev->text);
    fields_set_text(o, "hint", ev->hint);
}

static void
fields_plan(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    const struct ui_plan *p = ev->plan;
    json_t *steps = mem_check(json_array());

    fields_set_db(o, &u->model);
    fields_set_int(o, "steps", (long long)p->n_steps);
    fields_set_text(o, "hash", p->hash);
    fields_set_text(o, "change", p->change);
    fields_set_text(o, "topology", p->topology);
    fields_set_int(o, "preflight_ms", p->preflight_ms);
    fields_set_int(o, "requests", (long long)p->requests);
    for (size_t i = 0; i < p->n_steps; i++) {
        json_t *step = mem_check(json_object());

        fields_set_int(step, "step", (long long)i + 1);
        fields_set_text(step, "text", p->steps[i].text);
        fields_set_text(step, "dry_run", p->steps[i].dry_run);
        fields_set_text(step, "undo", p->steps[i].undo);
        fields_set_text(step, "then", p->steps[i].line);
        (void)json_array_append_new(steps, step);
    }
    (void)json_object_set_new(o, "plan", steps);
    fields_set_text(o, "apply", p->apply);
}

static void
fields_step(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    static const char *const states[] = {
        [UI_STEP_STARTED] = "started",
        [UI_STEP_DONE] = "done",
        [UI_STEP_ALREADY] = "already",
        [UI_STEP_FAILED] = "failed",
    };

    (void)u;
    fields_set_int(o, "step", ev->n);
    fields_set_int(o, "of", ev->of);
    fields_set_text(o, "id", ev->id);
    fields_set_text(o, "text", ev->text);
    fields_set_text(o, "pod", ev->pod.name);
    fields_set_text(o, "state", states[ev->state]);
    fields_set_bool(o, "reversible", ev->reversible);
    if (ev->state == UI_STEP_DONE || ev->state == UI_STEP_FAILED) {
        fields_set_int(o, "ms", ev->ms);
    }
}

static void
fields_pod(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    static const char *const states[] = {
        [UI_POD_WAITING] = "waiting",     [UI_POD_HANDOVER] = "handover",
        [UI_POD_DRAINING] = "draining",   [UI_POD_DELETING] = "deleting",
        [UI_POD_STARTING] = "starting",   [UI_POD_WORKING] = "working",
        [UI_POD_VERIFYING] = "verifying", [UI_POD_DONE] = "done",
        [UI_POD_FAILED] = "failed",
    };

    (void)u;
    fields_set_text(o, "pod", ev->pod.name);
    fields_set_text(o, "state", states[ev->pod.state]);
    fields_set_text(o, "role", ev->pod.role);
    fields_set_text(o, "version", ev->pod.version);
    fields_set_text(o, "text", ev->text);
}

static void
fields_role(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    (void)u;
    fields_set_text(o, "pod", ev->pod.name);
    fields_set_text(o, "role", ev->pod.role);
}

static void
fields_gate(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    static const char *const states[] = {
        [UI_GATE_WAITING] = "waiting",
        [UI_GATE_PASSED] = "passed",
        [UI_GATE_FAILED] = "failed",
    };

    (void)u;
    fields_set_text(o, "pod", ev->pod.name);
    fields_set_text(o, "gate", ev->id);
    fields_set_bool(o, "ok", ev->verdict == UI_GATE_PASSED);
    fields_set_text(o, "state", states[ev->verdict]);
    fields_set_text(o, "observed", ev->now);
    fields_set_text(o, "want", ev->want);
    fields_set_int(o, "waited_ms", ev->ms);
}

static void
fields_set_wait(json_t *o, const struct ui *u)
{
    const struct ui_wait *w = &u->model.wait;
    bool whole = false;
    long long left = model_left(w, u->now(), &whole);

    fields_set_int(o, "step", u->model.n);
    fields_set_text(o, "id", w->id);
    fields_set_text(o, "pod", w->pod);
    fields_set_text(o, "text", w->text);
    fields_set_text(o, "state", w->now);
    fields_set_text(o, "want", w->want);
    fields_set_int(o, "elapsed_ms", model_waited(w, u->now()));
    fields_set_int(o, "limit_ms", w->limit_ms);
    if (left >= 0) {
        fields_set_int(o, "left_ms", left);
        fields_set_bool(o, "left_of_run", whole);
    }
}

static void
fields_wait(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    (void)ev;
    fields_set_wait(o, u);
}

static void
fields_note(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    (void)u;
    fields_set_text(o, "text", ev->text);
    fields_set_text(o, "hint", ev->hint);
}

static void
fields_held(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    fields_set_int(o, "step", u->model.n);
    fields_set_bool(o, "held", ev->held);
    fields_set_text(o, "by", ev->text);
}

static void
fields_result(json_t *o, const struct ui *u, const struct ui_event *ev)
{
    const struct ui_result *r = ev->result;

    fields_set_bool(o, "ok", r->ok);
    fields_set_int(o, "exit", r->exit_status);
    if (r->err != NULL) {
        fields_set_text(o, "code",
                        r->err->reason[0] != '\0' ? r->err->reason
                                                  : reason_of_code(r->err->code)->id);
        fields_set_text(o, "message", r->err->msg);
        fields_set_lines(o, "detail", r->err->detail);
        fields_set_lines(o, "hint", r->err->hint);
    }
    fields_set_bool(o, "changed", r->changed);
    fields_set_bool(o, "paused", r->paused);
    fields_set_bool(o, "dry_run", u->options.dry_run);
    fields_set_text(o, "state", r->state);
    fields_set_text(o, "resume", r->resume);
    fields_set_text(o, "bundle", r->bundle);
    if (json_is_object(r->data)) {
        const char *key = NULL;
        json_t *value = NULL;

        json_object_foreach (json_mutable(r->data), key, value) {
            (void)json_object_set(o, key, value);
        }
    }
}

static const struct fields_row {
    const char *type;
    void (*fill)(json_t *o, const struct ui *u, const struct ui_event *ev);
} fields_rows[] = {
    [UI_START] = { "start", fields_start },    [UI_CHECK] = { "check", fields_check },
    [UI_PLAN] = { "plan", fields_plan },       [UI_STEP] = { "step", fields_step },
    [UI_POD] = { "pod", fields_pod },          [UI_GATE] = { "gate", fields_gate },
    [UI_WAIT] = { "wait", fields_wait },       [UI_NOTE] = { "note", fields_note },
    [UI_WARNING] = { "warning", fields_note }, [UI_HELD] = { "held", fields_held },
    [UI_ROLE] = { "role", fields_role },       [UI_RESULT] = { "result", fields_result },
};

json_t *
fields_of_event(const struct ui *u, const struct ui_event *ev, const struct ui_change *c)
{
    json_t *o = NULL;

    if ((ev->type == UI_WAIT && !c->wait_began) ||
        (ev->type == UI_POD && c->pod == NULL) || (ev->type == UI_ROLE && !c->role) ||
        (ev->type == UI_GATE && c->gate == NULL) || (ev->type == UI_HELD && !c->held)) {
        return NULL;
    }
    o = mem_check(json_object());
    fields_set_text(o, "type", fields_rows[ev->type].type);
    fields_rows[ev->type].fill(o, u, ev);
    return o;
}

json_t *
fields_of_beat(const struct ui *u)
{
    json_t *o = mem_check(json_object());

    fields_set_text(o, "type", "heartbeat");
    fields_set_wait(o, u);
    return o;
}
