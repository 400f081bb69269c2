#ifndef KUBE_EXEC_H
#define KUBE_EXEC_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "kube/client.h"

/*
 * A command in a container, over WebSocket: v5.channel.k8s.io, else v4. Its
 * standard input stays open until the session is closed; stdout and stderr come
 * separately. The session is served by the client's loop (kube_pump).
 *
 * The client's mode and guard know nothing of commands: what is run in a dry run must
 * change nothing. A command that could not be started shows when the session ends
 * (ERR_API), not when it is opened.
 */

struct kube_exec;

/* What to run. argv is NULL-terminated and is visible in the URL: no secrets. */
struct kube_exec_spec {
    const char *name_space;
    const char *pod;
    const char *container;
    const char *const *argv;
    bool with_stdin;
};

/* Opens the session; it is connected when this returns. Limited in time. */
struct kube_exec *kube_exec_open(struct kube *k, const struct kube_exec_spec *spec,
                                 struct err *e);

/* Sends to the command's standard input. */
int kube_exec_write(struct kube_exec *x, const char *data, size_t len, struct err *e);

/* Bytes of that which are not on their way yet: more than 4 MiB are refused. */
size_t kube_exec_unsent(const struct kube_exec *x);

/* What came so far; the caller drops what it has used (buf_drop). Each is limited
 * to 8 MiB: a command that says more is cut off with ERR_PROTOCOL. */
struct buf *kube_exec_stdout(struct kube_exec *x);
struct buf *kube_exec_stderr(struct kube_exec *x);

/* Whether the session has ended. Then *exit_code is the command's, or this is an
 * error: the connection was cut (ERR_NETWORK), or the command could not be run. */
bool kube_exec_ended(const struct kube_exec *x);
int kube_exec_result(const struct kube_exec *x, int *exit_code, struct err *e);

void kube_exec_close(struct kube_exec *x); /* NULL is allowed */

/* Runs a command to its end and collects its output; `err_out` may be NULL. */
int kube_exec_run(struct kube *k, const struct kube_exec_spec *spec, long timeout_ms,
                  struct buf *out, struct buf *err_out, int *exit_code, struct err *e);

static inline void
kube_exec_scope_close(struct kube_exec **x)
{
    kube_exec_close(*x);
}
#define auto_exec scope_cleanup(kube_exec_scope_close)

#endif
