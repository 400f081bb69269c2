#ifndef REPORT_RESULT_H
#define REPORT_RESULT_H

#include "base/err.h"

/*
 * How a run ended, for people and scripts.
 */
struct flow;

int tell_result(struct flow *f, int failed, const struct err *e);

#endif
