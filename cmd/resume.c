#include "command.h"
#include "upgrade.h"

static int
resume_main(const struct invocation *in, struct err *e)
{
    return upgrade_command(in, TASK_RESUME, e);
}

const struct command command_resume = {
    .name = "resume",
    .args = "KIND NAME",
    .summary = "go on with an interrupted upgrade",
    .text =
        "Goes on with the upgrade of a database that was interrupted, whatever its "
        "target,\n"
        "or with walking it back where that had been begun.\n"
        "What is to be done is read from the database's lock; what was done already is\n"
        "asked of the cluster. It does not ask for a confirmation again.\n",
    .examples = "kubectl dbupgrade resume mysql my-db -n demo\n",
    .options = OPTIONS_ASK | OPTIONS_RUN | OPTIONS_OUTPUT | OPTIONS_CLUSTER,
    .outputs = "human json jsonl name",
    .needs = NEEDS_KIND | NEEDS_NAME,
    .run = resume_main,
};
