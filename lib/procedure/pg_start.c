#include <stdlib.h>

#include "base/err.h"
#include "engine/postgres.h"
#include "lock/journal.h"
#include "lock/lock.h"
#include "member/gates.h"
#include "procedure/pg.h"
#include "procedure/steps.h"
#include "run/emit.h"
#include "run/flow.h"

/*
 * The later steps of a major upgrade: from the start of the new server on.
 */

/* -- start: the point of no return -- */

int
step_start_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    *done = false;
    if (!major_first(f)->verified) {
        return 0; /* its gates are passed in each run */
    }
    if (major_look_first(f, &s, done, e) < 0) {
        return -1;
    }
    *done = *done && s.up;
    return 0;
}

/* The journal says first that the new server may write: whoever comes next need not ask
 * the volume to know that there is no way back. */
static int
major_write_begun(struct flow *f, struct err *e)
{
    if (major_is_begun(f)) {
        return 0;
    }
    f->cluster.progress.begun = true;
    return lock_store(f, journal_new(f), e);
}

int
step_start_run(struct flow *f, struct err *e)
{
    struct pg_state s = { 0 };
    bool begun = false;

    if (major_look_first(f, &s, &begun, e) < 0) {
        return -1;
    }
    f->cluster.progress.estimates = s.analyzed;
    if (!begun && (major_write_begun(f, e) < 0 ||
                   major_change(f, major_first(f), "started", NULL, e) < 0)) {
        return -1;
    }
    return major_serve(f, e);
}

/* -- afterwards -- */

static bool
major_is_analyzed(const struct pg_state *s)
{
    return s->analyzed || !s->kept;
}

int
step_analyze_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (major_look_first(f, &s, done, e) < 0) {
        return -1;
    }
    *done = f->cluster.progress.analyzed || major_is_analyzed(&s);
    return 0;
}

/* That there are no statistics makes queries slow, but loses nothing. With them the first
 * member passes its gates again: rows can be compared only now. A run that ends between
 * is followed by one that passes them when it starts the server. */
int
step_analyze_run(struct flow *f, struct err *e)
{
    static const struct major_job job = { "analyze", "collecting planner statistics",
                                          NULL, NULL, major_is_analyzed };
    struct err trouble = { 0 };

    if (major_do_job(f, &job, &trouble) < 0) {
        if (trouble.code != ERR_UNHEALTHY) {
            *e = trouble;
            return -1;
        }
        tell_warning(f, "vacuumdb --all --analyze-in-stages collects them",
                     "could not collect planner statistics: %s", trouble.msg);
    }
    f->cluster.progress.estimates = trouble.code == 0;
    f->cluster.progress.analyzed = true;
    return f->cluster.progress.estimates ? gates_wait(f, major_first(f), e) : 0;
}

int
step_delete_done(struct flow *f, bool *done, struct err *e)
{
    struct pg_state s = { 0 };

    if (major_state(f, major_first(f), &s, e) < 0) {
        return -1;
    }
    *done = !s.kept; /* what `delete` removes last */
    return 0;
}

int
step_delete_run(struct flow *f, struct err *e)
{
    return major_change(f, major_first(f), "delete", NULL, e);
}
