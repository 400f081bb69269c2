#ifndef PROCEDURE_STEPS_H
#define PROCEDURE_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cluster/cluster.h"
#include "cluster/sets.h"
#include "run/run.h"
#include "run/wait.h"
#include "ui/ui.h"

/*
 * The room "procedure": the tables of steps, the loop that runs them, and what the steps
 * do. A way to upgrade is a row of procedures.c. It may use the room "member" and those
 * below.
 */

/*
 * The tables of steps, and the functions of their rows.
 */

/* In which order a row takes the pods in a plan. */
enum step_order { ORDER_ROLL, ORDER_RISING, ORDER_FALLING };

struct step {
    const char *name;
    const char *title;
    const char *undo_text; /* how it is taken back; "-" */
    bool each_pod;         /* counts once a member; `run` tells the steps itself */
    const char *line;      /* drawn after it in a plan: what cannot be undone then */
    /* Which pods it is for, where it counts once a member; NULL: all. */
    bool (*takes)(const struct cluster *cluster, const struct member *p);
    enum step_order order;
    bool (*applies)(const struct cluster *cluster); /* NULL: always */
    bool reversible;
    /* What a plan says of it; NULL: its title. The same as dryRun: what the API server
     * would say to it; NULL: it changes nothing there. */
    void (*describe)(struct cluster *cluster, const struct step *s, char *out,
                     size_t size);
    int (*dry_run)(struct cluster *cluster, struct err *e);
    int (*done)(struct cluster *cluster, bool *done, struct err *e);
    int (*run)(struct cluster *cluster, struct err *e);
};

int step_loop_run(struct cluster *cluster, const struct step *table, struct err *e);
unsigned step_loop_count(const struct cluster *cluster, const struct step *table);

/* Whether a row that counts once a member is for this one. */
bool step_takes(const struct cluster *cluster, const struct step *s,
                const struct member *p);

/* For how many steps a row counts: 0 where it does not apply. */
unsigned step_count(const struct cluster *cluster, const struct step *s);

/* The number, from 1 on, of the first step of a row of the run's table. */
unsigned step_number(const struct cluster *cluster, const struct step *row);

/* Those of the run, by its procedure and direction. */
const struct step *procedure_steps(const struct run *run);

/* Rows of a table: each ends with a NULL name, and takes a pod in one row at most. */
enum { STEPS_ROWS_MAX = 24 };

/* A row's name, and the functions that are named after it. */
#define STEP(step, what, back)                                                       \
    .name = #step, .title = (what), .undo_text = (back), .done = step_##step##_done, \
    .run = step_##step##_run

/* In a wait: whether all members that are to be there serve, with the wanted images, and
 * one leads. */
int step_look_whole(void *on, void *ctx, struct wait_state *s, struct err *e);

/* Whether a set's template has the wanted images, and its controller saw that; if not,
 * `s` says why. How long images must stay to be certain that they do (ms). */
bool step_set_is_right(const struct cluster *cluster, const struct member_set *set,
                       struct wait_state *s);
bool step_sets_are_right(const struct cluster *cluster, struct wait_state *s);
long long step_images_hold(const struct cluster *cluster);

int step_pause_done(struct cluster *cluster, bool *done, struct err *e);
int step_pause_run(struct cluster *cluster, struct err *e);
int step_images_done(struct cluster *cluster, bool *done, struct err *e);
int step_images_run(struct cluster *cluster, struct err *e);
int step_roll_done(struct cluster *cluster, bool *done, struct err *e);
int step_roll_run(struct cluster *cluster, struct err *e);
int step_verify_done(struct cluster *cluster, bool *done, struct err *e);
int step_verify_run(struct cluster *cluster, struct err *e);
int step_channels_done(struct cluster *cluster, bool *done, struct err *e);
int step_channels_run(struct cluster *cluster, struct err *e);
int step_version_done(struct cluster *cluster, bool *done, struct err *e);
int step_version_run(struct cluster *cluster, struct err *e);
int step_resume_done(struct cluster *cluster, bool *done, struct err *e);
int step_resume_run(struct cluster *cluster, struct err *e);
int step_settle_done(struct cluster *cluster, bool *done, struct err *e);
int step_settle_run(struct cluster *cluster, struct err *e);

