#include "run/outage.h"

#include "base/clock.h"
#include "base/err.h"
#include "kube/client.h"
#include "run/emit.h"
#include "run/run.h"

/*
 * Faults of the API server are ridden out until the run's own limit; only a denial that
 * stays is not, since nobody will take it back while we wait.
 */

enum {
    OUTAGE_DENIED_MS = 30 * 1000,
    OUTAGE_GAP_MS = 20 * 1000, /* a denial after so long without one is another */
    OUTAGE_TELL_MS = 30 * 1000,
};

bool
outage_may_pass(struct run *run, struct err *e)
{
    struct outage *o = &run->outage;
    long long now = clock_ms();

    if (e->code != ERR_FORBIDDEN || !run->locked) {
        return err_is_transient(e);
    }
    if (o->denied_since == 0 || now - o->denied_last > OUTAGE_GAP_MS) {
        o->denied_since = now;
    }
    o->denied_last = now;
    if (now - o->denied_since < OUTAGE_DENIED_MS) {
        return true;
    }
    if (e->hint[0] == '\0') {
        err_hint(e, e->status == 401 ? "log in again, then resume"
                                     : "get that permission granted, then resume");
    }
    return false;
}

void
outage_tell(struct run *run, const struct err *trouble)
{
    long long now = clock_ms();
    bool away = kube_is_away(run->target->kube);

    if (away && run->outage.told_ms != 0 && now - run->outage.told_ms < OUTAGE_TELL_MS) {
        return;
    }
    run->outage.told_ms = away ? now : 0;
    emit_note(run, "%s; retrying", trouble->msg);
}
