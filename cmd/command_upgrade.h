#ifndef CMD_COMMAND_UPGRADE_H
#define CMD_COMMAND_UPGRADE_H

#include "command.h"

/* An upgrade; the rest of an interrupted one; an interrupted one's way back. */
enum upgrade_task { TASK_UPGRADE, TASK_RESUME, TASK_ABORT };

/* Runs it. Returns the exit status, or -1 when it did not begin. */
int upgrade_command(const struct invocation *in, enum upgrade_task task, struct err *e);

#endif
