#ifndef REPORT_PLAN_DRY_RUN_H
#define REPORT_PLAN_DRY_RUN_H

struct cluster;
struct member;
struct step;

/* What a plan shows of a step besides its undo. */
struct plan_line {
    char text[256];
    char dry[256];
};

/* Sends the mutations of a step, where this is a server-side dry run, and says what the
 * server said. */
void plan_dry_run(struct cluster *cluster, const struct step *s, const struct member *p,
                  struct plan_line *line);

#endif
