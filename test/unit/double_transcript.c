#include "double_transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct buf transcript;

size_t transcript_waits;

/* What differs from run to run, or with the number of requests. */
static const struct {
    const char *what, *by;
} transcript_hidden[] = {
    { "[A-Za-z0-9._-]+@[^ /]+/[0-9]+/[0-9a-f]+", "WHO" },
    { "since [0-9]+m?s", "since T" },
    { "out in [0-9]+m?s", "out in T" },
    { "20[0-9-]+T[0-9:.]+Z", "WHEN" },
    { "uid-[0-9]+", "UID" },
    { "[0-9]{6,} rows", "N rows" },
    { "upgrade/step \"[^\"]*\"", "upgrade/step STEP" },
};

/* Every place of a pattern. */
static void
transcript_hide(char *line, size_t size, const char *what, const char *by)
{
    regex_t re;
    regmatch_t m = { 0 };
    size_t at = 0;

    assert_int_equal(regcomp(&re, what, REG_EXTENDED), 0);
    while (regexec(&re, line + at, 1, &m, 0) == 0) {
        auto_free char *rest = mem_strdup(line + at + m.rm_eo);

        at += (size_t)m.rm_so;
        (void)snprintf(line + at, size - at, "%s%s", by, rest);
        at += strlen(by);
    }
    regfree(&re);
}

void
transcript_add(bool wait, const char *fmt, ...)
{
    char line[4096];
    size_t before = transcript.len;
    va_list ap;

    transcript.limit = 1U << 20;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line - 1, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < sizeof transcript_hidden / sizeof *transcript_hidden; i++) {
        transcript_hide(line, sizeof line - 1, transcript_hidden[i].what,
                        transcript_hidden[i].by);
    }
    line[strlen(line) + 1] = '\0';
    line[strlen(line)] = '\n';
    if (wait && before > transcript_waits &&
        strstr(buf_text(&transcript) + transcript_waits, line) != NULL) {
        return;
    }
    (void)!buf_puts(&transcript, line);
    transcript_waits = wait ? transcript_waits : transcript.len;
}

/* " KEY text", where there is one. The caller frees it. */
static char *
transcript_more(const char *key, const char *text)
{
    return text != NULL && *text != '\0' ? mem_printf(" %s{%s}", key, text)
                                         : mem_strdup("");
}

static void
transcript_plan(const struct ui_plan *p)
{
    transcript_add(false, "plan %s | %s | %s", p->change, p->topology, p->apply);
    for (size_t i = 0; i < p->n_steps; i++) {
        const struct ui_plan_step *s = &p->steps[i];
        auto_free char *dry = transcript_more("dry", s->dry_run);
        auto_free char *line = transcript_more("line", s->line);

        transcript_add(false, "plan %zu %s undo{%s}%s%s", i + 1, s->text, s->undo, dry,
                       line);
    }
}

static void
transcript_result(const struct ui_result *r)
{
    auto_free char *state = transcript_more("state", r->state);
    auto_free char *resume = transcript_more("resume", r->resume);
    auto_free char *abort = transcript_more("abort", r->abort);

    transcript_add(false, "result %d%s%s%s%s%s%s", r->exit_status, r->ok ? " ok" : "",
                   r->changed ? " changed" : "", r->paused ? " paused" : "", state,
                   resume, abort);
    if (r->err != NULL) {
        auto_free char *reason = transcript_more("reason", r->err->reason);
        auto_free char *detail = transcript_more("detail", r->err->detail);
        auto_free char *hint = transcript_more("hint", r->err->hint);

        transcript_add(false, "error %d %s%s%s%s", (int)r->err->code, r->err->msg, reason,
                       detail, hint);
    }
    for (size_t i = 0; r->summary != NULL && r->summary[i] != NULL; i++) {
        char line[512];
        char *took = NULL;

        str_copy(line, sizeof line, r->summary[i]);
        took = i == 0 ? strstr(line, " in ") : NULL;
        if (took != NULL) {
            *took = '\0';
        }
        transcript_add(false, "summary %s", line);
    }
}

