#ifndef FLOW_POD_EXEC_H
#define FLOW_POD_EXEC_H

#include "base/err.h"
#include "base/scope.h"

/*
 * One command in a member's container, to its end.
 */
struct flow;
struct flow_pod;

struct pod_command {
    const char *const *argv; /* visible in the URL: no secrets */
    const char *input;       /* its standard input, which stays open; NULL: none */
    const char *what;        /* for errors: "asking the coordinator" */
    bool waits; /* for what goes on without it: it may be left when the run is to stop */
    long limit_ms;
};

/* What it printed; never NULL after a success. Owned. */
struct pod_said {
    char *out;
    char *err;
    int code; /* its exit status */
};

/* Runs the command in the server's container and renews the lock meanwhile. ERR_NETWORK:
 * there is no such container at present, or the connection was cut (the command may go
 * on); ERR_TIMEOUT. A status other than 0 is no error here. */
int pod_exec(struct flow *f, const struct flow_pod *p, const struct pod_command *c,
             struct pod_said *said, struct err *e);

void pod_said_clear(struct pod_said *said);
#define auto_said scope_cleanup(pod_said_clear)

#endif
