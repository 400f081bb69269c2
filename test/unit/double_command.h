#ifndef DOUBLE_COMMAND_H
#define DOUBLE_COMMAND_H

#include "double_call.h"
#include "double_model.h"
#include "kube/exec.h"

/*
 * What runs in a pod: the server's client, or a command, and what commands do. A part of
 * double_exec.h, which includes it.
 */

struct kube_exec {
    struct kube *k;
    struct kube_exec *next;
    size_t ordinal;
    bool rehearses; /* it is in the rehearsal's pod */
    bool elsewhere; /* it has gone to a database */
    char uid[64];
    struct buf out, err_out;
    struct buf pending;
    unsigned starts; /* the server's, when it was opened */
    bool command;    /* not the server's client; `code` is how it will end */
    char *argv[9];   /* of one that reads a script; owned */
    long long until; /* it waits for a job's end, at most so long; 0: it does not */
    bool cut;        /* by the network */
    bool ended;      /* by itself */
    int code;
};

bool exec_is_alive(const struct kube_exec *x);

/* Whether its server has gone, or is another process than it was. */
bool exec_is_lost(const struct kube_exec *x);

/* A command that reads nothing: it is run at once, and ends when it is looked at. */
int exec_command(struct kube_exec *x, const struct kube_exec_spec *spec, struct err *e);

/* What commands of the engine's rows say: of which history a server's data are, and what
 * the server says that it follows. Nothing where it is none of them. */
int exec_row(struct kube_exec *x, const struct kube_exec_spec *spec, struct err *e);

/* A client of the server that a router leads to. */
int exec_by_router(struct kube_exec *x, const struct kube_exec_spec *spec, struct err *e);

bool exec_is_by_router(const struct kube_exec_spec *spec);

/* A command whose script comes by its input, whole. */
int exec_script(struct kube_exec *x, const char *data, struct err *e);

/* The same in the rehearsal's pod, or what is to be written there. */
int exec_rehearse(struct kube_exec *x, const char *data, struct err *e);

void exec_take_argv(struct kube_exec *x, const char *const *argv);

#endif
