#ifndef DOUBLE_EXEC_H
#define DOUBLE_EXEC_H

#include "double_command.h"

/*
 * kube/exec.h: a client of the server in a pod, or a command. It answers when the loop is
 * served next. The session is cut when its pod's container ends.
 */

/* Something hostile that stands in one of all the fields that servers answer with, the
 * one of this number; 0: in none. */
struct taint {
    const char *text;
    unsigned long field;
};
extern struct taint taint;

#endif
