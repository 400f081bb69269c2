#ifndef DOUBLE_PROGRAM_H
#define DOUBLE_PROGRAM_H

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/command.h"
#include "double_fixture.h"
#include "ui/ui.h"

/*
 * The commands as the user types them, over the world: the real commands and the real
 * user interface, in a child whose output is all read. The tests are linked without
 * double_ui.c.
 */

/* The child's output, on a terminal or in a pipe, until it ends. It must end well. */
void program_run(const char *line, bool terminal, struct buf *out);

#endif
