#ifndef REPORT_EXIT_STATUS_H
#define REPORT_EXIT_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/reason.h"

struct exit_row {
    int status;
    const char *meaning;
};

/* All exit statuses with their meaning, for help, man page and README. */
extern const struct exit_row exit_rows[];
extern const size_t exit_n_rows;

/* The status for an error; `changed`: something in the cluster is no longer as it was. */
int exit_status_for(const struct err *e, bool changed);

#endif
