#ifndef UI_UI_PRIVATE_H
#define UI_UI_PRIVATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "ui/keys.h"
#include "ui/ui.h"

/*
 * Inside the user interface: events change the model (what is known of the run), then a
 * renderer shows the event, the model, or both. Renderers are rows of a table.
 */

/* -- out.c: a stream, and lines for it -- */

/* A stream that failed once is left alone from then on: an upgrade does not end because
 * the disk of its log is full. But who has gone away (a pipe's reader, a terminal) has
 * asked to stop by that. */
struct ui_out {
    FILE *file;
    int fd; /* -1: written at once, by stdio */
    bool terminal;
    bool own; /* the fd is closed at the end */
    bool events;
    bool broken;
    bool color;
    bool utf8;
    struct buf queue; /* what the stream did not take yet */
};

enum ui_color { UI_PLAIN, UI_BOLD, UI_DIM, UI_RED, UI_GREEN, UI_YELLOW };

/* A line that is being put together. */
struct ui_line {
    const struct ui_out *out;
    struct buf text;
};

void ui_out_init(struct ui_out *o, FILE *file, bool no_color);

/* The only way to a stream. Marks (ui/text.h) become escape sequences, line ends and tabs
 * stay, and whatever else is not shown as it is becomes visible. */
void ui_out_write(struct ui_out *o, const char *text, size_t text_len);

/* From now on nothing waits for the stream: a reader that sleeps, or a terminal under ^S,
 * must not hold up the renewal of the lock. What it does not take is kept and tried again
 * by each tick, which also sees whether the reader is still there. `events`: it is the
 * stream of the run's events. */
void ui_out_queue(struct ui_out *o, bool events);
void ui_out_tick(struct ui_out *o);
void ui_out_free(struct ui_out *o);

/* Waits until all is written. A signal ends that; after one it takes two seconds at most.
 */
void ui_out_finish(struct ui_out *o);

