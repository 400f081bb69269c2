#include "command.h"
#include "command_upgrade.h"

static int
abort_main(const struct invocation *in, struct err *e)
{
    return upgrade_command(in, TASK_ABORT, e);
}

const struct command command_abort = {
    .name = "abort",
    .args = "KIND NAME",
    .summary = "roll back an interrupted upgrade",
    .text = "Rolls back the upgrade of a database: pauses the operator if it is not "
            "paused, sets\n"
            "the old images, restarts the members that run the new ones, one at a time "
            "and with\n"
            "the same checks as during the upgrade, verifies the old version and resumes "
            "the\n"
            "operator. When the old version is restored, it ends with status 5.\n"
            "\n"
            "What cannot be rolled back is reported before anything is changed: a member "
            "whose\n"
            "data an older server could not read, or an upgrade whose version is already "
            "set on\n"
            "the database. To roll back an upgrade that is still running elsewhere, use\n"
            "`kubectl dbupgrade ctl KIND NAME abort`.\n",
    .examples = "kubectl dbupgrade abort mysql my-db -n demo --dry-run=server\n"
                "kubectl dbupgrade abort mysql my-db -n demo\n",
    .options = OPTIONS_ASK | OPTIONS_RUN | OPTIONS_OUTPUT | OPTIONS_CLUSTER,
    .outputs = "human json jsonl name",
    .needs = NEEDS_KIND | NEEDS_NAME,
    .run = abort_main,
};
