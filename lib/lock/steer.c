#include "lock/steer.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "kubedb/journal_form.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/flow.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * Steering a run: by keys on its terminal, or from elsewhere by an annotation of its
 * Lease, which is read in the replies of the renewals. A run is held before its next
 * member, never in the midst of one.
 */

enum { STEER_PROBE_MS = 250 };

static void
steer_show(struct flow *f)
{
    ui_emit(f->run.ui, &(struct ui_event){ .type = UI_HELD,
                                           .held = f->lock.steer.hold,
                                           .text = f->lock.steer.by });
}

static void
steer_pause(struct flow *f, const char *by)
{
    f->lock.steer.hold = true;
    f->lock.steer.tell = true;
    str_copy(f->lock.steer.by, sizeof f->lock.steer.by, by);
    steer_show(f);
}

static void
steer_continue(struct flow *f, const char *by)
{
    f->lock.steer.hold = false;
    f->lock.steer.tell = true;
    str_copy(f->lock.steer.by, sizeof f->lock.steer.by, by);
    steer_show(f);
}

static void
steer_abort(struct flow *f, const char *by)
{
    if (!flow_is_forward(f)) {
        tell_note(f, "%s requested a rollback, which is already in progress", by);
        return;
    }
    tell_note(f, "%s requested a rollback", by);
    f->lock.steer.turn = true;
    f->lock.steer.hold = false;
    f->lock.steer.tell = true;
    steer_show(f);
}

static const struct steer_verb {
    const char *verb;
    void (*act)(struct flow *f, const char *by);
} steer_verbs[] = {
    { "pause", steer_pause },
    { "continue", steer_continue },
    { "abort", steer_abort },
    { NULL, NULL },
};

static void
steer_keys(struct flow *f)
{
    static void (*const acts[])(struct flow * f, const char *by) = {
        [UI_KEY_PAUSE] = steer_pause,
        [UI_KEY_CONTINUE] = steer_continue,
        [UI_KEY_ABORT] = steer_abort,
        [UI_KEY_QUIT] = NULL, /* a signal, by now */
    };
    enum ui_key key = ui_take_key(f->run.ui);

    if (acts[key] != NULL) {
        acts[key](f, f->lock.holder);
    }
}

void
steer_see(struct flow *f, const char *text)
{
    auto_json json_t *asked = NULL;
    struct err unread = { 0 };
    char seen[sizeof f->lock.steer.seen];

    str_copy(seen, sizeof seen,
             text); /* of one that is too long the beginning is known */
    if (*seen == '\0' || str_eq(seen, f->lock.steer.seen)) {
        return;
    }
    str_copy(f->lock.steer.seen, sizeof f->lock.steer.seen, seen);
    if (journal_form_read_request(text, strlen(text), &asked, &unread) < 0) {
        tell_note(f, "unknown request on the Lease: %s", unread.msg);
        return;
    }
    for (const struct steer_verb *v = steer_verbs; v->verb != NULL; v++) {
        if (str_eq(v->verb, json_path_str(asked, "verb"))) {
            v->act(f, json_path_str(asked, "by"));
            return;
        }
    }
    tell_note(f, "unknown request on the Lease: %s", json_path_str(asked, "verb"));
}

bool
steer_has_news(const struct flow *f)
{
    return f->lock.steer.seen[0] != '\0' || f->lock.steer.tell;
}

void
steer_told(struct flow *f)
{
    f->lock.steer.seen[0] = '\0';
    f->lock.steer.tell = false;
}

static int
steer_look_held(struct flow *f, void *ctx, struct wait_state *s, struct err *e)
{
    (void)ctx;
    (void)e;
    s->done = !f->lock.steer.hold;
    (void)snprintf(s->now, sizeof s->now, "paused by %.150s", f->lock.steer.by);
    (void)snprintf(s->want, sizeof s->want, "kubectl dbupgrade ctl %s %s continue%s",
                   f->target.engine->name, f->target.request->name,
                   f->target.request->command_flags);
    return 0;
}

int
steer_hold(struct flow *f, struct err *e)
{
    struct wait w = { .id = "held",
                      .pod = "",
                      .text = "permission to continue",
                      .watchful = true,
                      .probe_ms = STEER_PROBE_MS,
                      .check = steer_look_held };

    return f->lock.steer.hold ? flow_wait(f, &w, e) : 0;
}

bool
steer_turned(struct flow *f)
{
    steer_keys(f);
    return f->lock.steer.turn;
}
