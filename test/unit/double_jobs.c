#include "double_jobs.h"

int
volume_refuse(const struct volume_call *c, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    world_say_text(c->out, "error", text);
    return 1;
}

bool
volume_is_swapped(const struct volume_call *c)
{
    return c->v->data == c->to && c->v->fresh == FRESH_ABSENT;
}

bool
volume_is_started(const struct volume_call *c)
{
    return c->v->started || (volume_is_swapped(c) && !c->v->old_data);
}

const char *
volume_yes(bool is)
{
    return is ? "yes" : "no";
}

int
volume_state(const struct volume_call *c)
{
    static const char *const roles[] = { "absent", "present", "held" };
    static const char *const states[] = { "", "running", "done", "failed", "failed" };
    const struct volume *v = c->v;

    (void)!buf_printf(
        c->out,
        "binaries\t%d\ndata\t%.*d\nkept\t%s\nnew\t%s\nswapped\t%s\nstarted\t%s\n"
        "analyzed\t%s\nserver\t%s\ncluster\t%s\ncheckpoint\t0/%llX\nrole\t%s\n"
        "linked\t%s\nfree\t%lld\njob\t%s\njob_state\t%s\njob_lost\t%s\n",
        postgres_major(c->s), v->data != 0, v->data, volume_yes(v->kept),
        v->data == c->to || v->fresh == FRESH_UPGRADED ? "upgraded"
        : v->fresh == FRESH_PARTIAL                    ? "partial"
                                                       : "absent",
        volume_yes(volume_is_swapped(c)), volume_yes(volume_is_started(c)),
        volume_yes(v->analyzed), c->s->up ? "up" : "down",
        v->shut ? "shut down" : "in production", (unsigned long long)v->checkpoint,
        roles[v->role], volume_yes(v->linked),
        world.free_bytes != 0 ? world.free_bytes : 100LL << 30, v->job,
        states[v->job_state], volume_yes(v->job_state == JOB_LOST));
    world_say_text(c->out, "job_says",
                   v->job_state == JOB_RUNNING ? "Copying user relation files" : "");
    world_say_text(c->out, "job_error",
                   v->job_state == JOB_LOST     ? "it was killed before it was done"
                   : v->job_state == JOB_FAILED ? world.job_fails
                                                : "");
    return 0;
}

/* -- jobs -- */

static int
volume_job(const struct volume_call *c, const char *name, bool done)
{
    struct volume *v = c->v;

    if (!done) {
        if (v->job_state == JOB_RUNNING && !str_eq(v->job, name)) {
            return volume_refuse(c, "the job \"%s\" still runs", v->job);
        }
        if (v->job_state != JOB_RUNNING) {
            world_log("%s %s", name, world_name(c->ordinal));
            str_copy(v->job, sizeof v->job, name);
            v->job_state = JOB_RUNNING;
            v->job_ends = double_now + VOLUME_JOB_MS;
        }
    }
    return 0;
}

int
volume_keep(const struct volume_call *c)
{
    if (!c->v->kept && (postgres_major(c->s) != c->from || !c->s->up)) {
        return volume_refuse(c, "the server of version %d is down", c->from);
    }
    return volume_job(c, "keep", c->v->kept);
}

int
volume_stop(const struct volume_call *c)
{
    if (c->s->up && world.group && !str_eq(world.failover, "Pause")) {
        observe_violation("the old server stopped while failover may happen");
    }
    if (c->s->up && !world.group && c->v->role != ROLE_HELD) {
        observe_violation("the old server stopped while it is started again");
    }
    return volume_job(c, "stop", !c->s->up);
}

int
volume_upgrade(const struct volume_call *c)
{
    struct volume *v = c->v;
    bool done = v->data == c->to || v->fresh == FRESH_UPGRADED;

    if (!done && (!v->kept || postgres_major(c->s) != c->to || c->s->up)) {
        return volume_refuse(c, "it is not time for pg_upgrade");
    }
    if (!done) {
        v->fresh = FRESH_PARTIAL;
        v->linked |= str_eq(c->arg, "link");
    }
    return volume_job(c, "upgrade", done);
}

int
volume_analyze(const struct volume_call *c)
{
    return !c->s->up ? volume_refuse(c, "the server is down")
                     : volume_job(c, "analyze", c->v->analyzed);
}

void
volume_job_done(size_t ordinal)
{
    struct server *s = &world.servers[ordinal];
    struct volume *v = &s->volume;

    v->job_ends = 0;
    v->job_state = JOB_DONE;
    if (world.job_fails != NULL && str_eq(v->job, world.job_failing)) {
        v->job_state = JOB_FAILED;
    } else if (str_eq(v->job, "keep")) {
        v->kept = true;
    } else if (str_eq(v->job, "stop") && s->up) {
        postgres_shut(ordinal);
        v->role = v->role == ROLE_PRESENT ? ROLE_ABSENT : v->role;
    } else if (str_eq(v->job, "upgrade")) {
        v->fresh = FRESH_UPGRADED;
    } else if (str_eq(v->job, "analyze")) {
        v->analyzed = true;
    }
}

bool
volume_waits(const char *const *argv)
{
    static const char *const jobs[] = { "keep", "stop", "upgrade", "analyze" };

    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        if (str_eq(argv[4], jobs[i])) {
            return true;
        }
    }
    return str_eq(argv[4], "state") && argv[7] != NULL;
}

bool
volume_works(size_t ordinal)
{
    return world.servers[ordinal].volume.job_state == JOB_RUNNING;
}
