#ifndef REPORT_RESULT_H
#define REPORT_RESULT_H

/*
 * The room "report": what people and scripts get: the plan, the result, advice, the data
 * diff, the bundle, exit statuses. It may use the room "preflight" and those below.
 */

#include "base/err.h"

/*
 * How a run ended, for people and scripts.
 */
struct cluster;

int result_report(struct cluster *cluster, int failed, const struct err *e);

#endif
