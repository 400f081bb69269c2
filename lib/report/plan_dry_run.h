#ifndef REPORT_PLAN_DRY_RUN_H
#define REPORT_PLAN_DRY_RUN_H

struct cluster;
struct flow_pod;
struct flow_step;

/* What a plan shows of a step besides its undo. */
struct plan_line {
    char text[256];
    char dry[256];
};

/* Sends the mutations of a step, where this is a server-side dry run, and says what the
 * server said. */
void plan_dry(struct cluster *cluster, const struct flow_step *s,
              const struct flow_pod *p, struct plan_line *line);

#endif
