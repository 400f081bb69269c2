#include "lock/steer.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "kubedb/journal_form.h"
#include "lock/lock.h"
#include "run/course.h"
#include "run/emit.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * Steering a run: by keys on its terminal, or from elsewhere by an annotation of its
 * Lease, which is read in the replies of the renewals. A run is held before its next
 * member, never in the midst of one.
 */

enum { STEER_PROBE_MS = 250 };

static void
steer_show(struct lock *lock)
{
    ui_emit(lock->run->ui, &(struct ui_event){ .type = UI_HELD,
                                               .held = lock->steer.hold,
                                               .text = lock->steer.by });
}

static void
steer_pause(struct lock *lock, const char *by)
{
    lock->steer.hold = true;
    lock->steer.tell = true;
    str_copy(lock->steer.by, sizeof lock->steer.by, by);
    steer_show(lock);
}

static void
steer_continue(struct lock *lock, const char *by)
{
    lock->steer.hold = false;
    lock->steer.tell = true;
    str_copy(lock->steer.by, sizeof lock->steer.by, by);
    steer_show(lock);
}

static void
steer_abort(struct lock *lock, const char *by)
{
    if (!course_is_forward(lock->run)) {
        emit_note(lock->run, "%s requested a rollback, which is already in progress", by);
        return;
    }
    emit_note(lock->run, "%s requested a rollback", by);
    lock->steer.turn = true;
    lock->steer.hold = false;
    lock->steer.tell = true;
    steer_show(lock);
}

static const struct steer_verb {
    const char *verb;
    void (*act)(struct lock *lock, const char *by);
} steer_verbs[] = {
    { "pause", steer_pause },
    { "continue", steer_continue },
    { "abort", steer_abort },
    { NULL, NULL },
};

static void
steer_keys(struct lock *lock)
{
    static void (*const acts[])(struct lock * lock, const char *by) = {
        [UI_KEY_PAUSE] = steer_pause,
        [UI_KEY_CONTINUE] = steer_continue,
        [UI_KEY_ABORT] = steer_abort,
        [UI_KEY_QUIT] = NULL, /* a signal, by now */
    };
    enum ui_key key = ui_take_key(lock->run->ui);

    if (acts[key] != NULL) {
        acts[key](lock, lock->holder);
    }
}

void
steer_see(struct lock *lock, const char *text)
{
    auto_json json_t *asked = NULL;
    struct err unread = { 0 };
    char seen[sizeof lock->steer.seen];

    str_copy(seen, sizeof seen,
             text); /* of one that is too long the beginning is known */
    if (*seen == '\0' || str_eq(seen, lock->steer.seen)) {
        return;
    }
    str_copy(lock->steer.seen, sizeof lock->steer.seen, seen);
    if (journal_form_read_request(text, strlen(text), &asked, &unread) < 0) {
        emit_note(lock->run, "unknown request on the Lease: %s", unread.msg);
        return;
    }
    for (const struct steer_verb *v = steer_verbs; v->verb != NULL; v++) {
        if (str_eq(v->verb, json_path_str(asked, "verb"))) {
            v->act(lock, json_path_str(asked, "by"));
            return;
        }
    }
    emit_note(lock->run, "unknown request on the Lease: %s",
              json_path_str(asked, "verb"));
}

bool
steer_has_news(const struct lock *lock)
{
    return lock->steer.seen[0] != '\0' || lock->steer.tell;
}

void
steer_told(struct lock *lock)
{
    lock->steer.seen[0] = '\0';
    lock->steer.tell = false;
}

static int
steer_look_held(void *on, void *ctx, struct wait_state *s, struct err *e)
{
    struct lock *lock = on;

    (void)ctx;
    (void)e;
    s->done = !lock->steer.hold;
    (void)snprintf(s->now, sizeof s->now, "paused by %.150s", lock->steer.by);
    (void)snprintf(s->want, sizeof s->want, "kubectl dbupgrade ctl %s %s continue%s",
                   lock->target->engine->name, lock->target->request->name,
                   lock->target->request->command_flags);
    return 0;
}

int
steer_hold(struct lock *lock, struct err *e)
{
    struct wait w = { .id = "held",
                      .pod = "",
                      .text = "permission to continue",
                      .watchful = true,
                      .probe_ms = STEER_PROBE_MS,
                      .check = steer_look_held,
                      .on = lock };

    return lock->steer.hold ? wait_until(lock->run, &w, e) : 0;
}

bool
steer_turned(struct lock *lock)
{
    steer_keys(lock);
    return lock->steer.turn;
}