void line_start(struct ui_line *l, const struct ui_out *o);
/* The text is made fit for a terminal (ui/text.h). */
void line_add(struct ui_line *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void line_color(struct ui_line *l, enum ui_color color);
void line_add_color(struct ui_line *l, enum ui_color color, const char *text);
/* Fills up with spaces until the column; at least one. */
void line_pad(struct ui_line *l, size_t column);
/* Writes the line with its newline and forgets it. */
void line_write(struct ui_line *l, struct ui_out *o);
/* The same, broken after words to lines of `width` columns (0: not), the second and all
 * that follow indented. */
void line_fold(struct ui_line *l, struct ui_out *o, size_t width, size_t indent);
void line_free(struct ui_line *l);
#define auto_line scope_cleanup(line_free)

/* -- model.c -- */

enum { UI_GATES_MAX = 16, UI_TEXT = 256, UI_STATES = UI_POD_FAILED + 1 };

struct ui_check {
    char *id, *text, *hint; /* owned */
    enum ui_severity severity;
    long long ms;
};

struct ui_pod {
    char name[UI_TEXT];
    char role[24];
    char version[64];
    char text[UI_TEXT];
    enum ui_pod_state state;
    long long since;         /* when the state began */
    long long ms[UI_STATES]; /* spent in each state */
    bool seen_work;          /* it was restarted while we looked */
};

struct ui_gate {
    char id[48];
    char now[UI_TEXT];
    char want[UI_TEXT];
    enum ui_verdict verdict;
};

struct ui_wait {
    bool active;
    char id[48];
    char pod[UI_TEXT];
    char text[UI_TEXT];
    char now[UI_TEXT];
    char want[UI_TEXT];
    long long ms, limit_ms, rest_ms;
    long long at;        /* when it was told last */
    long long next_beat; /* when the next heartbeat is due */
};

/* What the run is about. */
struct ui_about {
    char kind[64], name_space[UI_TEXT], name[UI_TEXT];
    char from[64], to[64], context[UI_TEXT], server[UI_TEXT];
};

struct ui_checks {
    struct ui_check *at;
    size_t n;
    bool shown;
    unsigned warnings, errors;
};

struct ui_model {
    struct ui_about about;
    unsigned n, of;
    char step[UI_TEXT];
    char step_pod[UI_TEXT];
    long long started;
    struct ui_checks checks;
    struct ui_pod *pods; /* UI_PODS_MAX; owned */
    size_t n_pods;
    char gates_pod[UI_TEXT];
    struct ui_gate gates[UI_GATES_MAX];
    size_t n_gates;
    struct ui_wait wait;
    bool held;
    char held_by[UI_TEXT];
    bool ended;
};

/* What an event changed, for renderers that show changes. */
struct ui_change {
    const struct ui_pod *pod;   /* UI_POD: changed; NULL: it was known */
    bool role;                  /* UI_ROLE: changed, of a pod that has a line */
    const struct ui_gate *gate; /* UI_GATE: changed */
    bool wait_began;            /* UI_WAIT: it is another one than before */
    const char *line;           /* the event as JSON; NULL: it is not told */
    bool held;                  /* UI_HELD: changed */
};

struct ui_change model_apply(struct ui_model *m, const struct ui_event *ev,
                             long long now);
void model_clear(struct ui_model *m);

/* "mysql/my-db". Returns out. */
char *model_db(const struct ui_model *m, char *out, size_t size);

/* Whether a run had nothing to do for a member but to verify it. */
bool model_was_there(const struct ui_pod *p);

/* Milliseconds until the end by how long the members took so far; -1: unknown. */
long long model_remaining(const struct ui_model *m, long long now);

/* "delete 3s · start 21s · verify 17s"; "" if nothing was timed. Returns out. */
char *model_durations(const struct ui_pod *p, char *out, size_t size);

/* "3.2s", "41s", "10m", "2m41s". Returns out. */
char *model_duration(long long ms, char *out, size_t size);

/* The same for a time that runs: whole seconds. Returns out. */
char *model_seconds(long long ms, char *out, size_t size);

/* Milliseconds that a wait has taken by now: events tell it now and then. */
long long model_waited(const struct ui_wait *w, long long now);

/* Whether it is held, and has come to where it waits. */
bool model_is_paused(const struct ui_model *m);

/* Milliseconds until a limit ends it, its own or (*whole) the run's; -1: there is none.
 */
long long model_left(const struct ui_wait *w, long long now, bool *whole);

/* -- events.c: events as lines of JSON -- */

enum { UI_EVENTS_MAX = 2000, UI_EVENTS_BYTES = 32 * 1024 * 1024 };

struct ui_events {
    char *lines[UI_EVENTS_MAX]; /* owned; a ring */
    unsigned long seq;          /* so many were added */
};

/* Puts v, ts and seq before the fields and keeps the line. It is valid until as many
 * others were added as are kept. */
const char *events_add(struct ui *u, const json_t *fields);
void events_clear(struct ui_events *ev);

/* -- ui.c -- */

struct ui_renderer {
    const char *name;
    void (*event)(struct ui *u, const struct ui_event *ev, const struct ui_change *c);
    void (*tick)(struct ui *u);    /* NULL: nothing to do */
    void (*suspend)(struct ui *u); /* NULL: nothing to do */
};

extern const struct ui_renderer ui_tty;
extern const struct ui_renderer ui_plain;
extern const struct ui_renderer ui_jsonl;
extern const struct ui_renderer ui_json;
extern const struct ui_renderer ui_name;

enum { UI_BLOCK_MAX = 8, UI_BEAT_MS = 30000 };

struct ui {
    struct ui_options options;
    const struct ui_renderer *renderer;
    struct ui_out out;
    struct ui_out errors;
    struct ui_model model;
    struct ui_keys keys;
    long long (*now)(void);  /* clock_ms; tests put their own */
    long long (*wall)(void); /* clock_wall_ms */
    size_t width, height;    /* of tests; 0: ask the terminal */
    bool stop_shown;         /* text_stop() */
    /* tty.c */
    size_t block[UI_BLOCK_MAX]; /* columns of the lines that stand at the bottom */
    size_t n_block;
    long long drawn;
    struct ui_events events;
    json_t *doc; /* json.c */
};

/* The terminal's size, asked anew each time: a change needs no signal. A width of 0:
 * there is none, lines are as long as they are. */
void ui_size(const struct ui *u, size_t *width, size_t *height);

/* Writes a line to `out`, folded to the terminal's width. */
void ui_write(struct ui *u, struct ui_line *l, size_t indent);

/* "10:41:07", UTC as in the JSON forms and in Kubernetes. `size` at least 9. */
char *ui_time(const struct ui *u, char *out, size_t size);

/* -- fields.c: events as JSON, for jsonl and json -- */

/* The fields of an event beside v, ts and seq; NULL for an event that is not told, such
 * as a wait that goes on. */
json_t *fields_of_event(const struct ui *u, const struct ui_event *ev,
                        const struct ui_change *c);
json_t *fields_of_beat(const struct ui *u);

/* -- plan.c, report.c: what tty and plain have in common -- */

void plan_show(struct ui *u, const struct ui_plan *p);

/* The checks, if they were not shown yet; `all`: also the good ones. */
void plan_show_checks(struct ui *u, bool all);

/* What a warning, an error and the end of a run look like. */
void report_warning(struct ui *u, struct ui_out *o, const struct ui_event *ev);
void report_result(struct ui *u, struct ui_out *o, const struct ui_result *r);

/* For renderers whose stdout is for programs: warnings and failures, to stderr. */
void report_problem(struct ui *u, const struct ui_event *ev);

/* "waiting 38s, 9m22s left for TEXT: NOW -> WANT"; or "NOW -> WANT, 38s, 9m22s left"
 * where the line says already what is done: it is to fit into `width` columns, else 0. */
void report_wait(struct ui_line *l, const struct ui_wait *w, long long now, size_t width);

/* "PAUSED before the next member, by me@host", or that it will be, or is no longer.
 * Returns out. */
char *report_held(const struct ui_model *m, char *out, size_t size);

/* What a signal has led to. */
const char *text_stop(void);

#endif
