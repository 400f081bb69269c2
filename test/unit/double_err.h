#ifndef DOUBLE_ERR_H
#define DOUBLE_ERR_H

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"

/* -- errors as the client makes them -- */

int call_cut(struct err *e, const char *why);
int __attribute__((format(printf, 3, 4)))
call_status(struct err *e, int status, const char *fmt, ...);

#endif
