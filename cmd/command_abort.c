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
    .summary = "walk an interrupted upgrade back",
    .text =
        "Walks the upgrade of a database back from where it stands: pauses the operator "
        "if "
        "it\n"
        "is not, sets the old images, restarts the members that run the new ones, one by "
        "one\n"
        "and with the same checks as on the way forth, verifies the old version and "
        "resumes\n"
        "the operator. It ends with status 5 when everything is old again.\n"
        "\n"
        "What cannot be taken back is said before anything is changed: a member whose "
        "data "
        "an\n"
        "older server could not read, or an upgrade whose version is set on the "
        "database\n"
        "already. An upgrade that is still running elsewhere is turned round with\n"
        "`kubectl dbupgrade ctl KIND NAME abort`.\n",
    .examples = "kubectl dbupgrade abort mysql my-db -n demo --dry-run=server\n"
                "kubectl dbupgrade abort mysql my-db -n demo\n",
    .options = OPTIONS_ASK | OPTIONS_RUN | OPTIONS_OUTPUT | OPTIONS_CLUSTER,
    .outputs = "human json jsonl name",
    .needs = NEEDS_KIND | NEEDS_NAME,
    .run = abort_main,
};
