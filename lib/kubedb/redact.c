#include "kubedb/redact.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "kubedb/redact_scan.h"

enum {
    REDACT_LIMIT = 1024 * 1024 * 1024,
    REDACT_PIECE = 64 * 1024, /* between two looks */
    REDACT_PASSES = 8,
};

/* -- who waits -- */

/* Counts work; whether to go on. */
static bool
redact_may(struct redact_watch *w, size_t bytes)
{
    w->bytes += bytes;
    if (!w->stopped && w->bytes >= REDACT_PIECE) {
        w->bytes %= REDACT_PIECE;
        w->stopped = (w->until != 0 && clock_ms() >= w->until) ||
                     (w->look != NULL && w->look(w->ctx) != 0);
    }
    return !w->stopped;
}

static void
redact_leave_out(struct buf *out, size_t bytes)
{
    (void)!buf_printf(out, "[left out: %zu bytes that were not searched for secrets]",
                      bytes);
}

/* -- over a text -- */

/* Once. The copy is whole also when it was stopped: the rest is left out. */
static char *
redact_pass(const char *text, struct redact_watch *w)
{
    auto_buf struct buf out = BUF_LIMIT(REDACT_LIMIT);
    struct redact_scan s = { .text = text, .len = strlen(text), .out = &out };

    while (s.at < s.len && !w->stopped) {
        size_t was = s.at;

        redact_step(&s);
        (void)redact_may(w, s.at - was);
    }
    if (s.at < s.len) {
        redact_leave_out(&out, s.len - s.at);
    }
    w->steps += s.steps;
    return buf_take(&out);
}

/* Until nothing is found any more: what is done again changes nothing. A text that never
 * comes to rest was made to, and is left out. */
char *
redact_text(const char *text, struct redact_watch *watch)
{
    struct redact_watch nobody = { 0 };
    struct redact_watch *w = watch != NULL ? watch : &nobody;
    auto_free char *last = NULL;

    for (int i = 0; i < REDACT_PASSES; i++) {
        char *now = redact_pass(last != NULL ? last : text, w);
        bool same = str_eq(now, last != NULL ? last : text);

        free(last);
        last = now;
        if (same || w->stopped) {
            return scope_steal(&last);
        }
    }
    return mem_strdup(REDACT_MARK);
}
