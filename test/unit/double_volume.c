#include "double_volume.h"

static void
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

static int
volume_hold(const struct volume_call *c)
{
    c->v->role = c->v->role == ROLE_PRESENT ? ROLE_HELD : c->v->role;
    return 0;
}

static int
volume_release(const struct volume_call *c)
{
    c->v->role = c->v->role == ROLE_HELD ? ROLE_PRESENT : c->v->role;
    return 0;
}

static int
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

static int
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

static int
volume_start(const struct volume_call *c)
{
    if (!volume_is_swapped(c)) {
        return volume_refuse(c, "the new cluster is not in its place");
    }
    c->v->started = true;
    return 0;
}

static int
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

static int
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

static int
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
static int
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

static int
volume_schema(const struct volume_call *c)
{
    return buf_puts(c->out, "superuser\tpostgres\n#SCHEMA\nCREATE TABLE t ();\n");
}

static int
volume_layout(const struct volume_call *c)
{
    return world.layout != NULL ? buf_puts(c->out, world.layout) : 0;
}

/* Extensions, collations, settings: told once, where extensions are asked for. */
static int
volume_cares(const struct volume_call *c)
{
    return world.cares != NULL ? buf_puts(c->out, world.cares) : 0;
}

static int
volume_lacks(const struct volume_call *c)
{
    if (c->v->kept && !c->v->analyzed) {
        return buf_puts(c->out, "missing\t[\"statistics\", \"\", \"all tables\", "
                                "\"they were not collected\"]\n");
    }
    return world.lacks != NULL ? buf_puts(c->out, world.lacks) : 0;
}

/* The user's own command. */
static int
volume_after(const struct volume_call *c)
{
    (void)!buf_puts(c->out, "first\nstanza upgraded\n");
    return world.after_fails ? 25 : 0;
}

static int
volume_silent(const struct volume_call *c)
{
    return (void)c, 0;
}

static const struct volume_command {
    const char *name;
    int (*run)(const struct volume_call *c);
    bool changes;
    bool logs;   /* jobs say themselves when they start */
    bool silent; /* of what changes: does not answer with the state */
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
    { "rebuild", volume_rebuild, true, true, true },
    { "tidy", volume_tidy, true, true },
    { "delete", volume_delete, true, true, true },
    { "kept", volume_kept, false, false },
    { "layout", volume_layout, false, false },
    { "schema", volume_schema, false, false },
    { "extensions", volume_cares, false, false },
    { "collations", volume_silent, false, false },
    { "settings", volume_silent, false, false },
    { "complete", volume_lacks, false, false },
    { "after", volume_after, true, true, true },
    { 0 },
};

/* argv: sh -c EVAL dbupgrade COMMAND FROM TO [ARG...]. */
static struct volume_call
volume_read(size_t ordinal, const char *const *argv, struct buf *out)
{
    struct server *s = &world.servers[ordinal];

    return (struct volume_call){ .ordinal = ordinal,
                                 .s = s,
                                 .v = &s->volume,
                                 .from = (int)strtol(argv[5], NULL, 10),
                                 .to = (int)strtol(argv[6], NULL, 10),
                                 .arg = argv[7] != NULL ? argv[7] : "",
                                 .out = out };
}

int
volume_answer(size_t ordinal, const char *const *argv, bool live, struct buf *out)
{
    const struct volume_call call = volume_read(ordinal, argv, out);
    int code = 0;

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
            world_log("%s %s", row->name, world_name(ordinal));
        }
        code = row->run(&call);
        return code != 0 || !row->changes || row->silent ? code : volume_state(&call);
    }
    observe_violation("a command that the script does not know: %s", argv[4]);
    return 1;
}

void
volume_tell(size_t ordinal, const char *const *argv, struct buf *out)
{
    const struct volume_call call = volume_read(ordinal, argv, out);

    (void)volume_state(&call);
}

const struct servers servers_postgres = {
    .engine = "postgres",
    .start = postgres_start,
    .stop = postgres_stop,
    .pass = volume_pass,
    .statements = postgres_statements,
    .gone = "psql: error: connection to server failed: Connection refused\n",
};