static void
transcript_see(const struct ui_event *ev)
{
    auto_free char *hint = transcript_more("hint", ev->hint);
    auto_free char *now = transcript_more("now", ev->now);
    auto_free char *want = transcript_more("want", ev->want);
    auto_free char *pod = transcript_more("pod", ev->pod.name);
    auto_free char *role = transcript_more("role", ev->pod.role);
    auto_free char *version = transcript_more("version", ev->pod.version);
    const char *text = ev->text != NULL ? ev->text : "";

    switch (ev->type) {
    case UI_START:
        transcript_add(false, "start %s -> %s of %u", ev->db.from, ev->db.to, ev->of);
        break;
    case UI_CHECK:
        transcript_add(false, "check %s %d: %s%s", ev->id, (int)ev->severity, text, hint);
        break;
    case UI_PLAN:
        transcript_plan(ev->plan);
        break;
    case UI_STEP:
        transcript_add(false, "step %u/%u %s %d%s: %s%s", ev->n, ev->of, ev->id,
                       (int)ev->state, pod, text, ev->reversible ? "" : " (for good)");
        break;
    case UI_POD:
    case UI_ROLE:
        transcript_add(false, "pod %s %d%s%s: %s", ev->pod.name, (int)ev->pod.state, role,
                       version, text);
        break;
    case UI_GATE:
        transcript_add(ev->verdict == UI_GATE_WAITING, "gate %s %s %d%s%s", ev->pod.name,
                       ev->id, (int)ev->verdict, now, want);
        break;
    case UI_WAIT:
        transcript_add(true, "wait %u/%u %s%s: %s%s%s limit %lld", ev->n, ev->of, ev->id,
                       pod, text, now, want, ev->limit_ms / 1000);
        break;
    case UI_NOTE:
    case UI_WARNING:
        transcript_add(false, "%s %s%s", ev->type == UI_NOTE ? "note" : "warning", text,
                       hint);
        break;
    case UI_HELD:
        transcript_add(false, "held %d %s", ev->held, text);
        break;
    case UI_RESULT:
    default:
        transcript_result(ev->result);
        break;
    }
}

/* A member of the Lease in a line. */
static void
transcript_lease(const char *path)
{
    auto_json json_t *value = json_deep_copy(json_path(world_lease(), path));
    const char *key = NULL;
    json_t *item = NULL;

    json_object_foreach (value, key, item) {
        auto_free char *text = json_dumps(item, JSON_ENCODE_ANY | JSON_SORT_KEYS);

        transcript_add(false, "lease %s.%s %s", path, key, text);
    }
}

/* The changes that were made since, and what is left on the Lease. */
static void
transcript_changes(void)
{
    (void)!buf_printf(&transcript, "--- changes\n%s---\n", buf_text(&world.log));
    buf_reset(&world.log);
    transcript_waits = transcript.len;
    transcript_lease("metadata.labels");
    transcript_lease("metadata.annotations");
    transcript_lease("spec");
}

static void
transcript_run(const struct transcript *t)
{
    struct upgrade_request rq = { 0 };
    int status = 0;

    buf_reset(&transcript);
    transcript_waits = 0;
    t->begin();
    rq = fix_request(t->to);
    if (t->ask != NULL) {
        t->ask(&rq);
    }
    if (t->dies != NULL) {
        (void)world_rule((struct rule){ .what = t->dies, .how = RULE_DIE_AFTER });
    }
    world.see = transcript_see;
    status = flow_run(&rq);
    transcript_changes();
    if (t->dies != NULL) {
        torture_revive();
        rq.to = NULL;
        rq.abort = t->abort;
        rq.strategy = NULL;
        status = flow_run(&rq);
        transcript_changes();
    }
    world.see = NULL;
    fix_expect(status, t->status);
    fix_end();
}

static void
transcript_check_one(const struct transcript *t)
{
    auto_free char *file = mem_printf("flow/%s", t->name);

    transcript_run(t);
    golden_check(file, buf_text(&transcript));
    buf_free(&transcript);
}

void
transcript_check(const struct transcript *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        transcript_check_one(&all[i]);
    }
}
