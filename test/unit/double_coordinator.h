#ifndef DOUBLE_COORDINATOR_H
#define DOUBLE_COORDINATOR_H

#include "double_postgres.h"

/* What the coordinators of a Postgres with standbys answer to HTTP. */

/* `bash -c SCRIPT coordinator METHOD PATH BODY` in a pod. Returns its exit status. */
int coordinator_answer(const char *const *argv, struct buf *out, struct buf *err_out);

#endif
