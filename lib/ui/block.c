#include "ui/block.h"

#include <string.h>

#include "base/clock.h"
#include "base/sig.h"
#include "base/str.h"
#include "ui/text.h"

enum { BLOCK_NARROW = 60 };

static const struct block_state {
    const char *mark;
    const char *word;
    enum ui_color color;
} block_states[UI_STATES] = {
    [UI_POD_WAITING] = { "·", "waiting", UI_DIM },
    [UI_POD_HANDOVER] = { "◐", "switchover", UI_YELLOW },
    [UI_POD_DRAINING] = { "◐", "draining", UI_YELLOW },
    [UI_POD_DELETING] = { "◐", "deleting", UI_YELLOW },
    [UI_POD_STARTING] = { "◐", "starting", UI_YELLOW },
    [UI_POD_WORKING] = { "◐", "working", UI_YELLOW },
    [UI_POD_VERIFYING] = { "◐", "verifying", UI_YELLOW },
    [UI_POD_DONE] = { "✔", "done", UI_GREEN },
    [UI_POD_FAILED] = { "✘", "failed", UI_RED },
};

/* A member that was worked on when the run ended. */
static const struct block_state block_stopped = { "✘", "stopped", UI_RED };

static const struct block_state *
block_state_of(const struct ui_model *m, const struct ui_pod *p)
{
    bool still = p->state == UI_POD_WAITING || p->state == UI_POD_DONE;

    return m->ended && !still && p->state != UI_POD_FAILED ? &block_stopped
                                                           : &block_states[p->state];
}

static struct ui_line *
block_line(struct block *b, const struct ui *u)
{
    struct ui_line *l = &b->lines[b->n++];

    line_start(l, &u->out);
    return l;
}

/* What is worth a line of its own: what the user has asked for, and what waits for him.
 */
static void
block_notice(const struct ui *u, char *out, size_t size)
{
    const char *keys = keys_notice(&u->keys, u->now());

    out[0] = '\0';
    if (u->model.ended) {
        return;
    }
    if (sig_asked() != SIG_STOP_NONE) {
        str_copy(out, size, text_stop());
    } else if (keys[0] != '\0') {
        str_copy(out, size, keys);
    } else if (u->model.held) {
        report_held(&u->model, out, size);
        str_append(out, size, "%s", u->keys.on ? "; [c] continues" : "");
    } else if (u->keys.pausing) {
        str_copy(out, size, "will pause before the next member; [c] continues");
    }
}

static void
block_add_notice(struct block *b, const struct ui *u, const char *text)
{
    struct ui_line *l = block_line(b, u);

    line_add(l, "  ");
    line_add_color(l, UI_YELLOW, text);
}

/* At the header's right end, as much as there is room for. */
static void
block_add_keys(const struct ui *u, struct ui_line *l)
{
    static const char *const texts[][2] = {
        { "[p]ause [a]bort [q]uit [?]", "[c]ontinue [a]bort [q]uit [?]" },
        { "[p] [a] [q] [?]", "[c] [a] [q] [?]" },
        { "[?]", "[?]" },
    };
    bool still = u->model.held || u->keys.pausing;
    size_t at = text_columns(buf_text(&l->text));
    size_t width = 0;
    size_t height = 0;

    ui_size(u, &width, &height);
    if (!u->keys.on || u->model.ended || sig_asked() != SIG_STOP_NONE) {
        return;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t len = strlen(texts[i][still]);

        if (at + 2 + len < width) {
            line_pad(l, width - 1 - len);
            line_add_color(l, UI_DIM, texts[i][still]);
            return;
        }
    }
}

static void
block_add_header(struct block *b, const struct ui *u)
{
    const struct ui_model *m = &u->model;
    long long now = u->now();
    long long left = model_remaining(m, now);
    struct ui_line *l = block_line(b, u);
    char db[UI_TEXT * 2];
    char time[32];

    line_add_color(l, UI_BOLD, model_db(m, db, sizeof db));
    line_add(l, "  %s -> %s", m->about.from, m->about.to);
    if (m->n > 0) {
        line_add(l, "   step %u/%u", m->n, m->of);
    }
    line_add(l, "   %s elapsed", model_seconds(now - m->started, time, sizeof time));
    if (left >= 1000 && !m->ended) {
        line_add(l, ", about %s left", clock_duration(left, time, sizeof time));
    }
    block_add_keys(u, l);
}

/* How wide the columns of the members are. A narrow terminal has no room for roles and
 * versions beside what is being done. */
struct block_columns {
    size_t role, version, state;
    size_t width; /* of all */
    bool narrow;
};

static struct block_columns
block_measure(const struct ui *u)
{
    const struct ui_model *m = &u->model;
    struct block_columns c = { 0 };
    size_t width = 0;
    size_t height = 0;

    for (size_t i = 0; i < m->n_pods; i++) {
        const struct ui_pod *p = &m->pods[i];
        size_t name = text_columns(p->name);
        size_t role = text_columns(p->role);
        size_t version = text_columns(p->version);

        c.role = name > c.role ? name : c.role;
        c.version = role > c.version ? role : c.version;
        c.state = version > c.state ? version : c.state;
    }
    c.role += 2 + 2;
    c.version += c.role + 2;
    ui_size(u, &width, &height);
    c.narrow = width < BLOCK_NARROW;
    c.state = c.narrow ? c.role : c.state + c.version + 2;
    c.width = width - 1;
    return c;
}

