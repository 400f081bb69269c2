#include "member/diagnose.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/scope.h"
#include "base/str.h"
#include "cluster/cluster.h"
#include "cluster/mirror.h"
#include "cluster/session.h"
#include "cluster/sets.h"
#include "engine/engine.h"
#include "engine/role.h"
#include "kube/client.h"
#include "kubedb/pod.h"
#include "kubedb/redact.h"
#include "lock/secrets.h"
#include "run/run.h"
#include "run/target.h"
#include "run/wait.h"

/*
 * What containers and members say when something goes wrong: for errors, and for waits
 * that take long. All of it is for the user's sake; what cannot be had is left out.
 */

enum {
    DIAGNOSE_LINES = 5,
    DIAGNOSE_FIRST_MS = 20 * 1000, /* so long a start may take without a word */
    DIAGNOSE_ASK_MS = 20 * 1000,
    DIAGNOSE_TAIL = 200,
    DIAGNOSE_CLEAN_MS = 2000, /* to look for secrets */
    DIAGNOSE_LOOP = 5,        /* so often in the tail, one after the other */
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

/* Whether two lines say the same, whatever stands before the mark (a time). */
static bool
diagnose_is_same(const char *a, const char *b, const char *mark)
{
    size_t len = 0;

    a = strstr(a, mark);
    b = strstr(b, mark);
    len = a != NULL ? strcspn(a, "\n") : 0;
    return a != NULL && b != NULL && len == strcspn(b, "\n") && memcmp(a, b, len) == 0;
}

/* Adds the last lines that have the mark, repeated ones once, or, where none has it, the
 * last lines. */
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
        if (len > 0 &&
            (!any || (diagnose_has(at, len, mark) &&
                      (n == 0 || !diagnose_is_same(at, lines[n - 1], mark))))) {
            lines[n++] = at;
        }
    }
    while (n > 0) {
        size_t len = strcspn(lines[--n], "\n");

        err_detail(e, "last log: %.*s", (int)(len < 240 ? len : 240), lines[n]);
    }
}

/* All of it at once: a key has many lines. The caller frees it. */
static char *
diagnose_clean(struct run *run, const struct buf *text)
{
    struct secrets s;

    secrets_begin(&s, run, DIAGNOSE_CLEAN_MS);
    return redact_text(buf_text(text), &s.watch);
}

void
diagnose_log(struct run *run, const struct member *p, const char *container,
             struct err *e)
{
    static const char *const which[] = { "true", "false" };
    auto_buf struct buf text = BUF_LIMIT(256 * 1024);
    auto_free char *clean = NULL;
    struct err ignored = { 0 };

    for (size_t i = 0; i < 2 && text.len == 0 && container[0] != '\0'; i++) {
        auto_free char *path = mem_printf("/api/v1/namespaces/%s/pods/%s/log?container=%s"
                                          "&previous=%s&tailLines=%d",
                                          run->target->request->name_space, p->name,
                                          container, which[i], DIAGNOSE_TAIL);

        (void)kube_get_raw(run->target->kube, path, &text, &ignored);
    }
    clean = diagnose_clean(run, &text);
    diagnose_add_lines(clean, run->target->engine->log.error, e);
}

/* What the other members say while one is down, for the error's detail. */
void
diagnose_members(struct cluster *cluster, const struct member *down, struct err *e)
{
    char line[512] = "";

    for (size_t i = 0; i < cluster->n_pods; i++) {
        struct member *p = &cluster->pods[i];
        struct member_report m = { 0 };
        struct err ignored = { 0 };

        if (p == down || !sets_has_pod(p)) {
            continue;
        }
        if (session_member(cluster, p, &m, &ignored) == 0) {
            /* A peer's state says it all. */
            const char *role = m.role != MEMBER_PEER ? role_words(m.role)->said : "";

            str_append(line, sizeof line, "%s%s %s%s%s %s", line[0] != '\0' ? ", " : "",
                       p->name, m.state, role[0] != '\0' ? " " : "", role, m.version);
        } else {
            str_append(line, sizeof line, "%s%s does not answer",
                       line[0] != '\0' ? ", " : "", p->name);
        }
        member_report_clear(&m);
    }
    if (line[0] != '\0') {
        err_detail(e, "members: %s", line);
    }
}

/* The last error in a log, from the mark on and cut to a size; how often it is there. */
static void
diagnose_last(struct member *p, const char *text, const char *mark)
{
    p->silence.said[0] = '\0';
    p->silence.times = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        auto_free char *line = mem_strndup(text, len);
        const char *at = strstr(line, mark);

        if (at != NULL) {
            char said[sizeof p->silence.said];

            str_copy(said, sizeof said, at);
            p->silence.times = str_eq(said, p->silence.said) ? p->silence.times + 1 : 1;
            str_copy(p->silence.said, sizeof p->silence.said, said);
        }
        text += len + (text[len] != '\0' ? 1 : 0);
    }
}

static void
diagnose_ask(struct run *run, struct member *p)
{
    auto_buf struct buf text = BUF_LIMIT(256 * 1024);
    auto_free char *path =
        mem_printf("/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=%d",
                   run->target->request->name_space, p->name,
                   run->target->engine->container, DIAGNOSE_TAIL);
    auto_free char *clean = NULL;
    struct err ignored = { 0 };

    (void)kube_get_raw(run->target->kube, path, &text, &ignored);
    clean = diagnose_clean(run, &text);
    diagnose_last(p, clean, run->target->engine->log.error);
}

/* Whether the server is started again and again, in vain. */
static bool
diagnose_is_loop(const struct target *target, const struct member *p)
{
    const char *const *patience = target->engine->log.patience;

    while (patience != NULL && *patience != NULL &&
           !str_starts(p->silence.said, *patience)) {
        patience++;
    }
    return patience != NULL && *patience == NULL && p->silence.times >= DIAGNOSE_LOOP;
}

int
diagnose_silence(struct cluster *cluster, struct member *p, struct wait_state *s,
                 struct err *e)
{
    long long now = clock_ms();

    if (s->done ||
        !pod_has_run(cluster->target->engine, mirror_pod_object(cluster, p->name))) {
        p->silence.since_ms = 0;
        p->silence.said[0] = '\0';
        p->silence.times = 0;
        return 0;
    }
    p->silence.since_ms = p->silence.since_ms == 0 ? now : p->silence.since_ms;
    if (now - p->silence.since_ms >= DIAGNOSE_FIRST_MS &&
        (p->silence.asked_ms == 0 || now - p->silence.asked_ms >= DIAGNOSE_ASK_MS)) {
        p->silence.asked_ms = now;
        diagnose_ask(cluster->run, p);
    }
    if (p->silence.said[0] == '\0') {
        return 0;
    }
    str_append(s->now, sizeof s->now, "; its log: %s", p->silence.said);
    if (!diagnose_is_loop(cluster->target, p)) {
        return 0;
    }
    err_set(e, ERR_UNHEALTHY, "%s: its server repeatedly failed to start: %s", p->name,
            p->silence.said);
    err_reason(e, "POD_SERVER");
    diagnose_log(cluster->run, p, cluster->target->engine->container, e);
    diagnose_members(cluster, p, e);
    return -1;
}