/* Of an upgrade by a new set, either way: newset_*.c. */
int step_make_done(struct cluster *cluster, bool *done, struct err *e);
int step_make_run(struct cluster *cluster, struct err *e);
int step_join_done(struct cluster *cluster, bool *done, struct err *e);
int step_join_run(struct cluster *cluster, struct err *e);
int step_promote_done(struct cluster *cluster, bool *done, struct err *e);
int step_promote_run(struct cluster *cluster, struct err *e);
int step_retire_done(struct cluster *cluster, bool *done, struct err *e);
int step_retire_run(struct cluster *cluster, struct err *e);
int step_takeover_done(struct cluster *cluster, bool *done, struct err *e);
int step_takeover_run(struct cluster *cluster, struct err *e);
int step_remove_done(struct cluster *cluster, bool *done, struct err *e);
int step_remove_run(struct cluster *cluster, struct err *e);
int step_discard_done(struct cluster *cluster, bool *done, struct err *e);
int step_discard_run(struct cluster *cluster, struct err *e);

/* Of a major upgrade of Postgres, and its way back: major_*.c. */
int step_keep_done(struct cluster *cluster, bool *done, struct err *e);
int step_keep_run(struct cluster *cluster, struct err *e);
int step_lead_done(struct cluster *cluster, bool *done, struct err *e);
int step_lead_run(struct cluster *cluster, struct err *e);
int step_hold_done(struct cluster *cluster, bool *done, struct err *e);
int step_hold_run(struct cluster *cluster, struct err *e);
int step_stop_done(struct cluster *cluster, bool *done, struct err *e);
int step_stop_run(struct cluster *cluster, struct err *e);
int step_switch_done(struct cluster *cluster, bool *done, struct err *e);
int step_switch_run(struct cluster *cluster, struct err *e);
int step_upgrade_done(struct cluster *cluster, bool *done, struct err *e);
int step_upgrade_run(struct cluster *cluster, struct err *e);
int step_swap_done(struct cluster *cluster, bool *done, struct err *e);
int step_swap_run(struct cluster *cluster, struct err *e);
int step_start_done(struct cluster *cluster, bool *done, struct err *e);
int step_start_run(struct cluster *cluster, struct err *e);
int step_analyze_done(struct cluster *cluster, bool *done, struct err *e);
int step_analyze_run(struct cluster *cluster, struct err *e);
int step_aftercare_done(struct cluster *cluster, bool *done, struct err *e);
int step_aftercare_run(struct cluster *cluster, struct err *e);
int step_hook_done(struct cluster *cluster, bool *done, struct err *e);
int step_hook_run(struct cluster *cluster, struct err *e);
int step_complete_done(struct cluster *cluster, bool *done, struct err *e);
int step_complete_run(struct cluster *cluster, struct err *e);
int step_failover_done(struct cluster *cluster, bool *done, struct err *e);
int step_failover_run(struct cluster *cluster, struct err *e);
int step_delete_done(struct cluster *cluster, bool *done, struct err *e);
int step_delete_run(struct cluster *cluster, struct err *e);
int step_giveback_done(struct cluster *cluster, bool *done, struct err *e);
int step_giveback_run(struct cluster *cluster, struct err *e);
int step_restore_done(struct cluster *cluster, bool *done, struct err *e);
int step_restore_run(struct cluster *cluster, struct err *e);
int step_serve_done(struct cluster *cluster, bool *done, struct err *e);
int step_serve_run(struct cluster *cluster, struct err *e);
int step_tidy_done(struct cluster *cluster, bool *done, struct err *e);
int step_tidy_run(struct cluster *cluster, struct err *e);

void step_emit(struct run *run, const struct step *s, const char *pod,
               enum ui_step_state state, long long ms);

#endif
