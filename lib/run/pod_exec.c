#include "run/pod_exec.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "kube/client.h"
#include "kube/exec.h"
#include "run/run.h"
#include "run/wait.h"

enum {
    POD_PIECE = 1024 * 1024,    /* of input that is sent at once */
    POD_UNSENT = 2 * POD_PIECE, /* of it that may wait */
    POD_PRINTS = 8 * 1024 * 1024,
};

/* One command while it runs. */
struct pod_run {
    const struct pod_command *c;
    struct kube_exec *x;
    const char *rest; /* of the input */
    struct buf out;
};

/* Sends as much of the input as there is room for, and takes what was printed. */
static int
pod_exec_move(struct pod_run *r, struct err *e)
{
    struct buf *out = kube_exec_stdout(r->x);

    while (r->rest != NULL && *r->rest != '\0' && !kube_exec_ended(r->x) &&
           kube_exec_unsent(r->x) < POD_UNSENT) {
        size_t n = strnlen(r->rest, POD_PIECE);

        if (kube_exec_write(r->x, r->rest, n, e) < 0) {
            return -1;
        }
        r->rest += n;
    }
    if (buf_add(&r->out, buf_text(out), out->len) < 0) {
        return err_set(e, ERR_PROTOCOL, "it prints more than %zu MiB",
                       r->out.limit / (1024 * 1024));
    }
    buf_reset(out);
    return 0;
}

/* Collects what a command prints until it ends. */
static int
pod_exec_wait(struct run *run, struct pod_run *r, struct err *e)
{
    long long until = clock_ms() + r->c->limit_ms;

    for (;;) {
        long long left = until - clock_ms();
        bool ended = kube_exec_ended(r->x);

        if (pod_exec_move(r, e) < 0) {
            return -1;
        }
        if (ended) {
            return 0;
        }
        if (left <= 0) {
            return err_set(e, ERR_TIMEOUT, "no end after %lds", r->c->limit_ms / 1000);
        }
        if (run_renew(run, e) < 0 || (r->c->waits && wait_check_stop(run, e) < 0)) {
            return -1;
        }
        kube_pump(run->target->kube, left < 1000 ? (long)left : 1000);
    }
}

static int
pod_exec_run(struct run *run, struct pod_run *r, struct pod_said *said, struct err *e)
{
    if (pod_exec_wait(run, r, e) < 0) {
        return -1;
    }
    if (kube_exec_result(r->x, &said->code, e) < 0) {
        e->code = e->code == ERR_API ? ERR_NETWORK : e->code;
        return -1;
    }
    said->out = buf_take(&r->out);
    said->err = buf_take(kube_exec_stderr(r->x));
    return 0;
}

int
pod_exec(struct run *run, const char *pod, const struct pod_command *c,
         struct pod_said *said, struct err *e)
{
    auto_exec struct kube_exec *x = kube_exec_open(
        run->target->kube,
        &(struct kube_exec_spec){ .name_space = run->target->request->name_space,
                                  .pod = pod,
                                  .container = c->container != NULL
                                                   ? c->container
                                                   : run->target->engine->container,
                                  .argv = c->argv,
                                  .with_stdin = c->input != NULL },
        e);
    struct pod_run r = { .c = c,
                         .x = x,
                         .rest = c->input,
                         .out = { .limit = c->most > 0 ? c->most : POD_PRINTS } };
    int got = 0;

    *said = (struct pod_said){ 0 };
    if (x == NULL) {
        /* The pod, or its container, is not there at present. */
        e->code = e->code == ERR_NOT_FOUND || e->code == ERR_API ? ERR_NETWORK : e->code;
        return err_wrap(e, "%s", pod);
    }
    got = pod_exec_run(run, &r, said, e);
    buf_free(&r.out);
    return got < 0 ? err_wrap(e, "%s: %s", pod, c->what) : 0;
}

void
pod_said_clear(struct pod_said *said)
{
    free(said->out);
    free(said->err);
    *said = (struct pod_said){ 0 };
}
