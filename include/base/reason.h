#ifndef BASE_REASON_H
#define BASE_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The ids that errors have for scripts: `reason` of struct err is one of these, the id of
 * a check, or, for ERR_API and the like, what the API server called it. An error without
 * one has the id of its code.
 */

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

struct reason {
    const char *id;
    const char *meaning; /* a phrase, with no full stop */
    /* Of a code: what a run ends with before and after the first change. A reason of its
     * own ends with those of its error's code. */
    int unchanged, changed;
    bool curable; /* with ERR_UNHEALTHY: a member's old images may help */
    bool inner;   /* it stays between modules: no run ends with it */
};

/* The i-th of all reasons, those of the codes first; NULL after the last. */
const struct reason *reason_at(size_t i);

/* The reason of that id; NULL: none of ours. */
const struct reason *reason_find(const char *id);

/* That of errors of a code. */
const struct reason *reason_of_code(enum err_code code);

/* Whether the images from before the upgrade may help the member that failed with this.
 */
bool reason_is_curable(const struct err *e);

#endif
