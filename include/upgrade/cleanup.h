#ifndef UPGRADE_CLEANUP_H
#define UPGRADE_CLEANUP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/scope.h"
#include "engine/engine.h"
#include "engine/postgres.h"
#include "kube/client.h"
#include "ui/ui.h"

/*
 * Deleting what a finished major upgrade of Postgres has kept on the first member's
 * volume: the old data, their part of the tablespaces, the old server's programs.
 */
struct cleanup_request {
    const struct engine *engine; /* one whose major upgrade keeps something */
    const char *name_space, *name;
    const char *command_flags; /* " -n demo": for commands in hints */
    bool dry_run;              /* look, and change nothing */
    long long timeout_ms;      /* 0: no limit */

    /* Asked before anything is deleted; false ends it (ERR_USAGE). May be NULL. */
    bool (*confirm)(void *ctx, const char *text);
    void *confirm_ctx;
};

/* What was there, also where it could not be deleted. */
struct cleanup_report {
    char *pod; /* the first member; owned; NULL: it was not asked */
    struct pg_leavings found;
    size_t deleted; /* so many of those, in their order */
    bool changed;   /* something may have been deleted */
};

/* Looks, asks, takes the lock, deletes, and looks again. That there is nothing is no
 * error. ERR_REFUSED, and nothing is changed, while an upgrade is in progress or was
 * begun and not finished, and where no server runs on the new data. */
int cleanup_run(const struct cleanup_request *rq, struct kube *k, struct ui *u,
                struct cleanup_report *out, struct err *e);

/* One line on a row of `found`: "the data of version 15, from before the upgrade to 17:
 * 1.2 GiB". The caller frees it. */
char *cleanup_text(const struct pg_kept *kept);

void cleanup_report_clear(struct cleanup_report *r);
#define auto_cleanup_report scope_cleanup(cleanup_report_clear)

#endif
