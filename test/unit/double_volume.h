#ifndef DOUBLE_VOLUME_H
#define DOUBLE_VOLUME_H

#include "double_coordinator.h"

/*
 * What the script of a major upgrade finds on a member's volume, and does there: `sh -c
 * ... dbupgrade COMMAND FROM TO ...` in a pod. Long work is a job that ends after a
 * while, and dies with its container.
 */
enum { VOLUME_JOB_MS = 2500 };

struct volume_call {
    size_t ordinal;
    struct server *s;
    struct volume *v;
    int from, to;
    const char *arg; /* "" */
    struct buf *out;
};

static inline int __attribute__((format(printf, 2, 3)))
volume_refuse(const struct volume_call *c, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)!buf_printf(c->out, "error\t%s\n", text);
    return 1;
}

static inline bool
volume_is_swapped(const struct volume_call *c)
{
    return c->v->data == c->to && c->v->fresh == FRESH_ABSENT;
}

static inline bool
volume_is_started(const struct volume_call *c)
{
    return c->v->started || (volume_is_swapped(c) && !c->v->old_data);
}

static inline const char *
volume_yes(bool is)
{
    return is ? "yes" : "no";
}

static inline int
volume_state(const struct volume_call *c)
{
    static const char *const roles[] = { "absent", "present", "held" };
    static const char *const states[] = { "", "running", "done", "failed", "failed" };
    const struct volume *v = c->v;

    (void)!buf_printf(
        c->out,
        "binaries\t%d\ndata\t%.*d\nkept\t%s\nnew\t%s\nswapped\t%s\nstarted\t%s\n"
        "analyzed\t%s\nserver\t%s\ncluster\t%s\ncheckpoint\t0/%llX\nrole\t%s\n"
        "linked\t%s\nfree\t%lld\njob\t%s\njob_state\t%s\njob_lost\t%s\njob_says\t%s\n"
        "job_error\t%s\n",
        postgres_major(c->s), v->data != 0, v->data, volume_yes(v->kept),
        v->data == c->to || v->fresh == FRESH_UPGRADED ? "upgraded"
        : v->fresh == FRESH_PARTIAL                    ? "partial"
                                                       : "absent",
        volume_yes(volume_is_swapped(c)), volume_yes(volume_is_started(c)),
        volume_yes(v->analyzed), c->s->up ? "up" : "down",
        v->shut ? "shut down" : "in production", (unsigned long long)v->checkpoint,
        roles[v->role], volume_yes(v->linked),
        world.free_bytes != 0 ? world.free_bytes : 100LL << 30, v->job,
        states[v->job_state], volume_yes(v->job_state == JOB_LOST),
        v->job_state == JOB_RUNNING ? "Copying user relation files" : "",
        v->job_state == JOB_LOST     ? "it was killed before it was done"
        : v->job_state == JOB_FAILED ? world.job_fails
                                     : "");
    return 0;
}

/* -- jobs -- */

static inline int
volume_job(const struct volume_call *c, const char *name, bool done)
{
    struct volume *v = c->v;

    if (!done) {
        if (v->job_state == JOB_RUNNING && !str_eq(v->job, name)) {
            return volume_refuse(c, "the job \"%s\" still runs", v->job);
        }
        if (v->job_state != JOB_RUNNING) {
            world_log("%s %s-%zu", name, WORLD_DB, c->ordinal);
            str_copy(v->job, sizeof v->job, name);
            v->job_state = JOB_RUNNING;
            v->job_ends = double_now + VOLUME_JOB_MS;
        }
    }
    (void)!buf_printf(c->out, "job\t%s\njob_state\t%s\n", name,
                      done ? "done" : "running");
    return 0;
}

static inline int
volume_keep(const struct volume_call *c)
{
    if (!c->v->kept && (postgres_major(c->s) != c->from || !c->s->up)) {
        return volume_refuse(c, "the server of version %d is down", c->from);
    }
    return volume_job(c, "keep", c->v->kept);
}

static inline int
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

static inline int
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

static inline int
volume_analyze(const struct volume_call *c)
{
    return !c->s->up ? volume_refuse(c, "the server is down")
                     : volume_job(c, "analyze", c->v->analyzed);
}

/* A job comes to its end. */
static inline void
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

static inline void
volume_pass(void)
{
    for (size_t i = 0; i < world.members; i++) {
        struct volume *v = &world.servers[i].volume;

        if (v->job_ends != 0 && double_now >= v->job_ends) {
            volume_job_done(i);
        }
    }
    postgres_pass();
}

/* -- what is done at once -- */

static inline int
volume_hold(const struct volume_call *c)
{
    c->v->role = c->v->role == ROLE_PRESENT ? ROLE_HELD : c->v->role;
    return 0;
}

static inline int
volume_release(const struct volume_call *c)
{
    c->v->role = c->v->role == ROLE_HELD ? ROLE_PRESENT : c->v->role;
    return 0;
}

static inline int
volume_swap(const struct volume_call *c)
{
    struct volume *v = c->v;

    if (volume_is_swapped(c)) {
        return 0;
    }
    if (v->fresh != FRESH_UPGRADED || c->s->up) {
        return volume_refuse(c, "the new cluster is not upgraded");
    }
    v->data = c->to;
    v->fresh = FRESH_ABSENT;
    v->old_data = true;
    return 0;
}

