#include "procedure/pg.h"

#include <stdlib.h>

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
    f->begun = true;
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
    f->estimates = s.analyzed;
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
    *done = f->analyzed || major_is_analyzed(&s);
    return 0;
}

/* That there are no statistics makes queries slow, but loses nothing. With them the first
 * member passes its gates again: rows can be compared only now. A run that ends between
 * is followed by one that passes them when it starts the server. */
int
step_analyze_run(struct flow *f, struct err *e)
{
    static const struct major_job job = { "analyze", "statistics for the planner", NULL,
                                          NULL, major_is_analyzed };
    struct err trouble = { 0 };

    if (major_do_job(f, &job, &trouble) < 0) {
        if (trouble.code != ERR_UNHEALTHY) {
            *e = trouble;
            return -1;
        }
        tell_warning(f, "vacuumdb --all --analyze-in-stages makes them",
                     "statistics for the planner could not be made: %s", trouble.msg);
    }
    f->estimates = trouble.code == 0;
    f->analyzed = true;
    return f->estimates ? gates_wait(f, major_first(f), e) : 0;
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

static bool
major_is_to_delete(const struct flow *f)
{
    return f->delete_old_data;
}

/* Where a commit waits for a standby, the first standby is more urgent than statistics.
 */
static bool
major_commits_alone(const struct flow *f)
{
    return !major_commits_wait(f);
}

const struct flow_step flow_pg_upgrade[] = {
    { FLOW_STEP(pause, "pause the operator", "resume"), .reversible = true },
    { FLOW_STEP(keep, "keep a copy of the old server's programs on the volume",
                "remove them"),
      .reversible = true },
    { FLOW_STEP(lead, "move the lead to member 0, whose data are converted", "-"),
      .reversible = true, .applies = major_has_standbys },
    { FLOW_STEP(hold, "prevent failover and restarts of the server", "allow them again"),
      .reversible = true },
    { FLOW_STEP(images, "set the new images", "set old images"), .reversible = true },
    { FLOW_STEP(stop,
                "stop the old server: the database is down until the new one starts",
                "start it"),
      .reversible = true },
    { FLOW_STEP(switch, "restart member 0 with the new images, without its server",
                "set old images, delete pod"),
      .reversible = true },
    { FLOW_STEP(upgrade, "convert the data with pg_upgrade", "the old data stay"),
      .reversible = true },
    { FLOW_STEP(swap, "put the converted data in the place of the old", "swap them back"),
      .reversible = true,
      .line = "once the new server has started the old data are out of date, and abort "
              "refuses" },
    { FLOW_STEP(start, "start the new server", "-") },
    { FLOW_STEP(analyze, "make statistics for the query planner", "-"),
      .applies = major_commits_alone },
    { FLOW_STEP(aftercare, "tell which extensions, collations and settings need care",
                "-") },
    { FLOW_STEP(roll, "restart", "-"), .each_pod = true, .takes = major_is_standby },
    { FLOW_STEP(analyze, "make statistics for the query planner", "-"),
      .applies = major_commits_wait },
    { FLOW_STEP(verify, "verify all members", "-") },
    { FLOW_STEP(failover, "allow failover again", "-"), .applies = major_has_standbys },
    { FLOW_STEP(version, "set spec.version", "-") },
    { FLOW_STEP(resume, "resume the operator", "-") },
    { FLOW_STEP(settle, "wait until the operator agrees", "-") },
    { FLOW_STEP(delete, "delete the old data", "-"), .applies = major_is_to_delete },
    { 0 },
};
