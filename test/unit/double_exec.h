#ifndef DOUBLE_EXEC_H
#define DOUBLE_EXEC_H

#include "double_command.h"

/*
 * kube/exec.h: a client of the server in a pod, or a command. It answers when the loop is
 * served next. The session is cut when its pod's container ends.
 */

#endif
