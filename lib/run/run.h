#ifndef RUN_RUN_H
#define RUN_RUN_H

/*
 * The room "run": what one run of the program is about and how far it is, whatever it
 * does: the target, the plan, the course, waits, faults of the API server that are ridden
 * out, commands in pods, events for the user. It may use base, kube, engine, kubedb and
 * ui. What those above it do while a run waits, it gets as hooks.
 */

#include <stdbool.h>

#include "base/err.h"
#include "run/plan.h"
#include "run/target.h"
#include "ui/ui.h"

/* Which way a run goes: to the new version, or back to the old one. */
enum direction { DIRECTION_FORWARD, DIRECTION_BACK };

/* The step at which a run is. */
struct run_step {
    unsigned number, of;
    const char *title;
    char text[160];
};

/* The API server's absence and denials; outage.c. */
struct outage {
    long long denied_since, denied_last;
    long long told_ms;
};

/* What those above do meanwhile; NULL: nothing. */
struct run_hooks {
    void *ctx;
    int (*renew)(void *ctx, struct err *e);  /* the lock, when it is time */
    int (*glance)(void *ctx, struct err *e); /* at what others do to the database */
    bool (*turned)(void *ctx);               /* whether the run was asked to walk back */
};

/*
 * One run of the program: where it goes, how far it is, and how long it may take.
 */
struct run {
    const struct target *target;
    struct plan *plan;
    struct ui *ui;
    enum direction direction;
    struct run_step step;
    struct outage outage;
    struct run_hooks hooks;
    bool locked;        /* the lock is held, as far as is known */
    long long started;  /* clock_ms() */
    long long deadline; /* clock_ms(), or 0 */
    bool changed;       /* something in the cluster */
    bool walked_back;   /* everything is old again, verified */
    bool settled;       /* the operator agrees, and did for a while */
    bool gone;          /* the database was deleted */
    bool was_there;     /* nothing had to be done */
    bool pending;       /* a dry run found changes */
};

/* Calls a hook. */
int run_renew(struct run *run, struct err *e);
int run_glance(struct run *run, struct err *e);

/* Whether --skip-check names a check. */
bool run_names(const struct run *run, const char *id);

/* Whether the user passes over an error of a check, by its id or by --force. */
bool run_skips(const struct run *run, const char *id);

#endif
