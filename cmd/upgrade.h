#ifndef CMD_UPGRADE_H
#define CMD_UPGRADE_H

#include "command.h"

/* Runs an upgrade to a version, or (NULL) the rest of an interrupted one. Returns the
 * exit status, or -1 when it did not begin. */
int upgrade_command(const struct invocation *in, const char *to, struct err *e);

#endif
