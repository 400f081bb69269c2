#include "report/exit_status.h"

#include "base/err.h"
#include "base/reason.h"

const struct exit_row exit_rows[] = {
    { EXIT_OK, "upgraded and verified, or already up to date; dry run: nothing blocks" },
    { EXIT_ERROR, "an error occurred before anything was changed" },
    { EXIT_USAGE, "usage error, or confirmation missing; nothing was changed" },
    { EXIT_REFUSED, "a check refused the upgrade; nothing was changed" },
    { EXIT_INCOMPLETE, "incomplete: the run changed something and stopped safely; its "
                       "output says in what state, and how to resume" },
    { EXIT_WALKED_BACK, "rolled back to the old version, verified" },
    { EXIT_LOCKED, "another run holds the lock; its holder is named" },
    { EXIT_TIME, "a time limit passed; state as in 4" },
    { EXIT_PENDING, "with --dry-run --detailed-exitcode: changes are pending" },
    { EXIT_INTERRUPTED, "interrupted; state as in 4" },
};

const size_t exit_n_rows = sizeof exit_rows / sizeof *exit_rows;

int
exit_status_for(const struct err *e, bool changed)
{
    const struct reason *row = reason_of_code(e->code);

    return changed ? row->changed : row->unchanged;
}
