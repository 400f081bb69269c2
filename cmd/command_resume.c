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
    .summary = "resume an interrupted upgrade",
    .text =
        "Resumes the interrupted upgrade of a database, whatever its target, or its "
        "rollback\n"
        "if one was started. The journal on the database's lock, a Lease, says what is "
        "to be\n"
        "done; the cluster itself shows what is already done. Anyone who may edit Leases "
        "can\n"
        "write a journal: resume therefore shows the plan and who started it, and asks "
        "for\n"
        "the database's name; without a terminal it needs --yes.\n"
        "\n"
        "Options that delete or change data are not taken from a journal and must be "
        "given\n"
        "again: --delete-old-data, --update-extensions, --reindex. Images that it names "
        "must\n"
        "be in the catalog, or have been the workload's: images of a mirror are looked "
        "up in\n"
        "its pods and ControllerRevisions, which requires the right to list\n"
        "controllerrevisions.apps. Other images are refused (status 3), and nothing is\n"
        "changed.\n",
    .examples = "kubectl dbupgrade resume mysql my-db -n demo\n"
                "kubectl dbupgrade resume mysql my-db -n demo --yes\n",
    .options = OPTIONS_ASK | OPTIONS_RUN | OPTIONS_OUTPUT | OPTIONS_CLUSTER,
    .outputs = "human json jsonl name",
    .needs = NEEDS_KIND | NEEDS_NAME,
    .run = resume_main,
};
