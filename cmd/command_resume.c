#include "command.h"
#include "command_upgrade.h"

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
        "What is to be done is read from the journal on the database's lock, a Lease; "
        "what\n"
        "was done already is asked of the cluster. Whoever may edit Leases can write a\n"
        "journal: it shows the plan and who began it, and asks for the database's name;\n"
        "without a terminal it needs --yes.\n"
        "\n"
        "A journal holds wishes only. What deletes or changes data is said again:\n"
        "--delete-old-data, --update-extensions, --reindex. Images that it names must "
        "be\n"
        "the catalogue's, or have been the set's: those of a mirror are looked for in "
        "its\n"
        "pods and ControllerRevisions, which takes the right to list the latter\n"
        "(controllerrevisions.apps). What cannot be told so is refused (status 3), and\n"
        "nothing is changed.\n",
    .examples = "kubectl dbupgrade resume mysql my-db -n demo\n"
                "kubectl dbupgrade resume mysql my-db -n demo --yes\n",
    .options = OPTIONS_ASK | OPTIONS_RUN | OPTIONS_OUTPUT | OPTIONS_CLUSTER,
    .outputs = "human json jsonl name",
    .needs = NEEDS_KIND | NEEDS_NAME,
    .run = resume_main,
};
