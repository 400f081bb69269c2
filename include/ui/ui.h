#ifndef UI_UI_H
#define UI_UI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "base/scope.h"

/*
 * What the user sees. A run reports typed events; a renderer shows them: tty (redrawn
 * in place), plain (one line a change, a heartbeat each 30 s), jsonl (one object an
 * event), json (one document), name. Nothing here knows Kubernetes.
 *
 * Human text goes to stderr for jsonl and json, whose stdout holds events only; for tty
 * and plain everything goes to stdout, errors to stderr.
 */

enum ui_type {
    UI_START, /* the run begins: db_*, from, to, of (steps), context, server */
    UI_CHECK, /* one preflight result: id, severity, text, hint, ms */
    UI_PLAN,  /* the whole plan: plan */
    UI_STEP,  /* a step: n, of, id, text (title), pod ("" if none), state, reversible, ms
               */
    UI_POD,   /* a pod's line: pod, role, version, pod_state, text */
    UI_ROLE,  /* a pod's role is another one than before: pod, role */
    UI_GATE, /* a gate passed, failed or is waited for: pod, id, verdict, now, want, ms */
    UI_WAIT, /* still waiting: id, pod, text, now, want, ms (so far), limit_ms, rest_ms;
                often */
    UI_NOTE, /* something worth a line: text */
    UI_WARNING, /* text, hint */
    UI_HELD,    /* to be held before the next member: held, text (by whom); or no longer.
                   While it is, the wait is "held" */
    UI_RESULT,  /* the end: result */
};

/* Of so many pods each has its line; others have none. */
enum { UI_PODS_MAX = 96 };

enum ui_severity { UI_OK, UI_WARN, UI_FAIL };
enum ui_step_state { UI_STEP_STARTED, UI_STEP_DONE, UI_STEP_ALREADY, UI_STEP_FAILED };
enum ui_verdict { UI_GATE_WAITING, UI_GATE_PASSED, UI_GATE_FAILED };
enum ui_pod_state {
    UI_POD_WAITING,   /* · its turn has not come */
    UI_POD_HANDOVER,  /* ◐ giving up the lead */
    UI_POD_DRAINING,  /* ◐ its clients leave it */
    UI_POD_DELETING,  /* ◐ evicted, going away */
    UI_POD_STARTING,  /* ◐ new pod, not ready */
    UI_POD_WORKING,   /* ◐ its data are converted */
    UI_POD_VERIFYING, /* ◐ ready, gates not all passed */
    UI_POD_DONE,      /* ✔ */
    UI_POD_FAILED,    /* ✘ */
};

struct ui_plan_step {
    const char *text;    /* "restart my-db-2   secondary" */
    const char *dry_run; /* "accepted", "refused: ..."; "" when not asked */
    const char *undo;    /* "set old image, delete pod"; "-" for none */
    const char
        *line; /* drawn after this step: why it is the point of no return; or NULL */
};

struct ui_plan {
    const char *change;   /* "minor-series upgrade", "rebuild of the same version" */
    const char *topology; /* "GroupReplication single-primary, PetSet my-db (OnDelete), 3
                             members, primary my-db-1" */
    const struct ui_plan_step *steps;
    size_t n_steps;
    long long preflight_ms;
    unsigned long requests;
    const char *hash;  /* "sha256:..." */
    const char *apply; /* the command that would carry it out */
};

struct ui_result {
    bool ok;
    int exit_status;
    const struct err *err; /* NULL when ok */
    const char
        *state; /* "stopped safely at step 4/7. The operator is PAUSED. ..."; NULL */
    bool changed, paused;
    const char *resume; /* command to go on, or NULL */
    const char *abort;  /* command to walk back, or NULL */
    const char *bundle; /* file that was kept for those who look for the cause, or NULL */
    const char *const
        *summary; /* lines for the end of a good run, after which people are told what
                     each member's time went to; NULL-terminated, or NULL */
    const json_t *data; /* more fields for JSON forms: durations, requests; or NULL */
};

/* What a run is about. */
struct ui_database {
    const char *kind, *name_space, *name;
    const char *from, *to, *context, *server;
};

struct ui_event_pod {
    const char *name, *role, *version;
    enum ui_pod_state state;
};

struct ui_event {
    enum ui_type type;
    struct ui_database db;
    const char *id;
    const char *text;
    const char *hint;
    struct ui_event_pod pod;
    const char *now, *want;
    unsigned n, of;
    enum ui_severity severity;
    enum ui_step_state state;
    enum ui_verdict verdict;
    bool reversible;
    bool held;
    long long ms, limit_ms;
    long long rest_ms; /* until the whole run's limit; 0: it has none */
    const struct ui_plan *plan;
    const struct ui_result *result;
};

/* What was typed on the terminal of a run (UI_HUMAN drawn in place). */
enum ui_key {
    UI_KEY_NONE,
    UI_KEY_PAUSE,    /* p: stop before the next member */
    UI_KEY_CONTINUE, /* c */
    UI_KEY_ABORT,    /* a, and a again: walk back */
    UI_KEY_QUIT,     /* q: base/sig.h was told already, as by a first ^C */
};

enum ui_format { UI_HUMAN, UI_JSONL, UI_JSON, UI_NAME };

struct ui_options {
    enum ui_format format;
    bool no_color; /* or NO_COLOR in the environment, or TERM=dumb */
    bool quiet;    /* only warnings, errors and the result */
    bool dry_run;  /* the end of the run is the plan */
};

struct ui;

/* UI_HUMAN chooses tty or plain by isatty(out). */
struct ui *ui_new(const struct ui_options *o, FILE *out, FILE *errors);
void ui_emit(struct ui *u, const struct ui_event *ev);

/* To be called often (about five times a second): redraws, heartbeats. */
void ui_tick(struct ui *u);

/* The last key since this was asked before: keys are read by ui_tick, from the first step
 * until the result. The terminal gives them at once and does not echo as long; what it
 * was comes back with ui_suspend, the result, ui_free, and while ^Z stops the program. */
enum ui_key ui_take_key(struct ui *u);

/* Takes what is redrawn in place off the terminal, so that something else can be
 * written there; the next event draws it again. */
void ui_suspend(struct ui *u);

/* The last 2,000 events, as -o jsonl writes them, whatever the format is. The caller
 * frees the text. */
char *ui_events(const struct ui *u);

/* Leaves the terminal as it should be. */
void ui_free(struct ui *u);

static inline void
ui_scope_free(struct ui **u)
{
    ui_free(*u);
}
#define auto_ui scope_cleanup(ui_scope_free)

/* Prints an error as ERROR, DETAIL, HINT lines; the only way in which errors are shown.
 */
void ui_print_error(FILE *out, const struct err *e, bool color);

/* Asks on the terminal for a word ("type the database's name to go on"); true if it was
 * typed. False at end of input. */
bool ui_confirm(FILE *in, FILE *out, const char *question, const char *word);

#endif
