#include "report/exit_status.h"

#include "base/err.h"

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

/* What an error ends in, before and after the first change. A time limit that passes
 * before it is an error like any other. */
static const struct exit_code {
    enum err_code code;
    int unchanged;
    int changed;
} exit_codes[] = {
    { ERR_USAGE, EXIT_USAGE, EXIT_INCOMPLETE },
    { ERR_REFUSED, EXIT_REFUSED, EXIT_INCOMPLETE },
    { ERR_LOCKED, EXIT_LOCKED, EXIT_LOCKED },
    { ERR_LOCK_LOST, EXIT_LOCKED, EXIT_INCOMPLETE },
    { ERR_TIMEOUT, EXIT_ERROR, EXIT_TIME },
    { ERR_INTERRUPTED, EXIT_INTERRUPTED, EXIT_INTERRUPTED },
};

int
exit_status_for(const struct err *e, bool changed)
{
    for (size_t i = 0; i < sizeof exit_codes / sizeof *exit_codes; i++) {
        if (exit_codes[i].code == e->code) {
            return changed ? exit_codes[i].changed : exit_codes[i].unchanged;
        }
    }
    return changed ? EXIT_INCOMPLETE : EXIT_ERROR;
}
