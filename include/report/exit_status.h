#ifndef REPORT_EXIT_STATUS_H
#define REPORT_EXIT_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Exit statuses: the contract with scripts. */
enum exit_status {
    EXIT_OK = 0,
    EXIT_ERROR = 1,
    EXIT_USAGE = 2,
    EXIT_REFUSED = 3,
    EXIT_INCOMPLETE = 4,
    EXIT_WALKED_BACK = 5,
    EXIT_LOCKED = 6,
    EXIT_TIME = 7,
    EXIT_PENDING = 10,
    EXIT_INTERRUPTED = 130,
};

struct exit_row {
    int status;
    const char *meaning;
};

/* All of them with their meaning, for help, man page and README. */
extern const struct exit_row exit_rows[];
extern const size_t exit_n_rows;

/* The status for an error; `changed`: something in the cluster is no longer as it was. */
int exit_status_for(const struct err *e, bool changed);

#endif
