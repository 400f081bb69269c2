#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "flow/flow_private.h"
#include "flow/pod_exec.h"

/* Collects what a command prints until it ends. */
static int
pod_exec_wait(struct flow *f, struct kube_exec *x, const struct pod_command *c,
              struct err *e)
{
    long long until = clock_ms() + c->limit_ms;

    while (!kube_exec_ended(x)) {
        long long left = until - clock_ms();

        if (left <= 0) {
            return err_set(e, ERR_TIMEOUT, "no end after %lds", c->limit_ms / 1000);
        }
        if (lock_renew(f, e) < 0 || (c->waits && flow_check_stop(f, e) < 0)) {
            return -1;
        }
        kube_pump(f->k, left < 1000 ? (long)left : 1000);
    }
    return 0;
}

int
pod_exec(struct flow *f, const struct flow_pod *p, const struct pod_command *c,
         struct pod_said *said, struct err *e)
{
    auto_exec struct kube_exec *x =
        kube_exec_open(f->k,
                       &(struct kube_exec_spec){ .name_space = f->rq->name_space,
                                                 .pod = p->name,
                                                 .container = f->en->container,
                                                 .argv = c->argv,
                                                 .with_stdin = c->input != NULL },
                       e);

    *said = (struct pod_said){ 0 };
    if (x == NULL) {
        /* The pod, or its container, is not there at present. */
        e->code = e->code == ERR_NOT_FOUND || e->code == ERR_API ? ERR_NETWORK : e->code;
        return err_wrap(e, "%s", p->name);
    }
    if ((c->input != NULL && kube_exec_write(x, c->input, strlen(c->input), e) < 0) ||
        pod_exec_wait(f, x, c, e) < 0) {
        return err_wrap(e, "%s: %s", p->name, c->what);
    }
    if (kube_exec_result(x, &said->code, e) < 0) {
        e->code = e->code == ERR_API ? ERR_NETWORK : e->code;
        return err_wrap(e, "%s: %s", p->name, c->what);
    }
    said->out = buf_take(kube_exec_stdout(x));
    said->err = buf_take(kube_exec_stderr(x));
    return 0;
}

void
pod_said_clear(struct pod_said *said)
{
    free(said->out);
    free(said->err);
    *said = (struct pod_said){ 0 };
}
