#ifndef CMD_CONFIRM_H
#define CMD_CONFIRM_H

#include <stdbool.h>

#include "command.h"

/* The confirmation that a command wants before it changes something. */

/* Whether the user must be asked: not with --yes, nor in a dry run. ERR_USAGE where there
 * is no terminal to ask on; `seen` is what --dry-run would show, for the hint. */
int confirm_must_ask(const struct invocation *in, const char *seen, bool *ask,
                     struct err *e);

/* Asks "TEXT. To DO, type the database's name:". True: it was typed. */
bool confirm_ask(const char *text, const char *to_do, const char *name);

#endif
