#include <stdio.h>

#include "command.h"
#include "report/exit_status.h"

#ifndef DBU_VERSION
#define DBU_VERSION "unknown"
#endif

static int
version_main(const struct invocation *in, struct err *e)
{
    (void)in;
    (void)e;
    printf("kubectl-dbupgrade %s\n", DBU_VERSION);
    return EXIT_OK;
}

const struct command command_version = {
    .name = "version",
    .args = "",
    .summary = "show the program's version",
    .run = version_main,
};
