#ifndef FLOW_STEPS_H
#define FLOW_STEPS_H

/*
 * The tables of steps, and the functions of their rows. A part of flow_private.h, which
 * includes it.
 */

/* Each ends with a NULL name. */
extern const struct flow_step flow_rolling[];
extern const struct flow_step flow_walk_back[];
extern const struct flow_step flow_pg_upgrade[];
extern const struct flow_step flow_pg_walk_back[];

/* A row's name, and the functions that are named after it. */
#define FLOW_STEP(step, what, back)                                                  \
    .name = #step, .title = (what), .undo_text = (back), .done = step_##step##_done, \
    .run = step_##step##_run

int step_pause_done(struct flow *f, bool *done, struct err *e);
int step_pause_run(struct flow *f, struct err *e);
int step_images_done(struct flow *f, bool *done, struct err *e);
int step_images_run(struct flow *f, struct err *e);
int step_roll_done(struct flow *f, bool *done, struct err *e);
int step_roll_run(struct flow *f, struct err *e);
int step_verify_done(struct flow *f, bool *done, struct err *e);
int step_verify_run(struct flow *f, struct err *e);
int step_version_done(struct flow *f, bool *done, struct err *e);
int step_version_run(struct flow *f, struct err *e);
int step_resume_done(struct flow *f, bool *done, struct err *e);
int step_resume_run(struct flow *f, struct err *e);
int step_settle_done(struct flow *f, bool *done, struct err *e);
int step_settle_run(struct flow *f, struct err *e);

/* Of a major upgrade of Postgres, and its way back: major_*.c. */
int step_keep_done(struct flow *f, bool *done, struct err *e);
int step_keep_run(struct flow *f, struct err *e);
int step_lead_done(struct flow *f, bool *done, struct err *e);
int step_lead_run(struct flow *f, struct err *e);
int step_hold_done(struct flow *f, bool *done, struct err *e);
int step_hold_run(struct flow *f, struct err *e);
int step_stop_done(struct flow *f, bool *done, struct err *e);
int step_stop_run(struct flow *f, struct err *e);
int step_switch_done(struct flow *f, bool *done, struct err *e);
int step_switch_run(struct flow *f, struct err *e);
int step_upgrade_done(struct flow *f, bool *done, struct err *e);
int step_upgrade_run(struct flow *f, struct err *e);
int step_swap_done(struct flow *f, bool *done, struct err *e);
int step_swap_run(struct flow *f, struct err *e);
int step_start_done(struct flow *f, bool *done, struct err *e);
int step_start_run(struct flow *f, struct err *e);
int step_analyze_done(struct flow *f, bool *done, struct err *e);
int step_analyze_run(struct flow *f, struct err *e);
int step_aftercare_done(struct flow *f, bool *done, struct err *e);
int step_aftercare_run(struct flow *f, struct err *e);
int step_failover_done(struct flow *f, bool *done, struct err *e);
int step_failover_run(struct flow *f, struct err *e);
int step_delete_done(struct flow *f, bool *done, struct err *e);
int step_delete_run(struct flow *f, struct err *e);
int step_giveback_done(struct flow *f, bool *done, struct err *e);
int step_giveback_run(struct flow *f, struct err *e);
int step_restore_done(struct flow *f, bool *done, struct err *e);
int step_restore_run(struct flow *f, struct err *e);
int step_serve_done(struct flow *f, bool *done, struct err *e);
int step_serve_run(struct flow *f, struct err *e);
int step_tidy_done(struct flow *f, bool *done, struct err *e);
int step_tidy_run(struct flow *f, struct err *e);

#endif
