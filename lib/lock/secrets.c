#include "lock/secrets.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/sig.h"
#include "run/run.h"

/* Not 0: stop. A lock that is lost is told by the next change. */
static int
secrets_look(void *ctx)
{
    struct secrets *s = ctx;
    struct err ignored = { 0 };

    return (int)sig_asked() != s->asked || run_renew(s->run, &ignored) < 0;
}

void
secrets_begin(struct secrets *s, struct run *run, long ms)
{
    *s = (struct secrets){
        .run = run,
        .asked = (int)sig_asked(),
        .watch = { .look = secrets_look, .ctx = s, .until = clock_ms() + ms },
    };
}

void
secrets_go_on(struct secrets *s, long ms)
{
    s->watch.until = clock_ms() + ms;
    s->watch.stopped = false;
}
