#ifndef UPGRADE_UPGRADE_H
#define UPGRADE_UPGRADE_H

/*
 * The room "upgrade": whole runs, and what is done about them: upgrade, rollback,
 * cleanup, control, status. It may use all other rooms; the commands use it.
 */

#include "kube/client.h"
#include "run/request.h"
#include "ui/ui.h"

/*
 * An upgrade from start to end, or the rest of one that was interrupted.
 */
/* Runs it and tells the user interface everything, the result included. Returns the
 * exit status (report/exit_status.h). */
int upgrade_run(const struct upgrade_request *rq, struct kube *k, struct ui *u);

#endif