static void
block_add_pod(struct block *b, const struct ui *u, const struct ui_pod *p,
              const struct block_columns *c)
{
    const struct block_state *s = block_state_of(&u->model, p);
    const struct ui_wait *w = &u->model.wait;
    struct ui_line *l = block_line(b, u);
    char durations[256];

    line_add(l, "  %s", p->name);
    if (!c->narrow) {
        line_pad(l, c->role);
        line_add(l, "%s", p->role);
        line_pad(l, c->version);
        line_add(l, "%s", p->version);
    }
    line_pad(l, c->state);
    line_color(l, s->color);
    line_add(l, "%s %-11s ", s->mark, s->word);
    if (s->color != UI_DIM) {
        line_color(l, UI_PLAIN);
    }
    if (w->active && str_eq(w->pod, p->name)) {
        report_wait(l, w, u->now(), c->width);
    } else if (p->state == UI_POD_DONE &&
               model_durations(p, durations, sizeof durations)[0] != '\0') {
        line_add(l, "%s", durations);
    } else if (p->state != UI_POD_WAITING) {
        line_add(l, "%s", p->text);
    }
    line_color(l, UI_PLAIN);
}

/* The member that is worked on, or else the first that is not done. */
static size_t
block_current(const struct ui_model *m)
{
    size_t first = m->n_pods;

    for (size_t i = m->n_pods; i-- > 0;) {
        if (m->pods[i].state != UI_POD_DONE && m->pods[i].state != UI_POD_WAITING) {
            return i;
        }
        first = m->pods[i].state == UI_POD_WAITING ? i : first;
    }
    return first;
}

static void
block_add_rest(struct block *b, const struct ui *u, size_t first, size_t shown)
{
    unsigned done = 0;
    unsigned waiting = 0;
    struct ui_line *l = block_line(b, u);

    for (size_t i = 0; i < u->model.n_pods; i++) {
        if (i < first || i >= first + shown) {
            done += u->model.pods[i].state == UI_POD_DONE;
            waiting += u->model.pods[i].state != UI_POD_DONE;
        }
    }
    line_add(l, "  … and");
    if (done > 0) {
        line_add(l, " %u done%s", done, waiting > 0 ? "," : "");
    }
    if (waiting > 0) {
        line_add(l, " %u waiting", waiting);
    }
}

/* All members, or where they are too many those around the current one. */
static void
block_add_pods(struct block *b, const struct ui *u, size_t room)
{
    const struct ui_model *m = &u->model;
    const struct block_columns c = block_measure(u);
    size_t shown = m->n_pods <= room ? m->n_pods : room - 1;
    size_t first = block_current(m);

    if (room == 0 || m->n_pods == 0) {
        return;
    }
    first = first > shown / 2 ? first - shown / 2 : 0;
    if (first + shown > m->n_pods) {
        first = m->n_pods - shown;
    }
    for (size_t i = first; i < first + shown; i++) {
        block_add_pod(b, u, &m->pods[i], &c);
    }
    if (shown < m->n_pods) {
        block_add_rest(b, u, first, shown);
    }
}

static bool
block_has_gates(const struct ui_model *m)
{
    for (size_t i = 0; i < m->n_pods && m->n_gates > 0; i++) {
        if (str_eq(m->pods[i].name, m->gates_pod)) {
            return m->pods[i].state == UI_POD_VERIFYING ||
                   m->pods[i].state == UI_POD_STARTING;
        }
    }
    return false;
}

static void
block_add_gates(struct block *b, const struct ui *u)
{
    static const struct {
        const char *mark;
        enum ui_color color;
    } marks[] = {
        [UI_GATE_WAITING] = { "…", UI_DIM },
        [UI_GATE_PASSED] = { "✔", UI_GREEN },
        [UI_GATE_FAILED] = { "✘", UI_RED },
    };
    struct ui_line *l = block_line(b, u);

    line_add(l, "  gates:");
    for (size_t i = 0; i < u->model.n_gates; i++) {
        const struct ui_gate *g = &u->model.gates[i];

        line_add(l, " %s ", g->id);
        line_add_color(l, marks[g->verdict].color, marks[g->verdict].mark);
        line_add(l, " ");
    }
}

/* A wait that no member's line shows. */
static bool
block_has_wait(const struct ui_model *m)
{
    for (size_t i = 0; i < m->n_pods; i++) {
        if (str_eq(m->pods[i].name, m->wait.pod)) {
            return false;
        }
    }
    return m->wait.active;
}

static void
block_add_doing(struct block *b, const struct ui *u)
{
    const struct ui_model *m = &u->model;
    struct ui_line *l = block_line(b, u);

    line_add(l, "  ");
    line_add_color(l, UI_YELLOW, "◐ ");
    if (block_has_wait(m)) {
        report_wait(l, &m->wait, u->now(), 0);
    } else {
        line_add(l, "%s", m->n > 0 ? m->step : "reading the cluster and running checks");
    }
}

void
block_build(struct block *b, const struct ui *u, size_t height)
{
    const struct ui_model *m = &u->model;
    size_t max = height > 3 && height - 1 < UI_BLOCK_MAX ? height - 1 : UI_BLOCK_MAX;
    size_t room = max - 1;
    bool gates = block_has_gates(m);
    bool doing = !m->ended && (m->step_pod[0] == '\0' || block_has_wait(m));
    char notice[UI_TEXT * 2];

    block_notice(u, notice, sizeof notice);
    room -= notice[0] != '\0';
    gates = gates && room > 1;
    room -= gates;
    doing = doing && room > 0;
    room -= doing;

    *b = (struct block){ .max = max };
    block_add_header(b, u);
    block_add_pods(b, u, room);
    if (gates) {
        block_add_gates(b, u);
    }
    if (notice[0] != '\0') {
        block_add_notice(b, u, notice);
    }
    if (doing) {
        block_add_doing(b, u);
    }
}

void
block_free(struct block *b)
{
    for (size_t i = 0; i < b->n; i++) {
        line_free(&b->lines[i]);
    }
}
