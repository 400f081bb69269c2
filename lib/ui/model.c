#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/ui_private.h"

/* Keeps a text of an event; false if it is what we have. */
static bool
model_keep(char *place, size_t size, const char *text)
{
    char old[UI_TEXT];

    str_copy(old, sizeof old, place);
    str_copy(place, size, text != NULL ? text : "");
    return strcmp(old, place) != 0;
}

#define KEEP(place, text) model_keep(place, sizeof(place), text)

static void
model_start(struct ui_model *m, const struct ui_event *ev)
{
    (void)KEEP(m->about.kind, ev->db.kind);
    (void)KEEP(m->about.name_space, ev->db.name_space);
    (void)KEEP(m->about.name, ev->db.name);
    (void)KEEP(m->about.from, ev->db.from);
    (void)KEEP(m->about.to, ev->db.to);
    (void)KEEP(m->about.context, ev->db.context);
    (void)KEEP(m->about.server, ev->db.server);
    m->of = ev->of;
}

static void
model_check(struct ui_model *m, const struct ui_event *ev)
{
    m->checks.at = mem_grow(m->checks.at, m->checks.n + 1, sizeof *m->checks.at);
    m->checks.at[m->checks.n++] = (struct ui_check){
        .id = mem_strdup(ev->id != NULL ? ev->id : ""),
        .text = mem_strdup(ev->text != NULL ? ev->text : ""),
        .hint = mem_strdup(ev->hint != NULL ? ev->hint : ""),
        .severity = ev->severity,
        .ms = ev->ms,
    };
    m->checks.warnings += ev->severity == UI_WARN;
    m->checks.errors += ev->severity == UI_FAIL;
}

static void
model_step(struct ui_model *m, const struct ui_event *ev)
{
    m->n = ev->n;
    m->of = ev->of;
    (void)KEEP(m->step, ev->text);
    (void)KEEP(m->step_pod, ev->pod.name);
    m->wait.active = false;
}

static struct ui_pod *
model_pod_known(struct ui_model *m, const char *name)
{
    for (size_t i = 0; i < m->n_pods; i++) {
        if (str_eq(m->pods[i].name, name)) {
            return &m->pods[i];
        }
    }
    return NULL;
}

static struct ui_pod *
model_pod_named(struct ui_model *m, const char *name)
{
    struct ui_pod *known = model_pod_known(m, name);

    if (known != NULL || m->pods == NULL || m->n_pods == UI_PODS_MAX) {
        return known;
    }
    (void)KEEP(m->pods[m->n_pods].name, name);
    return &m->pods[m->n_pods++];
}

/* What is said of a pod, without its name before it: that stands there in every form. */
static const char *
model_said(const char *pod, const char *text)
{
    size_t len = strlen(pod);

    return text != NULL && str_starts(text, pod) && str_starts(text + len, ": ")
               ? text + len + 2
               : text;
}

static void
model_pod(struct ui_model *m, const struct ui_event *ev, struct ui_change *c,
          long long now)
{
    size_t before = m->n_pods;
    struct ui_pod *p = model_pod_named(m, ev->pod.name != NULL ? ev->pod.name : "");
    bool changed = false;

    if (p == NULL) {
        return;
    }
    changed = KEEP(p->text, model_said(p->name, ev->text)) || m->n_pods != before;
    if (ev->pod.role != NULL && *ev->pod.role != '\0') {
        (void)KEEP(p->role, ev->pod.role);
    }
    if (ev->pod.version != NULL && *ev->pod.version != '\0') {
        (void)KEEP(p->version, ev->pod.version);
    }
    if (p->state != ev->pod.state || p->since == 0) {
        p->ms[p->state] += p->since > 0 ? now - p->since : 0;
        p->since = now;
        p->seen_work = p->seen_work || p->state == UI_POD_DELETING;
        p->state = ev->pod.state;
        m->wait.active = false;
        changed = true;
    }
    c->pod = changed ? p : NULL;
}

