#include "double_ui.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/reason.h"
#include "kubedb/check_registry.h"

static void
ui_tell_plan(struct ui *u, const struct ui_plan *p)
{
    u->plan_steps = p->n_steps;
    (void)!buf_printf(&u->told, "plan %s | %s | %s\n", p->change, p->topology, p->apply);
    for (size_t i = 0; i < p->n_steps; i++) {
        const struct ui_plan_step *s = &p->steps[i];

        (void)!buf_printf(&u->told, "plan-step %s [%s] undo %s%s\n", s->text, s->dry_run,
                          s->undo, s->line != NULL ? " LINE" : "");
    }
}

/* Scripts can look up what a run failed with: a reason, a check, or the API server's name
 * for it. */
static void
ui_look_up_reason(const struct err *e)
{
    const struct reason *row = reason_find(e->reason);
    struct check_row check;

    if (e->reason[0] != '\0' && e->status == 0 &&
        (row != NULL ? row->inner : !check_find(NULL, e->reason, &check))) {
        fail_msg("%s is no reason for a run to end", e->reason);
    }
}

static void
ui_tell_result(struct ui *u, const struct ui_result *r)
{
    if (r->err != NULL) {
        ui_look_up_reason(r->err);
    }
    u->ok = r->ok;
    u->changed = r->changed;
    u->paused = r->paused;
    u->exit_status = r->exit_status;
    u->err = r->err != NULL ? *r->err : (struct err){ 0 };
    (void)snprintf(u->state, sizeof u->state, "%s", r->state != NULL ? r->state : "");
    (void)snprintf(u->resume, sizeof u->resume, "%s", r->resume != NULL ? r->resume : "");
    (void)snprintf(u->bundle, sizeof u->bundle, "%s", r->bundle != NULL ? r->bundle : "");
    for (size_t i = 0; r->summary != NULL && r->summary[i] != NULL; i++) {
        (void)!buf_printf(&u->told, "summary %s\n", r->summary[i]);
    }
}

/* Every check is one of the registry, and reports nothing worse than it says there. */
static void
ui_look_up(const struct ui_event *ev)
{
    struct check_row row;

    if (!check_find(NULL, ev->id, &row) || (int)ev->severity > (int)row.severity) {
        fail_msg("the registry has no check %s that reports %d", ev->id,
                 (int)ev->severity);
    }
}

void
ui_emit(struct ui *u, const struct ui_event *ev)
{
    static const char *const severities[] = { "ok", "warning", "error" };
    static const char *const states[] = { "started", "done", "already", "failed" };
    static const char *const pods[] = { "waiting",   "handover", "draining",
                                        "deleting",  "starting", "working",
                                        "verifying", "done",     "failed" };
    static const char *const verdicts[] = { "waiting", "passed", "failed" };
    struct buf *b = &u->told;

    b->limit = 16U << 20;
    if (world.see != NULL) {
        world.see(ev);
    }
    switch (ev->type) {
    case UI_START:
        (void)!buf_printf(b, "start %s -> %s of %u\n", ev->db.from, ev->db.to, ev->of);
        break;
    case UI_CHECK:
        ui_look_up(ev);
        (void)!buf_printf(b, "check %s %s: %s\n", ev->id, severities[ev->severity],
                          ev->text);
        break;
    case UI_PLAN:
        ui_tell_plan(u, ev->plan);
        break;
    case UI_STEP:
        (void)!buf_printf(b, "step %u/%u %s %s%s%s\n", ev->n, ev->of, ev->id,
                          states[ev->state], *ev->pod.name != '\0' ? " " : "",
                          ev->pod.name);
        break;
    case UI_POD:
        (void)!buf_printf(b, "pod %s %s: %s\n", ev->pod.name, pods[ev->pod.state],
                          ev->text);
        break;
    case UI_ROLE:
        (void)!buf_printf(b, "role %s %s\n", ev->pod.name, ev->pod.role);
        break;
    case UI_GATE:
        if (ev->verdict != UI_GATE_WAITING) {
            (void)!buf_printf(b, "gate %s %s %s\n", ev->pod.name, ev->id,
                              verdicts[ev->verdict]);
        }
        break;
    case UI_WAIT:
        u->waits++;
        world.waited += world.wait != NULL && strstr(ev->now, world.wait) != NULL ? 1 : 0;
        break;
    case UI_NOTE:
        (void)!buf_printf(b, "note %s\n", ev->text);
        break;
    case UI_WARNING:
        (void)!buf_printf(b, "warning %s\n", ev->text);
        break;
    case UI_HELD:
        (void)!buf_printf(b, "held %s %s\n", ev->held ? "yes" : "no",
                          ev->text != NULL ? ev->text : "");
        break;
    case UI_RESULT:
    default:
        ui_tell_result(u, ev->result);
        break;
    }
}

/* A line of JSON for each line that was told; who shows a log tells it, too. */
char *
ui_events(const struct ui *u)
{
    auto_buf struct buf out = BUF_LIMIT(16U << 20);

    if (world.log_text != NULL) {
        auto_json json_t *line = json_pack("{s:s}", "told", world.log_text);
        auto_free char *text = json_dumps(line, JSON_COMPACT);

        (void)!buf_printf(&out, "%s\n", text);
    }
    for (const char *at = buf_text(&u->told); *at != '\0';) {
        size_t len = strcspn(at, "\n");
        auto_json json_t *line = json_pack("{s:s#}", "told", at, (int)len);
        auto_free char *text = json_dumps(line, JSON_COMPACT);

        (void)!buf_printf(&out, "%s\n", text);
        at += len + (at[len] == '\n');
    }
    return buf_take(&out);
}

void
ui_tick(struct ui *u)
{
    u->ticks++;
}

enum ui_key
ui_take_key(struct ui *u)
{
    enum ui_key key = u->key;

    u->key = UI_KEY_NONE;
    return key;
}
