#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/scope.h"

/* Diagnosis on stderr under -v; progress is the ui layer's. Level 1: requests,
 * 2: headers and decisions, 3: bodies. Secrets must never be passed in. Each is one line,
 * made visible. */
void log_set_level(int level);
int log_level(void);
void log_debug(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