static void
model_role(struct ui_model *m, const struct ui_event *ev, struct ui_change *c)
{
    struct ui_pod *p = model_pod_known(m, ev->pod.name);

    c->role = p != NULL && KEEP(p->role, ev->pod.role);
}

static struct ui_gate *
model_gate_with(struct ui_model *m, const char *id)
{
    for (size_t i = 0; i < m->n_gates; i++) {
        if (str_eq(m->gates[i].id, id)) {
            return &m->gates[i];
        }
    }
    if (m->n_gates == UI_GATES_MAX) {
        return NULL;
    }
    m->gates[m->n_gates] = (struct ui_gate){ 0 };
    (void)KEEP(m->gates[m->n_gates].id, id);
    return &m->gates[m->n_gates++];
}

static void
model_gate(struct ui_model *m, const struct ui_event *ev, struct ui_change *c)
{
    struct ui_gate *g = NULL;
    size_t before = 0;

    if (KEEP(m->gates_pod, ev->pod.name)) {
        m->n_gates = 0;
    }
    before = m->n_gates;
    g = model_gate_with(m, ev->id != NULL ? ev->id : "");
    if (g == NULL) {
        return;
    }
    if (m->n_gates != before || g->verdict != ev->verdict) {
        c->gate = g;
    }
    g->verdict = ev->verdict;
    (void)KEEP(g->now, ev->now);
    (void)KEEP(g->want, ev->want);
}

static void
model_wait(struct ui_model *m, const struct ui_event *ev, struct ui_change *c,
           long long now)
{
    struct ui_wait *w = &m->wait;
    bool other = KEEP(w->id, ev->id);

    other = KEEP(w->pod, ev->pod.name) || other;
    c->wait_began = other || !w->active;
    if (c->wait_began) {
        w->next_beat = now + UI_BEAT_MS - ev->ms % UI_BEAT_MS;
    }
    w->active = true;
    (void)KEEP(w->text, ev->text);
    (void)KEEP(w->now, ev->now);
    (void)KEEP(w->want, ev->want);
    w->ms = ev->ms;
    w->limit_ms = ev->limit_ms;
    w->rest_ms = ev->rest_ms;
    w->at = now;
}

struct ui_change
model_apply(struct ui_model *m, const struct ui_event *ev, long long now)
{
    struct ui_change c = { 0 };

    if (m->started == 0) {
        m->started = now;
    }
    switch (ev->type) {
    case UI_START:
        model_start(m, ev);
        break;
    case UI_CHECK:
        model_check(m, ev);
        break;
    case UI_STEP:
        model_step(m, ev);
        break;
    case UI_POD:
        model_pod(m, ev, &c, now);
        break;
    case UI_ROLE:
        model_role(m, ev, &c);
        break;
    case UI_GATE:
        model_gate(m, ev, &c);
        break;
    case UI_WAIT:
        model_wait(m, ev, &c, now);
        break;
    case UI_HELD:
        c.held = m->held != ev->held;
        m->held = ev->held;
        m->wait.active = m->wait.active && (m->held || !str_eq(m->wait.id, "held"));
        (void)KEEP(m->held_by, ev->text);
        break;
    case UI_RESULT:
        m->ended = true;
        m->wait.active = false;
        break;
    case UI_PLAN:
    case UI_NOTE:
    case UI_WARNING:
        break;
    }
    return c;
}

void
model_clear(struct ui_model *m)
{
    for (size_t i = 0; i < m->checks.n; i++) {
        free(m->checks.at[i].id);
        free(m->checks.at[i].text);
        free(m->checks.at[i].hint);
    }
    free(m->checks.at);
    free(m->pods);
    *m = (struct ui_model){ 0 };
}

