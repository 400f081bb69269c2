#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "domain/redact.h"
#include "flow/flow_private.h"

/*
 * What containers and members say when something goes wrong: for errors, and for waits
 * that take long. All of it is for the user's sake; what cannot be had is left out.
 */

enum {
    DIAGNOSE_LINES = 5,
    DIAGNOSE_FIRST_MS = 20 * 1000, /* so long a start may take without a word */
    DIAGNOSE_ASK_MS = 20 * 1000,
    DIAGNOSE_TAIL = 200,
};

/* Where the line before this place begins; `text` is where all of them begin. */
static const char *
diagnose_line_before(const char *text, const char *at)
{
    if (at > text) {
        at--;
    }
    while (at > text && at[-1] != '\n') {
        at--;
    }
    return at;
}

static bool
diagnose_has(const char *line, size_t len, const char *mark)
{
    const char *found = strstr(line, mark);

    return found != NULL && (size_t)(found - line) < len;
}

/* Adds the last lines that have the mark, or, where none has it, the last lines. */
static void
diagnose_add_lines(const char *text, const char *mark, struct err *e)
{
    const char *lines[DIAGNOSE_LINES];
    size_t n = 0;
    bool any = strstr(text, mark) != NULL;

    for (const char *at = text + strlen(text); at > text && n < DIAGNOSE_LINES;) {
        size_t len = 0;

        at = diagnose_line_before(text, at);
        len = strcspn(at, "\n");
        if (len > 0 && (!any || diagnose_has(at, len, mark))) {
            lines[n++] = at;
        }
    }
    while (n > 0) {
        size_t len = strcspn(lines[--n], "\n");

        err_detail(e, "last log: %.*s", (int)(len < 240 ? len : 240), lines[n]);
    }
}

void
diagnose_log(struct flow *f, const struct flow_pod *p, const char *container,
             struct err *e)
{
    static const char *const which[] = { "true", "false" };
    auto_buf struct buf text = BUF_LIMIT(256 * 1024);
    auto_free char *clean = NULL;
    struct err ignored = { 0 };

    for (size_t i = 0; i < 2 && text.len == 0 && container[0] != '\0'; i++) {
        auto_free char *path =
            mem_printf("/api/v1/namespaces/%s/pods/%s/log?container=%s"
                       "&previous=%s&tailLines=%d",
                       f->rq->name_space, p->name, container, which[i], DIAGNOSE_TAIL);

        (void)kube_get_raw(f->k, path, &text, &ignored);
    }
    clean = redact_text(buf_text(&text)); /* all of it: a key has many lines */
    diagnose_add_lines(clean, f->en->log_error, e);
}

/* What the other members say while one is down, for the error's detail. */
void
diagnose_members(struct flow *f, const struct flow_pod *down, struct err *e)
{
    static const char *const roles[] = { "", " PRIMARY", " SECONDARY" };
    char line[512] = "";

    for (size_t i = 0; i < f->n_pods; i++) {
        struct flow_pod *p = &f->pods[i];
        struct member m = { 0 };
        struct err ignored = { 0 };

        if (p == down) {
            continue;
        }
        if (session_member(f, p, &m, &ignored) == 0) {
            str_append(line, sizeof line, "%s%s %s%s %s", line[0] != '\0' ? ", " : "",
                       p->name, m.state, roles[m.role], m.version);
        } else {
            str_append(line, sizeof line, "%s%s does not answer",
                       line[0] != '\0' ? ", " : "", p->name);
        }
        member_clear(&m);
    }
    if (line[0] != '\0') {
        err_detail(e, "members: %s", line);
    }
}

/* The last line of a log that has the mark, cut to a size. */
static void
diagnose_last(const char *text, const char *mark, char *out, size_t size)
{
    out[0] = '\0';
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        auto_free char *line = mem_strndup(text, len);
        const char *at = strstr(line, mark);

        if (at != NULL) {
            str_copy(out, size, at);
        }
        text += len + (text[len] != '\0' ? 1 : 0);
    }
}

void
diagnose_silence(struct flow *f, struct flow_pod *p, struct wait_state *s)
{
    const json_t *object = flow_pod_object(f, p->name);
    auto_buf struct buf text = BUF_LIMIT(256 * 1024);
    auto_free char *path = NULL;
    auto_free char *clean = NULL;
    struct err ignored = { 0 };
    long long now = clock_ms();

    if (s->done || !pod_has_run(f->en, object)) {
        p->silent_ms = 0;
        p->said[0] = '\0';
        return;
    }
    p->silent_ms = p->silent_ms == 0 ? now : p->silent_ms;
    if (now - p->silent_ms >= DIAGNOSE_FIRST_MS &&
        (p->said_ms == 0 || now - p->said_ms >= DIAGNOSE_ASK_MS)) {
        p->said_ms = now;
        path = mem_printf("/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=%d",
                          f->rq->name_space, p->name, f->en->container, DIAGNOSE_TAIL);
        (void)kube_get_raw(f->k, path, &text, &ignored);
        clean = redact_text(buf_text(&text));
        diagnose_last(clean, f->en->log_error, p->said, sizeof p->said);
    }
    if (p->said[0] != '\0') {
        str_append(s->now, sizeof s->now, "; its log: %s", p->said);
    }
}
