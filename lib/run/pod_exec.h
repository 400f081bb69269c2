#ifndef RUN_POD_EXEC_H
#define RUN_POD_EXEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/scope.h"

/*
 * One command in a member's container, to its end.
 */
struct run;
struct member;

struct pod_command {
    const char *const *argv; /* visible in the URL: no secrets */
    const char *input;       /* its standard input, which stays open; NULL: none */
    const char *what;        /* for errors: "asking the coordinator" */
    bool waits;              /* it may be left when the run is to stop */
    long limit_ms;
    const char *container; /* NULL: the server's */
    size_t most;           /* bytes that it may print; 0: 8 MiB */
};

/* What it printed; never NULL after a success. Owned. */
struct pod_said {
    char *out;
    char *err;
    int code; /* its exit status */
};

/* Runs the command in a container of a pod and renews the lock meanwhile. ERR_NETWORK:
 * there is no such container at present, or the connection was cut (the command may go
 * on); ERR_TIMEOUT; ERR_PROTOCOL: it prints too much; ERR_INTERRUPTED. A status other
 * than 0 is no error here. */
int pod_exec(struct run *run, const char *pod, const struct pod_command *c,
             struct pod_said *said, struct err *e);

void pod_said_clear(struct pod_said *said);
#define auto_said scope_cleanup(pod_said_clear)

#endif