char *
model_db(const struct ui_model *m, char *out, size_t size)
{
    char kind[sizeof m->about.kind];
    size_t i = 0;

    for (; m->about.kind[i] != '\0'; i++) {
        kind[i] = (char)tolower((unsigned char)m->about.kind[i]);
    }
    kind[i] = '\0';
    out[0] = '\0';
    return str_append(out, size, "%s/%s", kind, m->about.name);
}

static bool
model_is_busy(enum ui_pod_state s)
{
    return s != UI_POD_WAITING && s != UI_POD_DONE && s != UI_POD_FAILED;
}

static long long
model_pod_total(const struct ui_pod *p, long long now)
{
    long long total = model_is_busy(p->state) ? now - p->since : 0;

    for (size_t i = 0; i < UI_STATES; i++) {
        total += model_is_busy((enum ui_pod_state)i) ? p->ms[i] : 0;
    }
    return total;
}

bool
model_was_there(const struct ui_pod *p)
{
    enum { SHORT_MS = 1000 };

    return p->state == UI_POD_DONE && !p->seen_work && model_pod_total(p, 0) < SHORT_MS;
}

long long
model_remaining(const struct ui_model *m, long long now)
{
    long long spent = 0;
    long long left = 0;
    long long average = 0;
    unsigned timed = 0;

    for (size_t i = 0; i < m->n_pods; i++) {
        if (m->pods[i].state == UI_POD_DONE && m->pods[i].seen_work) {
            spent += model_pod_total(&m->pods[i], now);
            timed++;
        }
    }
    if (timed == 0) {
        return -1;
    }
    average = spent / timed;
    for (size_t i = 0; i < m->n_pods; i++) {
        long long used = model_pod_total(&m->pods[i], now);

        if (m->pods[i].state != UI_POD_DONE) {
            left += used < average ? average - used : 0;
        }
    }
    return left;
}

char *
model_duration(long long ms, char *out, size_t size)
{
    size_t len = 0;

    if (ms < 10000) {
        out[0] = '\0';
        return str_append(out, size, "%.1fs", (double)(ms > 0 ? ms : 0) / 1000);
    }
    clock_duration(ms, out, size);
    len = strlen(out);
    if (str_ends(out, "m00s") || str_ends(out, "h00m")) {
        out[len - 3] = '\0';
    }
    return out;
}

char *
model_seconds(long long ms, char *out, size_t size)
{
    return ms < 1000 ? str_copy(out, size, "0s") : clock_duration(ms, out, size);
}

char *
model_durations(const struct ui_pod *p, char *out, size_t size)
{
    static const char *const names[UI_STATES] = {
        [UI_POD_HANDOVER] = "hand over", [UI_POD_DRAINING] = "drain",
        [UI_POD_DELETING] = "delete",    [UI_POD_STARTING] = "start",
        [UI_POD_WORKING] = "convert",    [UI_POD_VERIFYING] = "verify",
    };
    char time[32];

    out[0] = '\0';
    for (size_t i = 0; i < UI_STATES; i++) {
        if (names[i] != NULL && p->ms[i] > 0) {
            str_append(out, size, "%s%s %s", out[0] != '\0' ? " · " : "", names[i],
                       model_duration(p->ms[i], time, sizeof time));
        }
    }
    return out;
}

long long
model_waited(const struct ui_wait *w, long long now)
{
    return w->ms + (now > w->at ? now - w->at : 0);
}

long long
model_left(const struct ui_wait *w, long long now, bool *whole)
{
    long long past = now > w->at ? now - w->at : 0;
    long long own = w->limit_ms - w->ms;

    *whole = w->rest_ms > 0 && (w->limit_ms == 0 || w->rest_ms < own);
    if (!*whole && w->limit_ms == 0) {
        return -1;
    }
    own = (*whole ? w->rest_ms : own) - past;
    return own > 0 ? own : 0;
}

bool
model_is_paused(const struct ui_model *m)
{
    return m->held && m->wait.active && str_eq(m->wait.id, "held");
}
