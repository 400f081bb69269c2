#ifndef REPORT_PLAN_H
#define REPORT_PLAN_H

#include "base/err.h"

struct cluster;

/* Tells the plan; in a server-side dry run each mutation is tried first. */
int plan_report(struct cluster *cluster, struct err *e);

#endif