static inline int
volume_unswap(const struct volume_call *c)
{
    struct volume *v = c->v;

    if (volume_is_started(c)) {
        observe_violation("the old data are put back after the new server wrote");
        return volume_refuse(c, "the new server has been started");
    }
    if (c->s->up) {
        return volume_refuse(c, "a server runs");
    }
    if (volume_is_swapped(c)) {
        v->data = c->from;
        v->fresh = FRESH_UPGRADED;
        v->old_data = false;
    }
    v->fresh = v->linked ? FRESH_ABSENT : v->fresh;
    v->linked = false;
    return 0;
}

static inline int
volume_start(const struct volume_call *c)
{
    if (!volume_is_swapped(c)) {
        return volume_refuse(c, "the new cluster is not in its place");
    }
    c->v->started = true;
    return 0;
}

static inline int
volume_rebuild(const struct volume_call *c)
{
    const struct server *first = &world.servers[0];

    if (c->v->data != c->from) {
        return 0;
    }
    if (!first->up || postgres_major(first) != c->to) {
        observe_violation("a standby's data cleared, and there is no primary");
    }
    if (c->s->up || c->v->kept) {
        return volume_refuse(c, "a server runs, or this is not a standby's volume");
    }
    c->v->data = 0;
    return 0;
}

static inline int
volume_tidy(const struct volume_call *c)
{
    struct volume *v = c->v;

    if (v->data != c->from) {
        return volume_refuse(c, "the data is of version %d", v->data);
    }
    v->kept = false;
    v->fresh = FRESH_ABSENT;
    v->job_state = JOB_NONE;
    v->job_ends = 0;
    str_copy(v->job, sizeof v->job, "");
    return 0;
}

static inline int
volume_delete(const struct volume_call *c)
{
    if (!world.may_delete) {
        observe_violation("the old data deleted, which nobody asked for");
    }
    if (!volume_is_started(c) || !c->s->up) {
        return volume_refuse(c, "no server of version %d runs", c->to);
    }
    c->v->old_data = false;
    c->v->kept = false;
    c->v->started = false;
    return 0;
}

/* Upgrades before the last one are not in this model. */
static inline int
volume_kept(const struct volume_call *c)
{
    const struct volume *v = c->v;

    (void)!buf_printf(c->out, "data\t%.*d\nserver\t%s\n", v->data != 0, v->data,
                      c->s->up ? "up" : "down");
    if (v->kept || v->old_data) {
        (void)!buf_printf(c->out, "kept\t15\t17\t%lld\t%s\n",
                          v->old_data ? 3LL << 30 : 1LL << 20, volume_yes(v->started));
    }
    return 0;
}

static inline int
volume_silent(const struct volume_call *c)
{
    (void)c;
    return 0;
}

static const struct volume_command {
    const char *name;
    int (*run)(const struct volume_call *c);
    bool changes;
    bool logs; /* jobs say themselves when they start */
} volume_commands[] = {
    { "state", volume_state, false, false },
    { "keep", volume_keep, true, false },
    { "stop", volume_stop, true, false },
    { "upgrade", volume_upgrade, true, false },
    { "analyze", volume_analyze, true, false },
    { "hold", volume_hold, true, true },
    { "release", volume_release, true, true },
    { "swap", volume_swap, true, true },
    { "unswap", volume_unswap, true, true },
    { "started", volume_start, true, true },
    { "rebuild", volume_rebuild, true, true },
    { "tidy", volume_tidy, true, true },
    { "delete", volume_delete, true, true },
    { "kept", volume_kept, false, false },
    { "extensions", volume_silent, false, false },
    { "collations", volume_silent, false, false },
    { "settings", volume_silent, false, false },
    { 0 },
};

/* argv: sh -c EVAL dbupgrade COMMAND FROM TO [ARG...]. Returns the exit status. */
static inline int
volume_answer(size_t ordinal, const char *const *argv, bool live, struct buf *out)
{
    struct server *s = &world.servers[ordinal];
    const struct volume_call call = { .ordinal = ordinal,
                                      .s = s,
                                      .v = &s->volume,
                                      .from = (int)strtol(argv[5], NULL, 10),
                                      .to = (int)strtol(argv[6], NULL, 10),
                                      .arg = argv[7] != NULL ? argv[7] : "",
                                      .out = out };

    if (world.cut_commands > 0) {
        world.cut_commands--;
        return 137; /* SIGKILL, as when the pod goes */
    }
    for (const struct volume_command *row = volume_commands; row->name != NULL; row++) {
        if (!str_eq(row->name, argv[4])) {
            continue;
        }
        if (row->changes) {
            /* The operator does not care for what is old. */
            observe_change(row->name, str_eq(row->name, "delete"));
        }
        if (row->changes && !live) {
            observe_violation("%s in a dry run", row->name);
        }
        if (row->logs) {
            world_log("%s %s-%zu", row->name, WORLD_DB, ordinal);
        }
        return row->run(&call);
    }
    observe_violation("a command that the script does not know: %s", argv[4]);
    return 1;
}

/* Postgres with volumes. */
static const struct servers servers_postgres = {
    .engine = "postgres",
    .start = postgres_start,
    .stop = postgres_stop,
    .pass = volume_pass,
    .statements = postgres_statements,
    .gone = "psql: error: connection to server failed: Connection refused\n",
};

#endif
